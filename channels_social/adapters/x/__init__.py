"""X: mentions, replies and quotes of one account, by webhook and by polling; answers in the thread."""

from channels_social.adapters.x.channel import XChannel

__all__ = ["XChannel"]
