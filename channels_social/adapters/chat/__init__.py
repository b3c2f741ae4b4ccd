"""A chat in a window of this desk's own, shown on sites that allow it. channel.py is where to begin."""

from channels_social.adapters.chat.channel import Chat

__all__ = ["Chat"]
