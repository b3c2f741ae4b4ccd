"""E-mail: one mailbox of ours, read by IMAP or a provider's webhook, answered by SMTP or through the provider."""

from channels_social.adapters.email.channel import Email

__all__ = ["Email"]
