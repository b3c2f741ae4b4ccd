"""What the core may ask of an account's channel, answered by its adapter; handed down when this floor
starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from channels_social import registry
from channels_social.adapter import Channel
from channels_social.connections import adapter_for, connection_of
from channels_social.models import ChannelConnection
from tickets.channels import ChannelKind
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


@dataclass(frozen=True, slots=True)
class KindFacts:
    """`tickets.channels.ChannelFacts` of a channel, as it is where an account has no limits of its own."""

    kind: type[Channel]

    def limit(self, visibility: Visibility) -> int | None:
        stated = self.kind.capabilities
        private = stated.max_length_private if visibility == "private" else None
        return stated.max_length if private is None else private

    @property
    def splits(self) -> bool:
        return self.kind.capabilities.splits

    def length(self, text: str) -> int:
        return self.kind.length(text)

    def split(self, text: str, limit: int) -> Sequence[str]:
        return self.kind.split_text(text, limit)

    def rule_words(self, rule: str, language: str) -> str:
        return self.kind.rule_words(rule, language)


class Facts:
    """`tickets.channels.Above`."""

    def find(self, account_id: int) -> AdapterFacts:
        """Raises ChannelConnection.DoesNotExist, UnknownChannel."""
        return AdapterFacts(adapter_for(connection_of(account_id)))

    def find_all(self, account_ids: Collection[int]) -> Mapping[int, AdapterFacts]:
        """Those that are connected to a channel that the desk knows."""
        known = registry.channels()
        found = ChannelConnection.objects.select_related("account", "app").filter(account_id__in=account_ids)
        return {
            each.account_id: AdapterFacts(adapter_for(each))
            for each in found
            if each.account.channel in known
        }

    def page_of(self, channel: str, original: bytes) -> str:
        kind = registry.channels().get(channel)
        return kind.page_of(original) if kind is not None else ""

    def kinds(self) -> list[ChannelKind]:
        return [
            ChannelKind(
                slug=slug,
                label=str(kind.label),
                manner=kind.capabilities.manner,
                public=kind.capabilities.public,
                private=kind.capabilities.private,
                facts=KindFacts(kind),
            )
            for slug, kind in sorted(registry.channels().items())
        ]
