"""Facebook: one Page, its public posts and comments and its Messenger inbox, by webhook and by polling."""

from channels_social.adapters.facebook.channel import FacebookChannel

__all__ = ["FacebookChannel"]
