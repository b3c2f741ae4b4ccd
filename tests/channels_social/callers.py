"""Somebody has written us a letter, and has the link to its page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from tickets.clock import database_now
from tickets.contract import Author, InboundMessage, MayReply
from tickets.models import ChannelAccount, Conversation, LinkWay
from tickets.services.intake import messages_receive
from tickets.services.status_links import status_link_make

WORDS = "The traffic lights at Havenstraat and Kade are completely dark. Is anyone on this?"


def letter(
    account: ChannelAccount, number: int = 1, text: str = WORDS, *, by: str = "anouk", **more: Any
) -> Conversation:
    message = InboundMessage(
        external_id=f"m{number}",
        thread_key=f"t{number}:{by}",
        author=Author("letters", f"{by}@home.example", "", by, by.title(), claims=more.pop("claims", "")),
        text=text,
        sent_at=database_now() - timedelta(minutes=2),
        visibility=more.pop("visibility", "private"),
        reply_rule=MayReply(True, "free"),
        addressed=True,
        version_id=f"m{number}",
        language="en",
        **more,
    )
    with transaction.atomic():
        messages_receive(account, [message], now=database_now())
    return Conversation.objects.select_related("ticket", "account", "identity").get(
        messages__external_id=f"m{number}"
    )


def path_of(place: Conversation, way: LinkWay = LinkWay.MESSAGE) -> str:
    return "/s/" + status_link_make(place, now=database_now(), way=way).split("/s/")[1]
