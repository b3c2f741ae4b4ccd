"""How sentences of ours speak of a caller."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tickets.selectors_ticket import TicketPage

register = template.Library()


@register.filter
def called(page: TicketPage, place: str = "") -> str:
    """By name; who gave none, as what they are. place: "first" where the sentence begins with it."""
    named = page.caller_name or page.caller_handle
    return named or (pgettext("begins a sentence", "The caller") if place == "first" else _("the caller"))
