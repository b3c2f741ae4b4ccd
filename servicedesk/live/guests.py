"""Chats' visitors, as the process `live` asks about them. Called in threads."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, F, OuterRef

from channels_social.models import Visitor
from channels_social.visitors import is_let_in, visitor_of_token, visitors_seen
from tickets import live
from tickets.models import Conversation


def guest_of(token: str, *, now: datetime) -> int | None:
    """The visitor's id, or None for a token that is nobody's."""
    visitor = visitor_of_token(token, now=now)
    if visitor is None:
        return None
    visitors_seen([visitor.pk], now=now)
    return visitor.pk


def still_guests(ids: Collection[int], *, now: datetime) -> set[int]:
    """Of these, whose token still opens something."""
    return {visitor.pk for visitor in Visitor.objects.filter(pk__in=ids) if is_let_in(visitor, now)}


def guests_type(ids: Collection[int]) -> None:
    """These type now: whoever has their ticket open is told. Nothing of it is stored."""
    theirs = Visitor.objects.filter(
        pk__in=ids, account_id=OuterRef("account_id"), external_id=OuterRef("thread_key")
    )
    conversations = Conversation.objects.filter(Exists(theirs), ticket__isnull=False)
    for ticket_id in conversations.values_list(F("ticket_id"), flat=True):
        live.visitor_typing(ticket_id)
