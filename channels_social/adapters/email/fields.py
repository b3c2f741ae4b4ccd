"""What a manager fills in for a mailbox, and what they set at a provider of mail, with its own words for it."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from channels_social.adapter import FormField, HandedOut

_SECURITY = (
    ("tls", _("TLS from the first word, as is usual")),
    ("starttls", _("STARTTLS")),
    ("none", _("None: only within a network of your own")),
)
#: What stands below each mail's words, by the language that it is written in.
SIGNATURE = "signature_"
_SIGNATURES = {"en": _("Signature below mails in English"), "nl": _("Signature below mails in Dutch")}
ACCOUNT_FIELDS: tuple[FormField, ...] = (
    FormField("address", _("Address")),
    FormField("sender_name", _("Name that people read beside it"), required=False),
    FormField(
        "aliases",
        _("Other addresses that reach this mailbox"),
        required=False,
        lines=True,
        help=_("One on each line. Mail from one of them is never taken for a caller’s."),
    ),
    FormField("imap_host", _("Server for reading (IMAP)")),
    FormField("imap_port", _("Its port, where it is not the usual one"), required=False),
    FormField("imap_security", _("Security for reading"), required=False, choices=_SECURITY),
    FormField("user", _("User, where it is not the address"), required=False),
    FormField("password", _("Password"), secret=True, required=False),
    FormField(
        "begin_with",
        _("Which mails of before are read"),
        required=False,
        choices=(
            ("unread", _("Those that nobody has read")),
            ("all", _("All")),
            ("new", _("None: only what comes from now on")),
        ),
    ),
    FormField(
        "provider",
        _("How mail is sent"),
        required=False,
        choices=(("", _("By a server of your own (SMTP)")), ("mailgun", "Mailgun"), ("postmark", "Postmark")),
    ),
    FormField("smtp_host", _("Server for sending (SMTP)"), required=False),
    FormField("smtp_port", _("Port for sending, where it is not the usual one"), required=False),
    FormField("smtp_security", _("Security for sending"), required=False, choices=_SECURITY),
    FormField("smtp_user", _("User for sending, where it is another; - for none"), required=False),
    FormField("smtp_password", _("Password for sending, where it is another"), secret=True, required=False),
    FormField("provider_key", _("The provider’s API key"), secret=True, required=False),
    FormField("provider_url", _("The provider’s address, where it is another region’s"), required=False),
    FormField(
        "sent_copy",
        _("Who puts what was sent into the mailbox"),
        required=False,
        choices=(("none", _("Nobody")), ("server", _("The server, by itself")), ("desk", _("The desk"))),
        help=_(
            "Where the server does, the desk can look there whether a mail of which it is not certain was sent."
        ),
    ),
    FormField(
        "plus_addresses",
        _("Does mail to address+something arrive, too?"),
        required=False,
        choices=(("yes", _("Yes")), ("no", _("No"))),
        help=_("Then each answer is known by its address. Try it with a mail from outside."),
    ),
    *(
        FormField(
            f"{SIGNATURE}{code}",
            _SIGNATURES.get(code, code.upper()),
            required=False,
            lines=True,
            help=_("Below the words and the sign-off, in each mail to a caller."),
        )
        for code, _name in settings.LANGUAGES
    ),
    FormField(
        "folder",
        _("Folder that is read"),
        required=False,
        later=True,
        choices=(("", _("INBOX, as is usual")),),
    ),
    FormField(
        "done_folder",
        _("Where mails are moved once they are read"),
        required=False,
        later=True,
        choices=(("", _("Nowhere: they stay, marked as read")),),
    ),
    FormField(
        "sent_folder",
        _("Folder of what was sent"),
        required=False,
        later=True,
        choices=(("", _("The one that the server names")),),
    ),
)
#: Those that are chosen of what there is.
FOLDERS = ("folder", "done_folder", "sent_folder")


def by_hand(address: str) -> Sequence[HandedOut]:
    """address: of our webhook. Sources as in hooks.py."""
    scheme, _sep, rest = address.partition("://")
    with_login = f"{scheme}://user:password@{rest}"
    return (
        HandedOut(
            _("Mailgun, mail that comes in: Receiving, Create route, “Forward”"),
            f"{address}?mime",
            _(
                "Match the recipient of this mailbox. The address must end in ?mime: then mails come as they were "
                "written. The signing key stands under Settings, “API security”, as “HTTP webhook signing key”."
            ),
        ),
        HandedOut(
            _("Mailgun, what became of mails: Sending, Webhooks"),
            address,
            _("For delivered messages, permanent failure, temporary failure and spam complaints."),
        ),
        HandedOut(
            _("Postmark, mail that comes in: the inbound stream’s Settings, “Webhook”"),
            with_login,
            _(
                "In place of user:password write what you store here as user:password. Switch on “Include raw email "
                "content in JSON payload”."
            ),
        ),
        HandedOut(
            _("Postmark, what became of mails: the sending stream’s Webhooks"),
            with_login,
            _("For delivery, bounce and spam complaint, with the same user:password."),
        ),
    )
