"""A form on a page of this desk, or of a site that shows it in a frame. channel.py is where to begin."""

from channels_social.adapters.form.channel import Form

__all__ = ["Form"]
