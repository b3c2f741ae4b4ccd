"""A form as a channel: one form is one account. What stands on its page and what becomes of it is in views.py and
receive.py; submission.py says how it is stored. An answer goes by mail, through a mailbox of ours, to whoever left an
address; who left none has read number and date on the page, with the link to a page of their own, and there it lies."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import BinaryIO, ClassVar

from django.conf import settings as desk
from django.urls import URLPattern, reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from channels_social.adapter import (
    AppView,
    AttachmentGone,
    AttachmentRefused,
    BadContent,
    BadSignature,
    Candidate,
    Channel,
    FormField,
    HandedOut,
    Hooked,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.adapters.form import submission
from channels_social.adapters.form.words import rule_words
from channels_social.net import Net
from channels_social.own_pages import languages_of, sites_of
from tickets.contract import (
    ON_PAGE,
    Author,
    CannotTell,
    Capabilities,
    FindResult,
    Found,
    InboundAttachment,
    InboundMessage,
    MayReply,
    NotSent,
    OutboundMessage,
    Parsed,
    Receipt,
    claim_of,
)

OPEN, NO_ADDRESS, NO_MAILBOX = "open", "no_address", "no_mailbox"
#: As a mailbox knows whoever writes from an address.
_CLAIMED_KIND = "email"


class Form(Channel):
    slug: ClassVar[str] = "form"
    label: ClassVar[str | LazyText] = _("Web form")
    capabilities: ClassVar[Capabilities] = Capabilities(
        manner="letter",
        public=False,
        private=True,
        max_length=None,
        attachments=True,
        sends_files=True,
        files_most=10,
        files_most_bytes=20 * 1024 * 1024,
        named=True,
        own_page=True,
        find_sent_after=timedelta(minutes=2),
        acknowledged=True,
        acknowledged_within=timedelta(hours=1),
    )
    sends_through: ClassVar[tuple[str, ...]] = ("email",)
    attachments_within: ClassVar[bool] = True
    app_fields: ClassVar[tuple[FormField, ...]] = ()
    account_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("name", _("Name above the form, such as that of your organisation")),
        FormField(
            "languages",
            _("Languages it is shown in, the usual one first: en nl, nl en, en or nl"),
            required=False,
        ),
        FormField(
            "through",
            _("Address of the mailbox through which those who leave an address are answered"),
            required=False,
        ),
        FormField(
            "sites",
            _("Sites that may show it in a frame, such as https://www.example.org; empty: none"),
            required=False,
        ),
    )

    # -- connecting
    @classmethod
    def connect_fields(cls, app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
        name = " ".join(given["name"].split())[: submission.LINE_MOST]
        languages_of(given)
        sites_of(given)
        return [Candidate(given.get("again") or secrets.token_hex(8), name, name, {})]

    def subscribe(self, address: str) -> Hooked:  # noqa: ARG002 - nobody sends us anything: it is our own page
        return Hooked()

    def leave(self) -> str:
        return ""

    def hand_out(self) -> Sequence[HandedOut]:
        page = desk.PUBLIC_URL + reverse("form_page", args=[self.account.external_id])
        found = [HandedOut(_("Its page"), page)]
        if sites_of(self.account.settings):
            script = f"{desk.PUBLIC_URL}/{desk.STATIC_URL.strip('/')}/js/form-frame.js"
            with override(languages_of(self.account.settings)[0]):
                words = _now("Report something or ask us")
            snippet = (
                f'<p><a href="{page}" data-desk-form>{words}</a></p>\n<script src="{script}" async></script>'
            )
            found.append(HandedOut(_("For your own site: a link that becomes the form"), snippet))
        return found

    @classmethod
    def pages(cls) -> list[URLPattern]:
        from channels_social.adapters.form.urls import urlpatterns

        return urlpatterns

    # -- inbound
    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        raise BadSignature("a form is sent from its own page")

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        return []

    def parse(self, event: RawEvent) -> list[Parsed]:
        if event.kind != submission.KIND:
            raise UnknownEvent(event.kind)
        sent = submission.read(event.body)
        if not sent.words.strip():
            raise BadContent("a submission without words")
        return [
            InboundMessage(
                external_id=sent.receipt,
                thread_key=sent.receipt,
                author=Author(
                    kind=self.slug,
                    external_id=f"{sent.receipt}#{sent.address}",
                    handle=sent.address,
                    name=sent.name,
                    claims=claim_of(_CLAIMED_KIND, "", sent.address.lower()) if sent.address else "",
                ),
                text=sent.words,
                sent_at=sent.at,
                visibility="private",
                reply_rule=MayReply(True, OPEN) if sent.address else MayReply(True, NO_ADDRESS, lies=True),
                addressed=True,
                version_id=sent.receipt,
                language=sent.language,
                asked=sent.asked,
                attachments=tuple(
                    InboundAttachment(
                        external_id=str(number),
                        url=f"file:{number}",
                        content_type=each.content_type,
                        name=each.name,
                        size=each.size,
                    )
                    for number, each in enumerate(sent.files, start=1)
                ),
            )
        ]

    def attachment_within(self, event: RawEvent, url: str, into: BinaryIO, most: int) -> None:
        try:
            files = submission.read(event.body).files
            found = files[int(url.removeprefix("file:")) - 1]
        except (BadContent, ValueError, IndexError) as error:
            raise AttachmentGone(f"there is no {url[:40]!r} in it") from error
        if found.size > most:
            raise AttachmentRefused("too_large")
        into.write(memoryview(event.body)[found.begins : found.begins + found.size])

    # -- outbound
    def send(self, message: OutboundMessage) -> Receipt:
        address = address_of(message.recipient)
        if not address:
            return _on_page(message)
        if self.through is None:
            raise NotSent("no mailbox of ours sends for this form", whole_account=True, code=NO_MAILBOX)
        return self.through.send(replace(message, recipient=address))

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:
        address = address_of(message.recipient)
        if not address:
            return Found(_on_page(message))
        if self.through is None:
            return CannotTell(rule_words(NO_MAILBOX, "en"))
        return self.through.find_sent(replace(message, recipient=address), since)

    def find_sent_delay(self) -> timedelta | None:
        """What lies on a page lies there; what may have gone by mail, its mailbox knows later, or never."""
        return timedelta(0) if self.through is None else self.through.find_sent_delay()

    def acknowledged_at(self, message: OutboundMessage) -> datetime | None:  # noqa: ARG002 - it is read where it is told
        """Who has it was told with that very look (tickets/services/on_page.py): what still lies there is unread."""
        return None

    def take_back(self, message: OutboundMessage) -> bool:  # noqa: ARG002 - the page shows what the row says lies there
        return True

    def may_reply(self, message: OutboundMessage) -> MayReply:
        address = address_of(message.recipient)
        if not address or self.through is None:
            return message.reply_rule
        return self.through.may_reply(replace(message, recipient=address))

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        return rule_words(rule, language)


def _on_page(message: OutboundMessage) -> Receipt:
    """The page shows it as soon as the row says that it lies there: nothing else is to be done."""
    return Receipt(f"{ON_PAGE}{message.idempotency_key}", told=False)


def address_of(recipient: str) -> str:
    return recipient.partition("#")[2]
