"""What a page says of a channel: its label and its rules, which only the adapter can put into words."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from accounts.models import User
from channels_social.registry import UnknownChannel, channel
from channels_social.selectors import quarantine_count

register = template.Library()


@register.simple_tag
def channel_label(slug: str) -> str:
    """The network's name; the slug itself where its adapter is no longer installed."""
    try:
        return channel(slug).label
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
