"""The telephone: nothing arrives and nothing leaves by itself. A colleague notes what was said to them, and says our
words aloud; a message that a person let go is the record that they said it. Who tells an address has the link to their
page by mail, through a mailbox of ours, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy

from channels_social.adapter import (
    AppView,
    BadSignature,
    Candidate,
    Channel,
    ConnectFailed,
    FormField,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.adapters.email.addresses import is_address
from channels_social.net import Net
from tickets.contract import (
    Capabilities,
    MayReply,
    NotSent,
    OutboundMessage,
    Parsed,
    Permanent,
    Reauthorise,
    Receipt,
    claim_of,
)

BY_VOICE, NO_MAILBOX = "by_voice", "no_mailbox"
#: As a mailbox knows whoever writes from an address.
_CLAIMED_KIND = "email"
WORDS = {
    BY_VOICE: {
        "en": "Nobody is telephoned by a machine: an agent says it, and notes that they did.",
        "nl": "Niemand wordt door een machine gebeld: een medewerker zegt het, en noteert dat.",
    },
    NO_MAILBOX: {
        "en": "No mailbox sends for this number, so the link to their page cannot go by mail. Connect it again and "
        "name one.",
        "nl": "Geen mailbox verstuurt voor dit nummer, dus de link naar hun pagina kan niet per mail weg. Koppel het "
        "opnieuw en noem er een.",
    },
    "number": {
        "en": "Give the number that people call, with its area code: 5 to 15 digits.",
        "nl": "Geef het nummer dat mensen bellen, met netnummer: 5 tot 15 cijfers.",
    },
}
_DIGITS = re.compile(r"\+?[0-9]{5,15}")


def digits(number: str) -> str:
    """A number as it is dialled: a plus at most, and digits."""
    plain = "".join(each for each in number if each.isascii() and (each.isdigit() or each == "+"))
    return ("+" if plain.startswith("+") else "") + plain.replace("+", "")


def address_of(recipient: str) -> str:
    """Behind whom it is for, where they told one."""
    return recipient.partition("#")[2]


def claim_told(address: str) -> str:
    return claim_of(_CLAIMED_KIND, "", address.lower()) if is_address(address) else ""


class Phone(Channel):
    slug: ClassVar[str] = "phone"
    label: ClassVar[str | LazyText] = gettext_lazy("Telephone")
    capabilities: ClassVar[Capabilities] = Capabilities(
        manner="conversational",
        public=False,
        private=True,
        max_length=None,
        idempotent_send=True,
        spoken=True,
    )
    account_fields: ClassVar[tuple[FormField, ...]] = (
        FormField("number", gettext_lazy("The number that people call")),
        FormField("name", gettext_lazy("What it is called"), required=False),
        FormField(
            "through",
            gettext_lazy(
                "Address of the mailbox that sends the link to their page to callers who tell an address"
            ),
            required=False,
        ),
    )
    sends_through: ClassVar[tuple[str, ...]] = ("email",)
    told_claim: ClassVar[Callable[[str], str]] = staticmethod(claim_told)

    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        raise BadSignature("the telephone has no webhook")

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        return []

    @classmethod
    def connect_fields(cls, app: AppView, net: Net, given: Mapping[str, str]) -> list[Candidate]:
        number = digits(given.get("number", ""))
        if not _DIGITS.fullmatch(number):
            raise ConnectFailed("number")
        return [Candidate(number, given.get("name", "").strip() or number, number, {})]

    def parse(self, event: RawEvent) -> list[Parsed]:
        raise UnknownEvent(f"the telephone sends nothing, and so no {event.kind!r}")

    def send(self, message: OutboundMessage) -> Receipt:
        """A person let it go: they have said it. What is written goes by mail; what its mailbox may not do keeps nobody
        from saying anything."""
        if message.written:
            return self._mail(message)
        if message.automatic:
            raise Permanent(BY_VOICE, "not said by anybody")
        return Receipt(f"said:{message.idempotency_key}")

    def _mail(self, message: OutboundMessage) -> Receipt:
        if self.through is None:
            raise NotSent("no mailbox of ours sends for this number", code=NO_MAILBOX)
        try:
            return self.through.send(replace(message, recipient=address_of(message.recipient)))
        except Reauthorise as trouble:
            raise NotSent(trouble.words, code=NO_MAILBOX) from trouble
        except NotSent as trouble:
            raise NotSent(trouble.words, retry_after=trouble.retry_after, code=trouble.code) from trouble

    def may_reply(self, message: OutboundMessage) -> MayReply:
        if message.written:
            if self.through is None:
                return MayReply(False, NO_MAILBOX)
            return self.through.may_reply(replace(message, recipient=address_of(message.recipient)))
        if message.automatic:
            return MayReply(False, BY_VOICE)
        return message.reply_rule

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        words = WORDS.get(rule, {})
        return words.get(language) or words.get("en", "")
