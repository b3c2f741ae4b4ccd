"""What the policy makes of each message, worked out once: where it is filed and what it asks rest on one answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import starmap

from priority.policy import Policy
from priority.triage import Decision, TicketFacts, decide_all
from tickets.models import ChannelAccount, Contact, LanguageSource, Message, Visibility
from tickets.services.opt_out import wish_of

#: Under which name of `Message.asked` the key of a category stands.
CHOSEN = "category"


@dataclass(frozen=True, slots=True)
class Words:
    """A message's words as they stand (`said`), with what triage asks of them. contact_id: of the person who says them.
    account_id: where they were said; None: the judge's own account. chosen: the category that they chose."""

    external_id: str
    version_id: str
    body: str
    language: str
    addressed: bool
    private: bool
    sent_at: datetime
    contact_id: int
    account_id: int | None = None
    chosen: str = ""


@dataclass(slots=True)
class Judge:
    """For one account and policy; what was said to another account, on a ticket that was joined, is judged as there.
    `languages`: what these contacts said, or an agent set; a guess is no fact, and would depend on what came first."""

    account: ChannelAccount
    policy: Policy
    _languages: dict[int, str] = field(default_factory=dict)
    _chosen: dict[int, str] = field(default_factory=dict)
    _asked: set[int] = field(default_factory=set)
    _made: dict[tuple[int, str, str, bool], Decision] = field(default_factory=dict)
    _others: dict[int, ChannelAccount] = field(default_factory=dict)

    def know(self, contact_ids: Iterable[int], *, strangers: Iterable[int] = ()) -> None:
        """Read the languages of those that were not asked about yet; of `strangers` nothing is known."""
        self._asked.update(strangers)
        new = set(contact_ids) - self._asked
        if not new:
            return
        self._asked |= new
        known = Contact.objects.filter(
            pk__in=new, language_source__in=[LanguageSource.SAID, LanguageSource.SET]
        )
        for pk, language, source in known.values_list("pk", "language", "language_source"):
            self._languages[pk] = language
            if source == LanguageSource.SET:
                self._chosen[pk] = language

    def beside(self, accounts: Mapping[int, ChannelAccount], knows: Judge) -> None:
        """Another policy's judge of the same words: what `knows` was told of their callers, and these accounts."""
        self._languages, self._chosen, self._asked = knows._languages, knows._chosen, knows._asked
        self._others |= accounts

    def chosen(self, contact_id: int) -> str:
        """The language in which an agent said that this person is written to; "" where nobody did."""
        return self._chosen.get(contact_id, "")

    def of(self, words: Words) -> Decision:
        key = self._key(words)
        decision = self._made.get(key)
        if decision is None:
            [decision] = decide_all(self.policy, [self._facts(words)])
            self._made[key] = decision
        return decision

    def of_message(self, message: Message, contact_id: int) -> Decision:
        return self.of(_words(message, contact_id))

    def read(self, messages: Iterable[tuple[Message, int]]) -> None:
        """Decide all of these, each with its contact's id, at once: for less than one by one."""
        new = {self._key(words): words for words in starmap(_words, messages)}
        new = {key: words for key, words in new.items() if key not in self._made}
        decisions = decide_all(self.policy, [self._facts(words) for words in new.values()])
        self._made.update(zip(new, decisions, strict=True))

    def _key(self, words: Words) -> tuple[int, str, str, bool]:
        return (words.account_id or self.account.pk, words.external_id, words.version_id, words.addressed)

    def _account(self, account_id: int | None) -> ChannelAccount:
        if account_id is None or account_id == self.account.pk:
            return self.account
        if account_id not in self._others:
            self._others[account_id] = ChannelAccount.objects.get(pk=account_id)
        return self._others[account_id]

    def _facts(self, words: Words) -> TicketFacts:
        account = self._account(words.account_id)
        return TicketFacts(
            text=words.body,
            language=None,
            network_language=words.language or None,
            account_language=account.language,
            caller_language=self._languages.get(words.contact_id),
            addressed=words.addressed,
            private=words.private,
            acknowledge=account.acknowledge,  # type: ignore[arg-type]  # a TextChoices value is its str
            channel=account.channel,
            at=words.sent_at,
            chosen=words.chosen,
        )


def _words(message: Message, contact_id: int) -> Words:
    return Words(
        message.external_id,
        message.version_id,
        said(message.subject, message.body),
        message.language,
        message.addressed,
        message.visibility == Visibility.PRIVATE,
        message.sent_at,
        contact_id,
        message.account_id,
        str(message.asked.get(CHOSEN, "")),
    )


#: An answer's subject is that of what it answers, in the programs of the languages that people here write.
_ANSWERS = re.compile(
    r"\s*(?:re|antw|antwoord|aw|sv|vs|r|rif|odp|res|ynt|回复|答复)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]",
    re.IGNORECASE,
)


def said(subject: str, body: str) -> str:
    """What triage reads of a message: its subject belongs to its words, unless it only repeats that of another, whose
    words triage has read already. Else each thanks would ask again for what it thanks for."""
    return body if not subject or _ANSWERS.match(subject) else f"{subject}\n{body}"


def counts(addressed: bool, decision: Decision) -> bool:
    """Whether it is said to us, or asks for something where it only stands near us."""
    return addressed or decision.recognised


def wakes(body: str, addressed: bool, decision: Decision, *, asked: bool = False, subject: str = "") -> bool:
    """Whether a word of a caller on a ticket that is there already starts or opens anything.

    Not thanks, praise or a lone emoji, and not a wish about automatic messages. `asked`: we wait for their answer,
    which may stand beside the thanks.
    """
    if not counts(addressed, decision) or wish_of(body, subject) is not None:
        return False
    return not (decision.bare if asked else decision.quiet)
