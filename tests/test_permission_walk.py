"""Every address of the desk × everybody who may stand before it, on objects of a public and of a private team.

The table `WALK` says for each address who gets what. An address without an entry turns the walk red, as does an
entry without an address. What one may not see is 404, and is answered as what does not exist; whoever has not
signed in is sent to sign in, alike for what exists and what does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from channels_social.ingest import key_of
from channels_social.models import EventState, InboundEvent
from tests import desk
from tests import walk_objects as objects
from tests.tickets.said import hear
from tests.walk import (
    ANONYMOUS,
    PRIVATE,
    ROLES,
    SIDES,
    SIGN_IN,
    Entry,
    Side,
    World,
    always,
    if_admin,
    if_manager,
    if_raw,
    if_run,
    if_seen,
    if_writes,
    reads_raw,
)
from tests.walk_objects import NO_ACCOUNT, NO_TEAM, NO_TICKET
from tickets.clock import database_now
from tickets.models import OutboundReply, ReplyState, TaskKind, Ticket
from tickets.services.audit import task, tasks_make

pytestmark = pytest.mark.django_db


WALK: dict[str, Entry] = {
    "healthz": Entry(always(200), always(405), open_to_all=True, anonymous=(200, 405)),
    "readyz": Entry(always(200), always(405), open_to_all=True, anonymous=(200, 405)),
    "sign_in": Entry(always(302), always(302), open_to_all=True, anonymous=(200, 400)),
    "account_login": Entry(always(302), always(302), open_to_all=True, anonymous=(200, 400)),
    "sign_out": Entry(always(405), always(302), open_to_all=True, anonymous=(405, 302)),
    "webhook": Entry(
        always(403),
        always(403),
        args=lambda _world, _side: {"slug": "x", "hook_key": "hook"},
        open_to_all=True,
        anonymous=(403, 403),
        keeps_csrf=False,
    ),
    "status": Entry(
        always(404), always(404), args=objects.no_page, open_to_all=True, anonymous=(404, 404), keeps_csrf=False
    ),
    "status_file": Entry(
        always(404), always(405), args=objects.no_file, open_to_all=True, anonymous=(404, 405)
    ),
    "queue": Entry(always(200), always(405)),
    "tasks": Entry(always(200), always(405)),
    "bell": Entry(always(200), always(405), open_to_all=True, anonymous=(403, 403)),
    "notifications": Entry(always(200), always(405)),
    "notifications_read": Entry(
        always(405), if_seen(302), data=lambda world, side: {"ticket": world.tickets[side].shown_reference}
    ),
    # Each colleague's own and nobody else's: tests/tickets/test_notifications_page.py.
    "notification_open": Entry(always(405), always(404), args=lambda _world, _side: {"token": "0" * 20}),
    "me_notifications": Entry(always(200), always(422)),
    "live": Entry(always(200), always(405)),
    "live_availability": Entry(always(405), always(302)),
    "live_came": Entry(always(200), always(405)),
    "ticket_end": Entry(always(405), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_typing": Entry(always(405), if_seen(204), args=objects.shown, missing=NO_TICKET),
    "ticket_beside": Entry(if_seen(200), always(405), args=objects.shown, missing=NO_TICKET),
    "queue_rows": Entry(always(200), always(405)),
    "queue_changes": Entry(always(400), always(405), open_to_all=True, anonymous=(403, 403)),
    "ticket_changes": Entry(
        if_seen(200),
        always(405),
        args=objects.shown,
        missing=NO_TICKET,
        open_to_all=True,
        anonymous=(403, 403),
    ),
    "together": Entry(always(302), always(422)),
    "together_undo": Entry(always(302), always(404)),
    "search": Entry(always(200), always(405)),
    "palette": Entry(always(200), always(405)),
    "keys": Entry(always(200), always(405)),
    "ticket": Entry(if_seen(200), always(405), args=objects.shown, missing=NO_TICKET),
    "ticket_triage": Entry(if_seen(302), if_seen(302), args=objects.shown, missing=NO_TICKET),
    "ticket_answer": Entry(if_seen(302), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_answer_length": Entry(always(405), if_seen(200), args=objects.shown, missing=NO_TICKET, data=objects.to),
    "ticket_answer_preview": Entry(always(405), if_seen(200), args=objects.shown, missing=NO_TICKET, data=objects.to),
    "ticket_saved_reply": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET, data=objects.to),
    "ticket_draft": Entry(if_seen(302), if_seen(302), args=objects.shown, missing=NO_TICKET, data=objects.to),
    "reply_undo": Entry(if_seen(302), if_seen(302), args=objects.reply, missing={**NO_TICKET, "token": "0" * 20}),
    "saved_replies": Entry(always(200), always(405)),
    "saved_reply_new": Entry(if_writes(200), if_writes(422)),
    "saved_reply": Entry(if_seen(200), if_seen(422), args=objects.saved, missing=NO_ACCOUNT),
    "saved_reply_archive": Entry(if_seen(302), if_seen(302), args=objects.saved, missing=NO_ACCOUNT),
    "reply_decide": Entry(
        if_seen(302), if_seen(302), args=objects.reply, missing={**NO_TICKET, "token": "0" * 20},
        data=lambda _world, _side: {"what": "drop"},
    ),
    "task_done": Entry(
        if_seen(302), if_seen(302), args=objects.task, missing={**NO_TICKET, "token": "0" * 20},
        data=lambda _world, _side: {"how": "done"},
    ),
    "ticket_later": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_later_preview": Entry(always(405), if_seen(200), args=objects.shown, missing=NO_TICKET),
    "ticket_hold": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_hold_preview": Entry(always(405), if_seen(200), args=objects.shown, missing=NO_TICKET),
    "ticket_go_on": Entry(if_seen(302), if_seen(302), args=objects.shown, missing=NO_TICKET),
    "ticket_resolve": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_resolve_preview": Entry(always(405), if_seen(200), args=objects.shown, missing=NO_TICKET),
    "ticket_reopen": Entry(if_seen(302), if_seen(302), args=objects.shown, missing=NO_TICKET),
    "ticket_assign": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_transfer": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_transfer_preview": Entry(always(405), if_seen(200), args=objects.shown, missing=NO_TICKET),
    "ticket_escalate": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "ticket_labels": Entry(if_seen(200), if_seen(302), args=objects.shown, missing=NO_TICKET),
    "message_redact": Entry(
        if_seen(200), if_seen(422), args=objects.message, missing={**NO_TICKET, "token": "0" * 20}
    ),
    "ticket_message": Entry(
        if_seen(200), always(405), args=objects.message, missing={**NO_TICKET, "token": "0" * 20}
    ),
    "message_look": Entry(
        if_seen(200), always(405), args=objects.look, missing={**NO_TICKET, "token": "0" * 20}
    ),
    "look_picture": Entry(
        always(404), always(405), args=objects.no_proof, open_to_all=True, anonymous=(404, 405)
    ),
    "ticket_files": Entry(if_seen(302), if_seen(200), args=objects.shown, missing=NO_TICKET),
    "ticket_file": Entry(
        if_seen(200), always(405), args=objects.file, missing={**NO_TICKET, "token": "0" * 20}
    ),
    "verdict_undo": Entry(if_seen(302), if_seen(302), args=objects.shown, missing=NO_TICKET),
    "ticket_attachment": Entry(
        if_seen(200), always(405), args=objects.attachment, missing={**NO_TICKET, "token": "0" * 20}
    ),
    # Nobody is spoken to by voice in this world: tests/channels_social/test_voice.py has one where people are.
    "call_note": Entry(always(404), always(404)),
    "call_preview": Entry(always(405), always(404)),
    "triage_reasons": Entry(if_manager(200), if_manager(422)),
    "triage_reason": Entry(
        always(405), if_manager(302), args=lambda _world, _side: {"key": "spam"},
        data=lambda _world, _side: {"what": "up"},
    ),
    "ticket_join": Entry(if_seen(200), if_seen(422), args=objects.shown, missing=NO_TICKET),
    "join_undo": Entry(
        if_seen(302), if_seen(302), args=objects.join, missing={**NO_TICKET, "token": "0" * 20},
    ),
    "ticket_properties": Entry(if_seen(200), if_seen(302), args=objects.shown, missing=NO_TICKET),
    "ticket_properties_preview": Entry(always(405), if_seen(200), args=objects.shown, missing=NO_TICKET),
    "ticket_proposal": Entry(
        if_seen(302), if_seen(302), args=objects.shown, missing=NO_TICKET,
        data=lambda _world, _side: {"what": "decline"},
    ),
    "conversation_part": Entry(
        if_seen(302), if_seen(302), args=objects.conversation, missing={**NO_TICKET, "token": "0" * 20}
    ),
    "opt_out": Entry(
        if_seen(302), if_seen(302), args=objects.conversation, missing={**NO_TICKET, "token": "0" * 20},
        data=lambda _world, _side: {"what": "out"},
    ),
    "link_revoke": Entry(
        if_seen(302), if_seen(302), args=objects.link, missing={**NO_TICKET, "token": "0" * 20}
    ),
    "visitor": Entry(
        if_seen(302), if_seen(302), args=objects.visitor, missing={**NO_TICKET, "token": "0" * 20},
        data=lambda _world, _side: {"what": "block"},
    ),
    "policy": Entry(always(200), always(405)),
    "policy_try": Entry(if_manager(200), if_manager(422)),
    "policy_preview": Entry(if_manager(200), if_manager(302)),
    "policy_preview_progress": Entry(if_manager(200), always(405)),
    "policy_publish": Entry(always(405), if_manager(409)),
    "policy_texts": Entry(always(200), always(405)),
    "policy_text": Entry(always(200), if_manager(422), args=objects.text),
    "policy_text_ahead": Entry(always(405), if_manager(200), args=objects.text),
    "policy_discard": Entry(always(405), if_manager(302)),
    "policy_begin": Entry(if_manager(200), if_manager(422)),
    "policy_draft_file": Entry(always(404), always(405)),
    "policy_revisions": Entry(always(200), always(405)),
    "policy_compare": Entry(always(404), always(405)),
    "policy_revision": Entry(always(200), always(405), args=lambda _world, _side: {"number": "1"}),
    "policy_restore": Entry(always(405), if_manager(409), args=lambda _world, _side: {"number": "1"}),
    "policy_revision_file": Entry(always(200), always(405), args=lambda _world, _side: {"number": "1"}),
    "policy_matrix": Entry(always(200), if_manager(409)),
    "policy_levels": Entry(always(200), if_manager(409)),
    "policy_durations": Entry(always(200), if_manager(409)),
    "policy_periods": Entry(always(200), if_manager(409)),
    "policy_calendars": Entry(always(200), if_manager(409)),
    "policy_calendar": Entry(
        always(200), if_manager(409), args=lambda _world, _side: {"key": "desk"}
    ),
    "policy_categories": Entry(always(200), if_manager(409)),
    "policy_category_new": Entry(always(200), if_manager(422)),
    "policy_category": Entry(
        always(200), if_manager(409), args=lambda _world, _side: {"key": "waste"}
    ),
    "policy_rules": Entry(always(200), if_manager(409)),
    "policy_rule_new": Entry(always(200), if_manager(422)),
    "policy_rule": Entry(
        always(200), if_manager(409), args=lambda _world, _side: {"key": "danger_words"}
    ),
    "policy_words": Entry(if_manager(200), if_manager(409)),
    "policy_sign": Entry(
        if_manager(200), if_manager(409), args=lambda _world, _side: {"sign": "fault"}
    ),
    "policy_hits": Entry(if_manager(404), always(405)),
    "promises_kept": Entry(if_writes(200), always(405)),
    "promises_dates": Entry(if_writes(200), always(405)),
    "promises_csv": Entry(if_writes(200), always(405)),
    "consistency": Entry(if_writes(200), always(405)),
    "consistency_tickets": Entry(if_writes(200), always(405)),
    "quarantine": Entry(
        lambda role, _side: 200 if role in ("manager", "lead", "private_lead") else 404, always(405)
    ),
    "accounts": Entry(if_manager(200), always(405)),
    "automatic_switch": Entry(
        always(405), if_manager(302), data=lambda _world, _side: {"what": "stop", "why": "wrong"}
    ),
    "account_connect": Entry(if_manager(200), always(405)),
    "account_connect_network": Entry(if_manager(200), always(405), args=objects.network),
    "account_registration": Entry(always(405), if_manager(302), args=objects.network),
    "account_connect_begin": Entry(always(405), if_manager(302), args=objects.network),
    "account_connect_keys": Entry(always(405), if_manager(422), args=objects.network),
    "account_connect_back": Entry(if_manager(302), always(405), args=objects.network),
    "account_connect_choose": Entry(
        always(404), always(404), args=lambda _world, _side: {"slug": "x", "name": "0" * 20}
    ),
    "account_check": Entry(always(405), if_run(302), args=objects.account, missing=NO_ACCOUNT),
    "account_try_out": Entry(if_run(200), if_run(302), args=objects.account, missing=NO_ACCOUNT),
    "account_disconnect": Entry(
        if_run(200), if_run(302), args=objects.account, missing=NO_ACCOUNT,
        data=lambda _world, _side: {"promises": "9"},
    ),
    "account": Entry(if_run(200), always(405), args=objects.account, missing=NO_ACCOUNT),
    "account_mode": Entry(
        if_run(200), if_run(302), args=objects.account, missing=NO_ACCOUNT,
        data=lambda _world, _side: {"mode": "off", "promises": "9"},
    ),
    "account_settings": Entry(
        always(405), if_run(302), args=objects.account, missing=NO_ACCOUNT,
        data=lambda _world, _side: {"acknowledge": "nothing", "sign_off": "^M", "language": "nl"},
    ),
    "account_notices": Entry(
        always(405), if_run(302), args=objects.account, missing=NO_ACCOUNT,
        data=lambda _world, _side: {"how": "released", "note": ""},
    ),
    "account_mended": Entry(always(405), if_run(302), args=objects.account, missing=NO_ACCOUNT),
    "account_stop": Entry(
        always(405), if_run(302), args=objects.account, missing=NO_ACCOUNT,
        data=lambda _world, _side: {"what": "stop", "why": "wrong"},
    ),
    "chat_api_session": Entry(
        always(405), always(404), args=objects.no_site, open_to_all=True, anonymous=(405, 404), keeps_csrf=False,
    ),
    "chat_api_state": Entry(
        always(404), always(405), args=objects.no_site, open_to_all=True, anonymous=(404, 405), keeps_csrf=False,
    ),
    "chat_api_messages": Entry(
        always(405), always(404), args=objects.no_site, open_to_all=True, anonymous=(405, 404), keeps_csrf=False,
    ),
    "chat_api_files": Entry(
        always(405), always(404), args=objects.no_site, open_to_all=True, anonymous=(405, 404), keeps_csrf=False,
    ),
    "chat_api_seen": Entry(
        always(405), always(404), args=objects.no_site, open_to_all=True, anonymous=(405, 404), keeps_csrf=False,
    ),
    "chat_api_typing": Entry(
        always(405), always(404), args=objects.no_site, open_to_all=True, anonymous=(405, 404), keeps_csrf=False,
    ),
    "chat_api_address": Entry(
        always(405), always(404), args=objects.no_site, open_to_all=True, anonymous=(405, 404), keeps_csrf=False,
    ),
    "chat_api_end": Entry(
        always(405), always(404), args=objects.no_site, open_to_all=True, anonymous=(405, 404), keeps_csrf=False,
    ),
    "chat_api_file": Entry(
        always(404), always(405), open_to_all=True, anonymous=(404, 405), keeps_csrf=False,
        args=lambda world, side: {
            **objects.no_site(world, side), "whose": "0" * 32, "name": "0" * 20, "key": "1.0"
        },
    ),
    "form_page": Entry(
        always(404), always(404), args=lambda _world, _side: {"key": "0" * 16}, open_to_all=True,
        anonymous=(404, 404), keeps_csrf=False,
    ),
    "form_sent": Entry(
        always(404), always(405), args=lambda _world, _side: {"key": "0" * 16, "receipt": "0" * 40},
        open_to_all=True, anonymous=(404, 405),
    ),
    "chat_frame": Entry(
        always(404), always(405), args=lambda _world, _side: {"key": "0" * 16}, open_to_all=True,
        anonymous=(404, 405),
    ),
    "chat_script": Entry(
        always(404), always(405), args=lambda _world, _side: {"key": "0" * 16}, open_to_all=True,
        anonymous=(404, 405),
    ),
    "chat_plain": Entry(
        always(404), always(404), args=lambda _world, _side: {"key": "0" * 16}, open_to_all=True,
        anonymous=(404, 404),
    ),
    "chat_plain_shown": Entry(
        always(404), always(405), args=lambda _world, _side: {"key": "0" * 16, "number": "1"}, open_to_all=True,
        anonymous=(404, 405),
    ),
    "first_run": Entry(always(404), always(405)),
    "first_run_claim": Entry(
        always(302), always(302), args=lambda _world, _side: {"token": "none"}, open_to_all=True,
        anonymous=(404, 404),
    ),
    "first_run_step": Entry(always(404), always(404), args=lambda _world, _side: {"step": "team"}),
    "first_run_done": Entry(always(405), always(404)),
    "me": Entry(always(200), always(422)),
    "me_password": Entry(always(405), always(422)),
    "me_session": Entry(always(405), always(302)),
    "invitation": Entry(
        always(404), always(404), args=lambda _world, _side: {"token": "none"}, open_to_all=True,
        anonymous=(404, 404),
    ),
    "people": Entry(
        lambda role, _side: 200 if role in ("admin", "lead", "private_lead") else 404, always(405)
    ),
    "invite": Entry(if_admin(200), if_admin(422)),
    "invitation_take_back": Entry(always(405), always(404), args=lambda _world, _side: NO_ACCOUNT),
    "team_new": Entry(if_admin(200), if_admin(422)),
    "team": Entry(if_admin(200), if_admin(422), args=objects.team, missing=NO_TEAM),
    "team_private": Entry(if_admin(200), if_admin(302), args=objects.team, missing=NO_TEAM),
    "team_woken": Entry(always(405), if_admin(302), args=objects.team, missing=NO_TEAM),
    "team_end": Entry(always(405), if_admin(422), args=objects.team, missing=NO_TEAM),
    "person": Entry(if_admin(200), if_admin(422), args=objects.person, missing=NO_ACCOUNT),
    "person_end": Entry(if_admin(200), if_admin(302), args=objects.person, missing=NO_ACCOUNT),
    "person_password": Entry(always(405), if_admin(200), args=objects.person, missing=NO_ACCOUNT),
    "person_back": Entry(always(405), if_admin(302), args=objects.person, missing=NO_ACCOUNT),
    "quarantine_replay": Entry(always(405), if_raw(302), args=objects.event, missing={"name": "00" * 32}),
}  # fmt: skip


@pytest.fixture
def world() -> World:
    desk.seeded()
    front, trams, secret = desk.team("front"), desk.team("trams"), desk.team("integrity", private=True)
    users = {
        "agent": desk.user("noor", teams=[front]),
        "other": desk.user("daan", teams=[trams]),
        "lead": desk.user("ilse", teams=[front], lead=True),
        "manager": desk.user("mona", teams=[front], manager=True),
        "admin": desk.user("ada", teams=[trams], admin=True),
        "private_agent": desk.user("kim", teams=[secret]),
        "private_lead": desk.user("lena", teams=[secret], lead=True),
    }
    accounts = {"front": desk.account("1", of_team=front), "private": desk.account("2", of_team=secret)}
    tickets: dict[Side, Ticket] = {}
    replies: dict[Side, OutboundReply] = {}
    events: dict[Side, InboundEvent] = {}
    now = database_now()
    for number, side in enumerate(SIDES, start=1):
        tickets[side] = hear(accounts[side], number)
        replies[side] = OutboundReply.objects.get(ticket=tickets[side])
        replies[side].state, replies[side].held_reason, replies[side].held_by = (
            ReplyState.HELD,
            "opted_out",
            "desk",
        )
        replies[side].save()
        refused = task(
            TaskKind.REFUSED, reason="refused", cause=f"refused {side}", team_id=tickets[side].team_id,
            ticket_id=tickets[side].pk, due_at=now, now=now,
        )  # fmt: skip
        tasks_make([refused])
        events[side] = InboundEvent.objects.create(
            account_id=accounts[side].pk,
            key=key_of(f"event {side}"),
            kind="odd",
            source="webhook",
            account_key=str(number),
            dedupe_key=f"event {side}",
            body=b"{}",
            size=2,
            received_at=now,
            state=EventState.QUARANTINED,
            failures=3,
            purge_after=now,
        )
    return World(users, tickets, replies, events)


def addresses() -> Iterator[str]:
    """The name of every address; one without a name is called by its pattern. The admin site's stand as one."""

    def below(resolver: URLResolver, prefix: str, space: str) -> Iterator[str]:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                yield from below(each, prefix + str(each.pattern), each.namespace or space)
            elif isinstance(each, URLPattern):
                yield f"{space}:*" if space else each.name or prefix + str(each.pattern)

    yield from below(get_resolver(), "", "")


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert set(addresses()) == set(WALK)


