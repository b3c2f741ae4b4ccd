"""The telephone: nothing arrives and nothing leaves by itself. A colleague notes what was said to them, and says our
words aloud; a message that a person let go is the record that they said it."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
from channels_social.net import Net
from tickets.contract import Capabilities, MayReply, OutboundMessage, Parsed, Permanent, Receipt

BY_VOICE = "by_voice"
WORDS = {
    BY_VOICE: {
        "en": "Nobody is telephoned by a machine: an agent says it, and notes that they did.",
        "nl": "Niemand wordt door een machine gebeld: een medewerker zegt het, en noteert dat.",
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
    )

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
        """A person let it go: they have said it."""
        if message.automatic:
            raise Permanent(BY_VOICE, "not said by anybody")
        return Receipt(f"said:{message.idempotency_key}")

    def may_reply(self, message: OutboundMessage) -> MayReply:
        if message.automatic:
            return MayReply(False, BY_VOICE)
        return message.reply_rule

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        words = WORDS.get(rule, {})
        return words.get(language) or words.get("en", "")
