"""The objects that the permission walk stands before, on either side, and their addresses."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from channels_social.models import Visitor
from tests.tickets.said import hear
from tests.walk import (
    SIDES,
    Side,
    World,
)
from tickets.models import Attachment, ReplyFile, SavedReply, StatusLink, TicketJoin
from tickets.selectors_ticket import token_of
from tickets.services.status_links import status_link_make
from tickets.tokens import token


def no_page(_world: World, _side: Side) -> dict[str, str]:
    """A caller's page, behind a link that leads nowhere."""
    return {"token": "a" * 32}


def no_file(world: World, side: Side) -> dict[str, str]:
    return {**no_page(world, side), "name": "0" * 20}


def shown(world: World, side: Side) -> dict[str, str]:
    return {"shown": world.tickets[side].shown_reference}


def reply(world: World, side: Side) -> dict[str, str]:
    return {**shown(world, side), "token": token_of(world.replies[side])}


def task(world: World, side: Side) -> dict[str, str]:
    return {**shown(world, side), "token": token("agenttask", world.tickets[side].tasks.get().pk)}


def join(world: World, side: Side) -> dict[str, str]:
    """Of years ago, and too late to be undone."""
    into = world.tickets[side]
    row = TicketJoin.objects.filter(into=into).first() or TicketJoin.objects.create(
        into=into,
        joined=hear(into.account, 90 + SIDES.index(side), by="somebody"),
        why="older",
        at=into.created_at - timedelta(days=999),
    )
    return {**shown(world, side), "token": token("ticketjoin", row.pk)}


def conversation(world: World, side: Side) -> dict[str, str]:
    return {**shown(world, side), "token": token_of(world.tickets[side].conversations.get())}


def link(world: World, side: Side) -> dict[str, str]:
    place = world.tickets[side].conversations.get()
    status_link_make(place, now=place.created_at)
    row = StatusLink.objects.get(conversation=place, revoked_at__isnull=True)
    return {**shown(world, side), "token": row.token}


def visitor(world: World, side: Side) -> dict[str, str]:
    place = world.tickets[side].conversations.get()
    row, _made = Visitor.objects.get_or_create(
        account=place.account,
        external_id=place.thread_key[:64],
        defaults={
            "token_hash": place.thread_key.encode()[:32],
            "seen_at": place.created_at,
            "created_at": place.created_at,
        },
    )
    return {**shown(world, side), "token": token("visitor", row.pk)}


def no_site(_world: World, _side: Side) -> dict[str, str]:
    """What visitors ask is walked by tests/channels_social/test_chat_refused.py."""
    return {"site": "0" * 16}


def message(world: World, side: Side) -> dict[str, str]:
    return {**shown(world, side), "token": token_of(world.tickets[side].messages.order_by("pk")[0])}


def attachment(world: World, side: Side) -> dict[str, str]:
    on = world.tickets[side].messages.order_by("pk")[0]
    row = Attachment.objects.filter(message=on).first() or Attachment.objects.create(
        message=on,
        external_id="1",
        state="kept",
        storage_key=default_storage.save(f"attachments/walk/{side}", ContentFile(b"a picture")),
    )
    return {**shown(world, side), "token": token("attachment", row.pk)}


def look(world: World, side: Side) -> dict[str, str]:
    on = world.tickets[side].messages.order_by("pk")[0]
    if not Attachment.objects.filter(message=on, kind="original").exists():
        Attachment.objects.create(
            message=on,
            external_id="original",
            kind="original",
            state="kept",
            storage_key=default_storage.save(f"attachments/walk/whole-{side}", ContentFile(b"all of it")),
        )
    return message(world, side)


def no_proof(world: World, side: Side) -> dict[str, str]:
    """Nobody's: a picture within a look is had by the address in that look alone."""
    return {**shown(world, side), "proof": "none"}


def file(world: World, side: Side) -> dict[str, str]:
    row = ReplyFile.objects.filter(ticket=world.tickets[side]).first() or ReplyFile.objects.create(
        ticket=world.tickets[side],
        reply=world.replies[side],
        name="plan.pdf",
        content_type="application/pdf",
        size=4,
        storage_key=default_storage.save(f"replies/walk/{side}", ContentFile(b"%PDF")),
        created_at=world.tickets[side].created_at,
    )
    return {**shown(world, side), "token": token("replyfile", row.pk)}


def account(world: World, side: Side) -> dict[str, str]:
    return {"name": token("channelaccount", world.tickets[side].account_id)}


def text(_world: World, _side: Side) -> dict[str, str]:
    return {"kind": "reminder", "rest": "short"}


def network(_world: World, _side: Side) -> dict[str, str]:
    return {"slug": "x"}


def event(world: World, side: Side) -> dict[str, str]:
    return {"name": bytes(world.events[side].key).hex()}


def saved(world: World, side: Side) -> dict[str, str]:
    team = world.tickets[side].team
    made, _new = SavedReply.objects.get_or_create(
        title=side, team=team, defaults={"created_at": team.created_at, "updated_at": team.created_at}
    )
    return {"name": token("savedreply", made.pk)}


def to(world: World, side: Side) -> dict[str, str]:
    return {"to": token_of(world.tickets[side].conversations.get()), "text": "On our way."}


def team(_world: World, side: Side) -> dict[str, str]:
    return {"key": "front" if side == "front" else "integrity"}


def person(world: World, side: Side) -> dict[str, str]:
    return {"name": token("user", world.users["agent" if side == "front" else "private_agent"].pk)}


NO_TEAM = {"key": "no-such-team"}


NO_ACCOUNT = {"name": "0" * 20}


NO_TICKET = {"shown": "0000-0000"}