def ask(world: World, role: str, address: str, method: str, data: Mapping[str, str]) -> Any:
    """One request, whose writes are taken back, the session's among them: each role signs in once."""
    client = Client()
    if role != ANONYMOUS and role not in world.signed_in:
        client.force_login(world.users[role])
        world.signed_in[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    elif role != ANONYMOUS:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.signed_in[role]
    with transaction.atomic():
        answer = client.get(address) if method == "GET" else client.post(address, data)
        if answer.streaming:
            b"".join(answer)  # its file is closed when it has been read
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("name", sorted(WALK))
def test_walk(world: World, name: str) -> None:
    entry = WALK[name]
    for side in SIDES:
        address = reverse(name, kwargs=entry.args(world, side))
        for method, expected in (("GET", entry.get), ("POST", entry.post)):
            for role in ROLES:
                answer = ask(world, role, address, method, entry.data(world, side))
                where = f"{method} {name} ({side}) as {role}"
                if role != ANONYMOUS:
                    assert answer.status_code == expected(role, side), where
                elif entry.open_to_all:
                    assert answer.status_code == entry.anonymous[method == "POST"], where
                elif answer.status_code != 405:
                    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, SIGN_IN), where


@pytest.mark.parametrize("name", sorted(name for name, entry in WALK.items() if entry.missing))
def test_what_one_may_not_see_is_answered_as_what_is_not_there(world: World, name: str) -> None:
    entry = WALK[name]
    assert entry.missing is not None
    there = reverse(name, kwargs=entry.args(world, "private"))
    not_there = reverse(name, kwargs=dict(entry.missing))
    for method in ("GET", "POST"):
        for role in ("agent", "other", "lead", "manager"):
            hidden = ask(world, role, there, method, entry.data(world, "private"))
            absent = ask(world, role, not_there, method, entry.data(world, "private"))
            assert hidden.status_code in (404, 405)
            assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
        hidden, absent = (
            ask(world, ANONYMOUS, there, method, {}),
            ask(world, ANONYMOUS, not_there, method, {}),
        )
        assert hidden.status_code == absent.status_code
        assert hidden.get("Location", "").split("?")[0] == absent.get("Location", "").split("?")[0]


