"""What a page says of a channel: its label and its rules, which only the adapter can put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.utils.translation import get_language

from accounts.access import may_set_policy
from accounts.models import User
from channels_social.models import Visitor
from channels_social.registry import UnknownChannel, channel
from channels_social.selectors import quarantine_count
from channels_social.visitors import is_here, visitors_of
from tickets.clock import database_now
from tickets.models import ChannelAccount
from tickets.selectors_accounts import Stop, stops_shown
from tickets.selectors_talk import Thread
from tickets.tokens import token

register = template.Library()


@register.simple_tag
def channel_label(slug: str) -> str:
    """The network's name; the slug itself where its adapter is no longer installed."""
    try:
        return str(channel(slug).label)
    except UnknownChannel:
        return slug


@register.simple_tag
def network_rule(slug: str, rule: str) -> str:
    """A rule of the network in the reader's language; "" for a rule that is not the network's."""
    try:
        return channel(slug).rule_words(rule, (get_language() or "en").split("-")[0])
    except UnknownChannel:
        return ""


@register.simple_tag
def quarantine_figure(user: User) -> int | None:
    """How many updates could not be read, to a cap; None for those who may not look at them."""
    return quarantine_count(user)


@register.simple_tag
def automatic_stops(user: User) -> Sequence[Stop]:
    """Where automatic messages are stopped now."""
    return stops_shown(user)


@dataclass(frozen=True, slots=True)
class Shown:
    """A visitor on a ticket. token: what the page calls them. here: whether their window is open."""

    visitor: Visitor
    token: str
    here: bool


@register.simple_tag
def visitors_here(threads: Sequence[Thread], now: datetime) -> Sequence[Shown]:
    """Whose windows the ticket's conversations are; none where no channel of theirs is live."""
    live = [each.conversation for each in threads if each.conversation.account.capabilities.get("live")]
    found = visitors_of(live)
    return [Shown(each, token("visitor", each.pk), is_here(each, now)) for each in found]


@register.filter
def runs_channels(user: User) -> bool:
    """Whether the pages of our accounts are this user's."""
    return may_set_policy(user)


@register.filter
def account_name(account: ChannelAccount) -> str:
    """What an account is called in addresses."""
    return token("channelaccount", account.pk)


@register.simple_tag
def page_time(now: datetime | None) -> datetime:
    """The page's own time, where it has one."""
    return now or database_now()
