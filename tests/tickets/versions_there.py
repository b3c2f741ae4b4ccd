"""Cases of versions.py about callers who are there: what lies ready for them, and a conversation's end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from tests.tickets.versions import NOW, Case, Scene, case, key
from tickets.contract import ON_PAGE, DeliveryEvent
from tickets.models import ChannelAccount, LinkWay, OutboundPart, OutboundReply, StatusLink, Ticket
from tickets.services.ending import conversation_end
from tickets.services.handed import (
    replies_arrived,
    reply_arrived,
    reply_goes_otherwise,
    reply_handed,
    reply_unread,
)
from tickets.services.link_letter import link_letter_put
from tickets.services.on_page import lying_read, mark_of
from tickets.services.status_links import Opened, status_link_make


def _lies_ready(scene: Scene) -> OutboundReply:
    row = scene.row(state="handed", handed_at=NOW, text="Your number is …")
    OutboundPart.objects.create(reply=row, number=1, text=row.text, external_id="there-1")
    return row


def _lying(do: Callable[..., object], **more: Any) -> Case:
    def made(scene: Scene) -> Any:
        row = _lies_ready(scene)
        return row.ticket, lambda: do(row, ticket=row.ticket, now=NOW, **more)

    return made


case("handed.reply_handed")(_lying(reply_handed))
case("handed.reply_arrived")(_lying(reply_arrived, at=NOW))
case("handed.reply_goes_otherwise")(_lying(reply_goes_otherwise, rule="mail"))
case("handed.reply_unread")(_lying(reply_unread))


@case("handed.replies_arrived")
def _arrived(scene: Scene) -> Any:
    row = _lies_ready(scene)
    event = DeliveryEvent(external_id="there-1", state="delivered", at=NOW)

    def arrives() -> None:
        with transaction.atomic():
            replies_arrived(account_id=row.account_id, events=[event], now=NOW)

    return row.ticket, arrives


@case("on_page.lying_read")
def _read(scene: Scene) -> Any:
    row = _lies_ready(scene)
    row.parts.update(external_id=f"{ON_PAGE}there-1")
    place = row.conversation
    status_link_make(place, now=NOW, way=LinkWay.SCREEN)
    link = StatusLink.objects.get(conversation=place)
    opened = Opened(link, row.ticket, place)
    return row.ticket, lambda: lying_read(opened=opened, marks=[mark_of(row)], now=NOW)


@case("link_letter.link_letter_put")
def _link_letter(scene: Scene) -> Any:
    place = scene.ticket.conversations.select_related("account").get()
    return scene.ticket, lambda: link_letter_put(ticket=scene.ticket, conversation=place, now=NOW)


@case("ending.conversation_end")
def _end(scene: Scene) -> Any:
    account = scene.account
    ChannelAccount.objects.filter(pk=account.pk).update(capabilities={**account.capabilities, "live": True})
    ticket = Ticket.objects.get(pk=scene.ticket.pk)
    return ticket, lambda: conversation_end(**scene.who, client_key=key(), seen_message_id=None)
