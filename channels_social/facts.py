"""What the core may ask of an account's channel, answered by its adapter; handed down when this floor
starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from channels_social.adapter import Channel
from channels_social.connections import adapter_for, connection_of
from tickets.contract import Visibility


@dataclass(frozen=True, slots=True)
class AdapterFacts:
    """`tickets.channels.ChannelFacts` of one adapter."""

    adapter: Channel

    def limit(self, visibility: Visibility) -> int | None:
        return self.adapter.length_limit(visibility)

    @property
    def splits(self) -> bool:
        return self.adapter.capabilities.splits

    def length(self, text: str) -> int:
        return self.adapter.length(text)

    def split(self, text: str, limit: int) -> Sequence[str]:
        return self.adapter.split_text(text, limit)

    def rule_words(self, rule: str, language: str) -> str:
        return self.adapter.rule_words(rule, language)


def facts(account_id: int) -> AdapterFacts:
    """Raises ChannelConnection.DoesNotExist, UnknownChannel."""
    return AdapterFacts(adapter_for(connection_of(account_id)))
