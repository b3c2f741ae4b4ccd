"""A chat as a channel: one chat is one account, and each visitor's browser one conversation.

What comes in (said.py) is stored by api.py and its neighbours, and read here. What goes out lies ready for the browser
(lines.py), and was sent once that says that it holds it; where somebody left an address and is away, it goes by mail.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import BinaryIO, ClassVar

from django.conf import settings as desk
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

from channels_social.adapter import (
    AppView,
    AttachmentGone,
    AttachmentRefused,
    BadContent,
    BadSignature,
    Candidate,
    Channel,
    ConnectFailed,
    FormField,
    HandedOut,
    Hooked,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.adapters.chat import lines, said
from channels_social.adapters.chat.words import BLOCKED, NO_MAILBOX, NO_VISITOR, rule_words
from channels_social.net import Net
from channels_social.own_pages import languages_of, sites_of
from channels_social.visitors import is_here, visitor_address_take_back
from priority.language import guess
from tickets.clock import database_now
from tickets.contract import (
    Author,
    CannotTell,
    Capabilities,
    DeliveryEvent,
    FindResult,
    Found,
    InboundAttachment,
    InboundMessage,
    MayReply,
    NotSent,
    NotThere,
    OutboundMessage,
    Parsed,
    Permanent,
    Reauthorise,
    Receipt,
    claim_of,
)

OPEN = "open"
#: As a mailbox knows whoever writes from an address.
_CLAIMED_KIND = "email"
SECRET_LEAST, SECRETS_MOST = 32, 2
IDENTITY_SECRET = "identity_secret"  # noqa: S105 - the name of a field


class Chat(Channel):
    slug: ClassVar[str] = "chat"
    label: ClassVar[str] = "Chat"
    capabilities: ClassVar[Capabilities] = Capabilities(
        manner="conversational",
        public=False,
        private=True,
        max_length=None,
        attachments=True,
        sends_files=True,
        files_most=5,
        files_most_bytes=20 * 1024 * 1024,
        named=True,
        own_page=True,
        find_sent_after=timedelta(minutes=2),
        acknowledged=True,
        acknowledged_within=timedelta(minutes=2),
        live=True,
    )
    sends_through: ClassVar[tuple[str, ...]] = ("email",)
    attachments_within: ClassVar[bool] = True
    app_fields: ClassVar[tuple[FormField, ...]] = ()
    account_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("name", _("Name above the chat, such as that of your organisation")),
        FormField("sites", _("Sites that show it, such as https://www.example.org; empty: none")),
        FormField(
            "languages",
            _("Languages it is shown in, the usual one first: en nl, nl en, en or nl"),
            required=False,
        ),
        FormField(
            "through",
            _("Address of the mailbox by which those who leave an address hear from you when they are away"),
            required=False,
        ),
        FormField(
            IDENTITY_SECRET,
            _(
                "Secret with which your site signs who its visitors are, at least 32 signs; empty: it does not"
            ),
            secret=True,
            required=False,
        ),
    )

    # -- connecting
    @classmethod
    def connect_fields(cls, app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
        name = " ".join(given["name"].split())[: said.LINE_MOST]
        languages_of(given)
        sites_of(given)
        secret = " ".join(given.get(IDENTITY_SECRET, "").split())
        # Two while it is changed: the site signs with one, then with the other.
        if any(len(each) < SECRET_LEAST for each in secret.split()) or len(secret.split()) > SECRETS_MOST:
            raise ConnectFailed("bad_secret")
        credentials = {IDENTITY_SECRET: secret} if secret else {}
        return [Candidate(given.get("again") or secrets.token_hex(8), name, name, credentials)]

    def subscribe(self, address: str) -> Hooked:  # noqa: ARG002 - nobody sends us anything: it is our own page
        return Hooked()

    def leave(self) -> str:
        return ""

    def hand_out(self) -> Sequence[HandedOut]:
        home = f"{desk.PUBLIC_URL}/chat/{self.account.external_id}"
        language = languages_of(self.account.settings)[0]
        snippet = f'<script src="{escape(home)}/widget.js" data-lang="{language}" async></script>'
        return (
            HandedOut(_("For your own site: the line that shows the chat, before </body>"), snippet),
            HandedOut(_("Its plain page, for browsers without script"), f"{home}/plain/"),
        )

    @classmethod
    def pages(cls) -> list[URLPattern | URLResolver]:
        from channels_social.adapters.chat.api_urls import urlpatterns as api
        from channels_social.adapters.chat.urls import urlpatterns as shown

        return [*shown, *api]

    # -- inbound
    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        raise BadSignature("a chat comes in by its own window")

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        return []

    def parse(self, event: RawEvent) -> list[Parsed]:
        if event.kind == said.KIND_ACK:
            ack = said.read_ack(event.body)
            return [
                DeliveryEvent(said.line_id(ack.visitor, number), "delivered", ack.at) for number in ack.lines
            ]
        if event.kind != said.KIND_WORDS:
            raise UnknownEvent(event.kind)
        words = said.read_words(event.body)
        if not words.text.strip() and not words.files:
            raise BadContent("neither words nor files")
        return [
            InboundMessage(
                external_id=words.message_id,
                thread_key=words.visitor,
                author=self._author(words),
                text=words.text,
                sent_at=words.at,
                visibility="private",
                reply_rule=MayReply(True, OPEN),
                addressed=True,
                version_id=words.message_id,
                language=_language_of(words),
                attachments=tuple(
                    InboundAttachment(
                        external_id=str(number),
                        url=f"file:{number}",
                        content_type=each.content_type,
                        name=each.name,
                        size=each.size,
                    )
                    for number, each in enumerate(words.files, start=1)
                ),
            )
        ]

    def _author(self, words: said.Words) -> Author:
        """Whom the host site's signature names is one person on all their browsers; everybody else is their browser,
        and only says which address is theirs."""
        name = words.name
        if words.proven:
            proven = f"id:{words.proven}"
            return Author(self.slug, proven, scope=self.account.external_id, handle=name, name=name)
        claims = claim_of(_CLAIMED_KIND, "", words.address.lower()) if words.address else ""
        return Author(self.slug, words.visitor, handle=name, name=name, claims=claims)

    def attachment_within(self, event: RawEvent, url: str, into: BinaryIO, most: int) -> None:
        try:
            found = said.read_words(event.body).files[int(url.removeprefix("file:")) - 1]
        except (BadContent, ValueError, IndexError) as error:
            raise AttachmentGone(f"there is no {url[:40]!r} in it") from error
        if found.size > most:
            raise AttachmentRefused("too_large")
        into.write(memoryview(event.body)[found.begins : found.begins + found.size])

    # -- outbound
    def send(self, message: OutboundMessage) -> Receipt:
        visitor = lines.visitor_in(self.account.id, message.thread_key)
        if visitor is None:
            raise Permanent(NO_VISITOR)
        through = self.through if visitor.address else None
        put = lines.line_put(visitor, message, can_mail=through is not None)
        if not put.by_mail or through is None:
            number, arrived = put.line.number, put.line.acked_at is not None
            return Receipt(said.line_id(visitor.external_id, number), told=arrived)
        try:
            receipt = through.send(replace(message, recipient=visitor.address))
        except Permanent as refused:
            if not refused.dead:
                raise
            # Mistyped, most likely: the address is dead, and the chat is not.
            visitor_address_take_back(visitor=visitor, is_dead=True, now=database_now())
            line = lines.line_put(visitor, message, can_mail=False).line
            return Receipt(said.line_id(visitor.external_id, line.number), told=False)
        except Reauthorise as trouble:
            raise NotSent(trouble.words, code=NO_MAILBOX) from trouble
        except NotSent as trouble:
            # What the mailbox may not do concerns no other visitor: they are written to in their own window.
            raise NotSent(trouble.words, retry_after=trouble.retry_after, code=trouble.code) from trouble
        lines.line_mailed(put.line)
        return receipt

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:
        line = lines.line_of(message)
        if line is None:
            return NotThere()
        if line.withdrawn_at is None or line.mailed_at is not None:
            told = line.acked_at is not None or line.mailed_at is not None
            return Found(Receipt(said.line_id(line.visitor.external_id, line.number), told=told))
        if self.through is None or not line.visitor.address:
            return CannotTell(rule_words(NO_MAILBOX, "en"))
        found = self.through.find_sent(replace(message, recipient=line.visitor.address), since)
        if isinstance(found, Found):
            lines.line_mailed(line)
        return found

    def find_sent_delay(self) -> timedelta | None:
        """A line is there or it is not; what may have gone by mail, its mailbox knows later, or never."""
        through = self.through
        return timedelta(0) if through is None else through.find_sent_delay()

    def acknowledged_at(self, message: OutboundMessage) -> datetime | None:
        line = lines.line_of(message)
        return line.acked_at if line is not None and line.withdrawn_at is None else None

    def other_way(self, message: OutboundMessage, *, later: bool = False) -> bool:
        line = lines.line_of(message)
        if line is None or not line.visitor.address or self.through is None:
            return False
        return later or not is_here(line.visitor, database_now())

    def take_back(self, message: OutboundMessage) -> bool:
        return lines.line_withdraw(message, database_now())

    def may_reply(self, message: OutboundMessage) -> MayReply:
        visitor = lines.visitor_in(self.account.id, message.thread_key)
        if visitor is None:
            return MayReply(False, NO_VISITOR)
        return MayReply(False, BLOCKED) if visitor.blocked_at is not None else message.reply_rule

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        return rule_words(rule, language)


def _language_of(words: said.Words) -> str | None:
    """That of the words, where they show one: of the page it is only known in which language it speaks itself."""
    guessed = guess(words.text)
    return guessed[0] if guessed is not None else words.language or None
