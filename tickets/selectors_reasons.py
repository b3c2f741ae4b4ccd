"""The managers' list of why no reply is needed, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tickets.models import NoReplyReason


@dataclass(frozen=True, slots=True)
class NoReply:
    """The list as it is now: rows in order, those that are offered no more behind the others. One query."""

    rows: Sequence[NoReplyReason]

    @property
    def offered(self) -> list[NoReplyReason]:
        return [row for row in self.rows if row.is_active]

    @property
    def taken_out(self) -> list[NoReplyReason]:
        return [row for row in self.rows if not row.is_active]

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """key → language → words, also of those that are offered no more: tickets keep them."""
        return {row.key: row.names for row in self.rows}


def no_reply_reasons() -> NoReply:
    return NoReply(list(NoReplyReason.objects.order_by("-is_active", "position", "pk")))
