"""Mail as a channel: one mailbox is one account. What is decided where: reading.py and its neighbours (what a mail
says), inbound.py (what becomes of it), mailbox.py, imap.py, standing.py (the mailbox), hooks.py (providers' webhooks),
compose.py, letter.py (a mail of ours), smtp.py, signing.py (handing it over, and what answers mean), sent.py (what was
sent), trial.py (trying it out), oauth.py (keys that renew themselves), place.py (settings), keys.py, words.py."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import BinaryIO, ClassVar

from channels_social.adapter import (
    AppView,
    Candidate,
    Channel,
    Checked,
    ConnectFailed,
    FormField,
    GoThere,
    HandedOut,
    RawEvent,
    WebhookRequest,
)
from channels_social.adapters.email import (
    compose,
    fields,
    hooks,
    hooks_told,
    imap,
    inbound,
    oauth,
    place,
    provider,
    sent,
    signing,
    smtp,
    standing,
    trial,
    words,
)
from channels_social.adapters.email.keys import token_secrets
from channels_social.adapters.email.mailbox import Trouble
from channels_social.adapters.email.page import page_of
from channels_social.adapters.email.place import BadSettings
from channels_social.adapters.email.reading import Desk
from channels_social.adapters.email.thread import plain_address
from channels_social.net import Net
from tickets.contract import (
    CannotTell,
    Capabilities,
    FindResult,
    MayReply,
    NotSent,
    OutboundMessage,
    Parsed,
    Permanent,
    Receipt,
    SendOutcome,
)


def _clock() -> datetime:
    return datetime.now(UTC)


class Email(Channel):
    slug: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    capabilities: ClassVar[Capabilities] = Capabilities(
        manner="letter",
        public=False,
        private=True,
        max_length=None,
        webhooks=True,
        polling=True,
        listening=True,
        attachments=True,
        sends_files=True,
        files_most=10,
        files_most_bytes=20 * 1024 * 1024,
        named=True,
        find_sent_after=timedelta(minutes=2),
    )
    attachments_within: ClassVar[bool] = True
    app_fields: ClassVar[tuple[FormField, ...]] = (*oauth.APP_FIELDS, *hooks.APP_FIELDS)
    sign_in_fields: ClassVar[tuple[str, ...]] = oauth.SIGN_IN_FIELDS
    body_limit: ClassVar[int] = hooks.BODY_LIMIT
    account_fields: ClassVar[tuple[FormField, ...]] = fields.ACCOUNT_FIELDS

    @classmethod
    def warm(cls) -> None:
        for library in ("smtplib", "imaplib", "lxml.html", "mailparser_reply", "msal"):
            importlib.import_module(library)
        hooks.warm()

    # -- connecting
    @classmethod
    def connect_begin(cls, app: AppView, net: Net, callback: str, state: str) -> GoThere:
        return oauth.begin(app, callback, state)

    @classmethod
    def connect_finish(
        cls,
        app: AppView,
        net: Net,
        callback: str,
        query: Mapping[str, str],
        remembered: Mapping[str, str],
    ) -> list[Candidate]:
        return oauth.finish(app, net, callback, query, remembered)

    @classmethod
    def connect_fields(cls, app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
        try:
            address = place.address_of(given, "")
            place.imap_server(given)
            server = None if provider.chosen(given) else place.smtp_server(given)
            place.sent_copy(given)
        except BadSettings as error:
            raise ConnectFailed(error.code, error.words) from error
        credentials = {
            one.name: given[one.name] for one in cls.account_fields if one.secret and given.get(one.name)
        }
        try:
            there = standing.folders(net, given, credentials)
            if server is None:
                provider.checked(given, credentials)
            else:
                signed = signing.sign_in_of(net, server, credentials)
                smtp.look(net, server, address, sign_in=signed)
        except Trouble as trouble:
            raise ConnectFailed(trial.AT_FIRST.get(trouble.code, trouble.code), trouble.said) from trouble
        except SendOutcome as outcome:
            code = trial.code_of(outcome) or "key_refused_out"
            raise ConnectFailed(trial.AT_FIRST.get(code, code), outcome.words) from outcome
        name = compose.one_line(given.get("sender_name", "")) or address
        choices = dict.fromkeys(fields.FOLDERS, there)
        return [Candidate(address.lower(), name, address, credentials, choices=choices)]

    @classmethod
    def by_hand(cls, address: str) -> Sequence[HandedOut]:
        return fields.by_hand(address)

    # -- inbound
    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        hooks.verify(app, request)

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        return hooks.split(request)

    @classmethod
    def also_called(cls, settings: Mapping[str, str]) -> frozenset[str]:
        own = (settings.get("address", ""), *settings.get("aliases", "").replace(",", " ").split())
        return frozenset(plain_address(one.strip()) for one in own if "@" in one)

    def parse(self, event: RawEvent) -> list[Parsed]:
        if event.kind == hooks_told.TOLD:
            return hooks_told.parse(event)
        return inbound.parse(event, self._desk)

    @classmethod
    def page_of(cls, original: bytes) -> str:
        return page_of(original)

    @cached_property
    def _desk(self) -> Desk:
        own = {*self.also_called(self.account.settings), plain_address(self.account.external_id)}
        return Desk(frozenset(own), token_secrets())

    def attachment_within(self, event: RawEvent, url: str, into: BinaryIO, most: int) -> None:
        inbound.attachment_write(event, url, into, most)

    def poll(self, cursor: Mapping[str, str]) -> tuple[list[RawEvent], dict[str, str], bool]:
        return imap.poll(self.net, self.account, cursor, now=_clock())

    def listen(self, stop: Callable[[], bool], news: Callable[[], None]) -> None:
        standing.listen(self.net, self.account, stop, news)

    def check(self) -> Checked:
        return standing.check(self.net, self.account)

    def try_out(self, text: str) -> None:
        message = trial.mail_to_self(self.account, self._sender().address, text)
        try:
            receipt = self.send(message)
        except SendOutcome as outcome:
            said = self.rule_words(trial.code_of(outcome), self.account.language)
            raise trial.failed(outcome, said) from outcome
        trial.fetched_back(self.net, self.account, receipt.external_id)

    @classmethod
    def try_out_words(cls, language: str) -> str:
        return trial.WORDS.get(language, trial.WORDS["en"])

    def cursor_at(self, moment: datetime) -> dict[str, str]:
        return imap.cursor_at(moment)

    # -- outbound
    def send(self, message: OutboundMessage) -> Receipt:
        recipient = compose.recipient_checked(message.recipient)
        if not recipient:
            raise Permanent("no_address", f"{message.recipient[:80]!r} is no address")
        settings = self.account.settings
        try:
            server = None if provider.chosen(settings) else place.smtp_server(settings)
            kept = place.sent_copy(settings)
            mail = compose.compose(message, self._sender(), recipient=recipient, now=_clock())
        except BadSettings as error:
            raise NotSent(error.words, whole_account=True, code=error.code) from error
        if server is None:
            provider.send(self.net, settings, mail, account=self.account.external_id)
        else:
            smtp.send(self.net, server, mail, sign_in=signing.sign_in_of(self.net, server))
        if kept == "desk":
            sent.keep(self.net, self.account, mail, now=_clock())
        return Receipt(mail.message_id)

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:  # noqa: ARG002 - its id says all
        by_server = self.find_sent_delay() is not None
        try:
            name = compose.message_id_of(message, self._sender())
            return sent.find(self.net, self.account, name, by_server=by_server)
        except BadSettings as error:
            return CannotTell(error.words)

    def find_sent_delay(self) -> timedelta | None:
        settings = self.account.settings
        by_server = settings.get("sent_copy", "").strip() == "server" and not provider.chosen(settings)
        return self.capabilities.find_sent_after if by_server else None

    def may_reply(self, message: OutboundMessage) -> MayReply:
        if not compose.recipient_checked(message.recipient):
            return MayReply(False, "no_address")
        return message.reply_rule

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        return words.rule_words(rule, language)

    def _sender(self) -> compose.Sender:
        settings = self.account.settings
        return compose.Sender(
            address=place.address_of(settings, self.account.external_id),
            name=settings.get("sender_name", "") or self.account.name,
            secret=token_secrets()[0],
            plus=place.plus_addresses(settings),
            signatures={
                name.removeprefix(fields.SIGNATURE): value
                for name, value in settings.items()
                if name.startswith(fields.SIGNATURE)
            },
        )
