"""Everything known about one utterance, merged whatever the order it came in. No query here.

An utterance is the set of its versions and whether it was removed. What is shown is the newest version, or nothing
once it is gone: both are the same for every order of arrival, for a webhook and a poll, and for repeats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tickets.contract import InboundMessage, MessageEdited, MessageRemoved, Parsed
from tickets.models import Message, MessageTombstone, MessageVersion
from tickets.services.asked import asked_stored
from tickets.services.judge import CHOSEN, Words, said

#: As much of whom else it was sent to is kept, each as long as an address may be.
_ALSO_MOST, _NAME_MOST = 100, 320


@dataclass(frozen=True, slots=True)
class Version:
    version_id: str
    order: int
    body: str
    language: str
    edited_at: datetime | None


@dataclass(slots=True, eq=False)
class Merged:
    """One utterance. `base`: its newest `InboundMessage` in this batch; `message`: its row, if there is one.
    `earliest`: the first time any version in this batch gives; an utterance was sent when its first version was.
    `spoken_to`: whether what it hangs below makes it speak to us; None: that says nothing. `machine`: the rule by
    which it is a machine's, '' for a person's."""

    external_id: str
    message: Message | None
    stored: dict[str, Version]
    tombstone: MessageTombstone | None
    base: InboundMessage | None = None
    earliest: datetime | None = None
    versions: dict[str, Version] = field(default_factory=dict)
    removal: MessageRemoved | None = None
    spoken_to: bool | None = None
    machine: str = ""

    @property
    def addressed(self) -> bool:
        if self.spoken_to is not None:
            return self.spoken_to
        if self.base is not None and (self.message is None or self.base.version_id == self.newest.version_id):
            return self.base.addressed
        return self.message is not None and self.message.addressed

    @property
    def thread_key(self) -> str:
        return self.base.thread_key if self.base is not None else ""

    def said_at(self, now: datetime) -> datetime:
        """When its row says that it was sent."""
        times = [now, *(one for one in (self.earliest,) if one is not None)]
        if self.message is not None:
            times.append(self.message.sent_at)
        return min(times)

    def words(self, contact_id: int, now: datetime) -> Words:
        """As triage asks about them."""
        newest = self.newest
        visibility = self.message.visibility if self.message is not None else "public"
        if self.base is not None:
            visibility = self.base.visibility
        return Words(
            external_id=self.external_id,
            version_id=newest.version_id,
            body="" if self.removed else said(self.subject, newest.body),
            language=newest.language,
            addressed=self.addressed,
            private=visibility == "private",
            sent_at=self.said_at(now),
            contact_id=contact_id,
            chosen=str(self.asked.get(CHOSEN, "")),
        )

    @property
    def asked(self) -> Mapping[str, str]:
        """What they filled in beside their words; nothing once these are gone."""
        if self.removed:
            return {}
        if self.base is not None:
            return self.base.asked
        return self.message.asked if self.message is not None else {}

    @property
    def subject(self) -> str:
        if self.base is not None and self.base.subject:
            return clean(self.base.subject)
        return self.message.subject if self.message is not None else ""

    @property
    def newest(self) -> Version:
        return max(self.versions.values(), key=lambda v: (v.order, v.version_id))

    @property
    def removed(self) -> bool:
        return self.removal is not None or self.tombstone is not None

    @property
    def removed_now(self) -> bool:
        return self.removal is not None and self.tombstone is None

    @property
    def removed_at(self) -> datetime | None:
        if self.tombstone is not None:
            return self.tombstone.removed_at
        return self.removal.removed_at if self.removal else None

    @property
    def removed_rule(self) -> str:
        if self.tombstone is not None:
            return self.tombstone.rule
        return self.removal.rule if self.removal else ""

    @property
    def changes(self) -> bool:
        """Whether the row that is there must be written again."""
        if self.message is None:
            return False
        if self.said_anew:
            return True
        if self.spoken_to is not None and self.spoken_to != self.message.addressed:
            return True
        return self.earliest is not None and self.earliest < self.message.sent_at

    @property
    def said_anew(self) -> bool:
        """Whether its words are others than its row shows, or are gone."""
        return self.message is not None and (
            self.removed_now or self.newest.version_id != self.message.version_id
        )

    def outcome(self, item: Parsed) -> str:
        """What came of one item of the batch, as the event keeps it."""
        if isinstance(item, MessageRemoved):
            return "tombstone" if self.tombstone is None else "duplicate"
        version_id = getattr(item, "version_id", "")
        if version_id in self.stored or (self.message is not None and self.message.version_id == version_id):
            return "duplicate"
        if isinstance(item, InboundMessage) and self.message is None and not self.stored:
            return "message"
        return "version"

    def write_to(self, message: Message) -> None:
        newest = self.newest
        message.version_id = newest.version_id
        message.version_order = newest.order
        message.edited_at = newest.edited_at
        message.language = newest.language
        message.body = newest.body
        message.removed_at = self.removed_at
        message.removed_rule = self.removed_rule
        if self.earliest is not None:
            message.sent_at = min(message.sent_at, self.earliest)
        message.addressed = self.addressed
        message.asked = asked_stored(self.asked)
        if self.removed:
            message.empty()
        elif self.base is not None and (self.base.subject or self.base.names):
            message.subject = clean(self.base.subject)
            message.full_text = clean(self.base.full_text) if self.base.full_text != self.base.text else ""
            message.also_to = [clean(one)[:_NAME_MOST] for one in self.base.also_to[:_ALSO_MOST]]
            message.written_first_by = clean(self.base.written_first_by)[:_NAME_MOST]
        if self.machine:
            message.machine_rule = self.machine

    def versions_to_store(self) -> list[Version]:
        """Versions that have no row yet. A message that was never edited needs none: it is its own version."""
        if (
            len(self.versions) == 1
            and not self.stored
            and (self.base is not None or self.message is not None)
        ):
            return []
        return sorted(
            (v for v in self.versions.values() if v.version_id not in self.stored),
            key=lambda v: v.version_id,
        )


def merge(
    parsed: Sequence[Parsed],
    known: Mapping[str, Message],
    versions: Mapping[str, Sequence[MessageVersion]],
    tombstones: Mapping[str, MessageTombstone],
) -> dict[str, Merged]:
    """By external id, in order of external id (rows are written in one order by every worker)."""
    merged: dict[str, Merged] = {}
    for item in parsed:
        if not isinstance(item, InboundMessage | MessageEdited | MessageRemoved):
            continue
        external_id = item.external_id
        one = merged.get(external_id)
        if one is None:
            message = known.get(external_id)
            stored = {
                row.version_id: Version(
                    row.version_id,
                    row.version_order,
                    row.body,
                    row.language,
                    row.edited_at,
                )
                for row in versions.get(external_id, ())
            }
            one = merged[external_id] = Merged(external_id, message, stored, tombstones.get(external_id))
            one.versions.update(stored)
            if message is not None and message.version_id not in one.versions:
                one.versions[message.version_id] = version_of(message)
        if isinstance(item, MessageRemoved):
            if one.removal is None or item.removed_at < one.removal.removed_at:
                one.removal = item
            continue
        edited_at = item.edited_at
        if isinstance(item, InboundMessage):
            one.earliest = item.sent_at if one.earliest is None else min(one.earliest, item.sent_at)
        one.versions.setdefault(
            item.version_id,
            Version(
                item.version_id,
                item.version_order,
                clean(item.text),
                item.language or "",
                edited_at,
            ),
        )
        if isinstance(item, InboundMessage) and (
            one.base is None or item.version_order > one.base.version_order
        ):
            one.base = item
    return dict(sorted(merged.items()))


def version_of(message: Message) -> Version:
    """The version that a row shows."""
    return Version(
        message.version_id, message.version_order, message.body, message.language, message.edited_at
    )


def stored(message: Message) -> Merged:
    """An utterance of which nothing new was said, but whose meaning may change."""
    gone = None
    if message.removed_at is not None:
        gone = MessageTombstone(
            account_id=message.account_id,
            external_id=message.external_id,
            removed_at=message.removed_at,
            rule=message.removed_rule,
        )
    one = Merged(message.external_id, message, {}, gone)
    one.versions[message.version_id] = version_of(message)
    return one


def clean(text: str) -> str:
    """PostgreSQL stores no NUL; everything else stays as it was said."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