@pytest.mark.parametrize("name", sorted(name for name, entry in WALK.items() if entry.keeps_csrf))
def test_nothing_is_done_by_a_post_without_its_token(world: World, name: str) -> None:
    address = reverse(name, kwargs=WALK[name].args(world, "front"))
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["lead"])
    assert client.post(address, WALK[name].data(world, "front")).status_code in (403, 405)


@pytest.mark.parametrize("role", [role for role in ROLES if role != ANONYMOUS])
def test_the_queue_shows_private_tickets_to_their_team_alone(world: World, role: str) -> None:
    page = ask(world, role, reverse("queue") + "?team=any", "GET", {}).content.decode()
    assert world.tickets["front"].shown_reference in page
    assert (world.tickets["private"].shown_reference in page) == (role in PRIVATE)
    team = ask(world, role, reverse("queue") + "?team=integrity", "GET", {}).content.decode()
    assert (world.tickets["private"].shown_reference in team) == (role in PRIVATE)
    assert ("Integrity" in team) == (role in PRIVATE)


@pytest.mark.parametrize("role", ["manager", "lead", "private_lead"])
def test_what_could_not_be_read_is_shown_by_the_accounts_team(world: World, role: str) -> None:
    page = ask(world, role, reverse("quarantine"), "GET", {}).content.decode()
    for side in SIDES:
        assert (bytes(world.events[side].key).hex() in page) == reads_raw(role, side)
