"""A form without an address: what we say lies on the caller's page, told nobody until a browser has shown it, then sent
with all that follows; and a person knows before the date that nobody may look. Nothing twice."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import User
from channels_social.adapters.form import Form
from tests import desk
from tests.channels_social.form_desk import form, send
from tests.channels_social.visitor_desk import delivered
from tests.simulated_clock import SimulatedClock
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundReply,
    Promise,
    ReplyFile,
    ReplyKind,
    ReplyState,
    Status,
    StatusLink,
    TaskKind,
    Ticket,
)
from tickets.services.clock_notices import changed_queue
from tickets.services.forecast import kept_back
from tickets.services.replies import answer_write
from tickets.services.status_links import status_link_revoke
from tickets.services.sweep import sweep

pytestmark = pytest.mark.django_db
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ANSWER = "We repair it on Friday."


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return form()


def filled_in(**typed: Any) -> tuple[str, Ticket]:
    """The link that the form's own next page told, and the ticket."""
    caller = Client()
    html = caller.get(send(caller, **typed)["Location"]).content.decode()
    found = re.search(r"/s/[a-z2-7]{32}/", html)
    assert found is not None
    return found[0], Ticket.objects.get()


def written(ticket: Ticket, noor: User, words: str = ANSWER, **more: Any) -> OutboundReply:
    place = ticket.conversations.get()
    newest = place.messages.filter(direction="in").order_by("-pk").first()
    assert newest is not None
    given = {"tell_date": True, "seen_message_id": newest.pk, "client_key": uuid4().hex, **more}
    return answer_write(
        actor=noor, ticket_id=ticket.pk, conversation_id=place.pk, text=words, now=database_now(), **given
    )


def answered(account: ChannelAccount, ticket: Ticket, noor: User, **more: Any) -> OutboundReply:
    reply = written(ticket, noor, **more)
    delivered(account)
    reply.refresh_from_db()
    return reply


def passes(clock: SimulatedClock, account: ChannelAccount, span: timedelta) -> None:
    clock.passes(span)
    sweep(now=clock.now)
    delivered(account)


def marks_on(html: str) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', html)


def page(path: str, **headers: str) -> str:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def looks(path: str) -> int:
    """A browser shows the page, and says so; of how many of ours."""
    html = page(path)
    marks = marks_on(html)
    if marks:
        assert "js/read.js" in html
        assert Client().post(f"{path}?in=en", {"seen": marks}).status_code == 303
    return len(marks)


def test_an_answer_lies_on_the_page_and_tells_nobody_before_it_is_shown(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    path, ticket = filled_in()
    reply = answered(account, ticket, noor)
    assert (reply.state, reply.sent_at, reply.handed_at) == (ReplyState.HANDED, None, clock.now)
    ticket.refresh_from_db()
    assert ticket.first_response_at is None
    assert not Message.objects.filter(direction="out", reply=reply).exists()

    clock.passes(3 * HOUR)
    html = page(path)
    assert ANSWER in html
    assert len(marks_on(html)) == 1
    reply.refresh_from_db()
    assert reply.state == ReplyState.HANDED, "whoever only fetches a page has read nothing"

    assert looks(path) == 1
    reply.refresh_from_db()
    ticket.refresh_from_db()
    assert (reply.state, reply.sent_at, reply.handed_until) == (ReplyState.SENT, clock.now, None)
    assert ticket.first_response_at == clock.now
    assert Message.objects.get(reply=reply).sent_at == clock.now
    html = page(path)
    assert html.count(ANSWER) == 1
    assert marks_on(html) == []
    assert "js/read.js" not in html


@pytest.mark.parametrize(
    "headers",
    [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}, {"user-agent": "Twitterbot/1.0"}],
)
def test_who_looks_ahead_has_read_nothing(
    account: ChannelAccount, noor: User, headers: dict[str, str]
) -> None:
    path, ticket = filled_in()
    reply = answered(account, ticket, noor)
    page(path, **headers)
    Client().head(path)
    reply.refresh_from_db()
    assert reply.state == ReplyState.HANDED


def test_shown_twice_it_is_read_once(account: ChannelAccount, clock: SimulatedClock, noor: User) -> None:
    path, ticket = filled_in()
    reply = answered(account, ticket, noor)
    marks = marks_on(page(path))
    read_at = clock.now
    for _ in range(2):
        assert Client().post(path, {"seen": marks}).status_code == 303
        clock.passes(SECOND)
    reply.refresh_from_db()
    assert reply.sent_at == read_at
    assert Message.objects.filter(reply=reply).count() == 1


def test_what_was_laid_anew_is_not_told_by_a_page_that_showed_what_lay_there_before(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    path, ticket = filled_in()
    changed = []
    for days in (2, 4):
        target = ticket.targets.filter(met_at=None).order_by("due_at").last()
        assert target is not None
        ticket.targets.filter(pk=target.pk).update(due_at=target.due_at + timedelta(days=days))
        changed_queue([ticket], reason="fewer_people", args={}, now=clock.now)
        delivered(account)
        changed.append(marks_on(page(path)))
        clock.passes(SECOND)
    (old,), (new,) = changed
    assert old != new
    assert "thanks_read" not in Client().post(path, {"seen": old})["Location"], "nothing of it was read"
    [row] = OutboundReply.objects.filter(kind=ReplyKind.DATE_CHANGED)
    assert row.state == ReplyState.HANDED
    assert looks(path) == 1
    row.refresh_from_db()
    ticket.refresh_from_db()
    assert (row.state, ticket.promised_for) == (ReplyState.SENT, row.tells_for)


def test_what_became_untrue_is_not_shown(account: ChannelAccount, clock: SimulatedClock) -> None:
    path, ticket = filled_in()
    ticket.targets.filter(met_at=None).update(due_at=clock.now + timedelta(days=9))
    changed_queue([ticket], reason="fewer_people", args={}, now=clock.now)
    delivered(account)
    mark = marks_on(page(path))
    OutboundReply.objects.filter(kind=ReplyKind.DATE_CHANGED).update(held_reason="untrue")
    assert marks_on(page(path)) == []
    Client().post(path, {"seen": mark})
    assert OutboundReply.objects.get(kind=ReplyKind.DATE_CHANGED).state == ReplyState.HANDED


def test_its_words_are_true_where_they_stand(account: ChannelAccount, clock: SimulatedClock) -> None:
    """Nobody can answer an e-mail there; who is addressed formally in letters is so here, too."""
    path, ticket = filled_in()
    Ticket.objects.update(language="nl")
    ticket.refresh_from_db()
    ticket.targets.filter(met_at=None).update(due_at=clock.now + timedelta(days=9))
    changed_queue([ticket], reason="fewer_people", args={}, now=clock.now)
    delivered(account)
    text = OutboundReply.objects.get(kind=ReplyKind.DATE_CHANGED).text
    assert text in page(f"{path}?in=nl").replace("&#x27;", "'").replace("<br>", "\n")
    assert " u " in text
    for word in ("/s/", "e-mail", "mail", " je "):
        assert word not in text
    assert StatusLink.objects.count() == 1, "only the one that the form's page told"


def test_if_nobody_looks_a_person_is_asked_before_the_date(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    path, ticket = filled_in()
    answered(account, ticket, noor, tell_date=False)
    passes(clock, account, HOUR - SECOND)
    assert not AgentTask.objects.filter(kind=TaskKind.NOT_THERE).exists()
    passes(clock, account, SECOND)
    task = AgentTask.objects.get(kind=TaskKind.NOT_THERE)
    promise = Promise.objects.get()
    assert clock.now < task.due_at == promise.at_risk_at < promise.promised_for
    assert looks(path) == 1
    task.refresh_from_db()
    assert (task.done_at, task.done_how) == (clock.now, "read")


def test_the_overdue_notice_stands_there_and_a_person_knew_before(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    path, ticket = filled_in()
    promise = Promise.objects.get()
    rule = kept_back([ticket], promise.notice_at, clock.now)[ticket.pk]
    assert rule is not None
    assert (rule.rule, rule.by, rule.lies) == ("no_address", "network", True)
    assert {len({Form.rule_words(rule.rule, each), ""}) for each in ("en", "nl")} == {2}
    passes(clock, account, promise.at_risk_at + SECOND - clock.now)
    task = AgentTask.objects.get(kind=TaskKind.NOTICE)
    assert (task.reason, task.due_at < promise.promised_for) == ("no_address", True)
    passes(clock, account, promise.notice_at + SECOND - clock.now)
    overdue = OutboundReply.objects.get(kind=ReplyKind.OVERDUE)
    assert overdue.state == ReplyState.HANDED
    assert overdue.tells_for is not None
    assert looks(path) == 1
    overdue.refresh_from_db()
    promise.refresh_from_db()
    ticket.refresh_from_db()
    assert overdue.state == ReplyState.SENT
    assert promise.end == "renewed"
    assert ticket.promised_for == overdue.tells_for
    assert not AgentTask.objects.filter(kind=TaskKind.NOTICE, done_at=None).exists()


def test_unread_the_date_is_missed_and_said_so(account: ChannelAccount, clock: SimulatedClock) -> None:
    path, ticket = filled_in()
    promise = Promise.objects.get()
    for at in (promise.at_risk_at, promise.notice_at, promise.promised_for):
        passes(clock, account, at + SECOND - clock.now)
    promise.refresh_from_db()
    assert promise.end == "missed", "nobody was told another date"
    assert looks(path) == 1
    ticket.refresh_from_db()
    assert ticket.promised_for == OutboundReply.objects.get(kind=ReplyKind.OVERDUE).tells_for


def test_a_question_is_asked_once_it_was_read(account: ChannelAccount, noor: User) -> None:
    path, ticket = filled_in()
    answered(account, ticket, noor, asks=True, tell_date=False)
    ticket.refresh_from_db()
    assert ticket.status != Status.WAITING
    assert looks(path) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.WAITING
    assert "The date waits for your answer" in page(path)


def test_an_acknowledgement_that_the_form_never_told_lies_there(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    caller = Client()
    there = send(caller)["Location"]
    clock.passes(HOUR)
    delivered(account)
    row = OutboundReply.objects.get()
    assert row.state == ReplyState.HANDED
    passes(clock, account, HOUR)
    assert AgentTask.objects.get(kind=TaskKind.NOT_THERE).done_at is None
    # Now the form's page is looked at after all: it tells the date itself.
    assert row.tells_for is not None
    html = caller.get(there).content.decode()
    row.refresh_from_db()
    assert (row.state, row.sent_at) == (ReplyState.SENT, clock.now)
    assert Promise.objects.get().promised_for == row.tells_for
    assert "We aim to" in html
    assert AgentTask.objects.get(kind=TaskKind.NOT_THERE).done_how == "read"
    assert not OutboundReply.objects.filter(state=ReplyState.HANDED).exists()


def test_a_link_that_was_taken_back_reads_nothing(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    path, ticket = filled_in()
    reply = answered(account, ticket, noor)
    marks = marks_on(page(path))
    status_link_revoke(actor=noor, ticket_id=ticket.pk, link_id=StatusLink.objects.get().pk, now=clock.now)
    assert Client().post(path, {"seen": marks}).status_code == 404
    reply.refresh_from_db()
    assert reply.state == ReplyState.HANDED


def test_what_is_private_is_not_shown_where_the_link_was_given_in_public(
    account: ChannelAccount, noor: User
) -> None:
    path, ticket = filled_in()
    reply = answered(account, ticket, noor)
    marks = marks_on(page(path))
    StatusLink.objects.update(in_private=False)
    assert ANSWER not in page(path)
    Client().post(path, {"seen": marks})
    reply.refresh_from_db()
    assert reply.state == ReplyState.HANDED


def test_a_mark_of_somebody_else_reads_nothing(account: ChannelAccount, noor: User) -> None:
    path, ticket = filled_in()
    reply = answered(account, ticket, noor)
    marks = marks_on(page(path))
    other = Client()
    html = other.get(send(other)["Location"]).content.decode()
    theirs = re.search(r"/s/[a-z2-7]{32}/", html)
    assert theirs is not None
    Client().post(theirs[0], {"seen": marks})
    reply.refresh_from_db()
    assert reply.state == ReplyState.HANDED


def test_files_are_had_there_by_whoever_has_the_link(account: ChannelAccount, noor: User) -> None:
    path, ticket = filled_in()
    reply = written(ticket, noor)
    key = default_storage.save("replies/plan.pdf", ContentFile(b"%PDF-1.7 plan"))
    ReplyFile.objects.create(
        author=noor, ticket=ticket, reply=reply, name="plan.pdf", content_type="application/pdf",
        size=13, sha256="0" * 64, storage_key=key, created_at=desk.MONDAY,
    )  # fmt: skip
    delivered(account)
    name = ""
    for _ in ("unread", "read"):
        found = re.search(r'href="([0-9a-f]{20}/)">plan.pdf', page(path))
        assert found is not None
        name = found[1]
        answer = Client().get(path + name)
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 plan"  # type: ignore[attr-defined]
        assert "attachment" in answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"]
        looks(path)
    other = Ticket.objects.get(pk=ticket.pk)
    other.pk, other.reference = None, "00000099"
    other.save(force_insert=True)
    Message.objects.filter(conversation__ticket=ticket).update(ticket=other)
    ticket.conversations.update(ticket=other)
    assert "plan.pdf" in page(path), "its words went to another ticket, and what hangs on them with them"
    assert b"".join(Client().get(path + name).streaming_content)  # type: ignore[attr-defined]
    assert Client().get(f"{path}{'0' * 20}/").status_code == 404
    assert Client().get(f"/s/{'a' * 32}/{name}").status_code == 404
    StatusLink.objects.update(in_private=False)
    assert Client().get(path + name).status_code == 404


def test_without_a_script_a_button_says_it(account: ChannelAccount, noor: User) -> None:
    path, ticket = filled_in()
    reply = answered(account, ticket, noor)
    html = page(path)
    assert "I have read this" in html
    answer = Client().post(f"{path}?in=en", {"seen": marks_on(html)})
    assert answer["Location"] == f"{path}?in=en&done=thanks_read"
    assert "Now we know that you have read it" in page(answer["Location"])
    reply.refresh_from_db()
    assert reply.state == ReplyState.SENT


def test_colleagues_read_what_it_means(account: ChannelAccount, client: Client, noor: User) -> None:
    path, ticket = filled_in()
    client.force_login(noor)
    there = f"/t/{ticket.shown_reference}/"
    assert "Nothing brings it to them" in client.get(there).content.decode()
    answered(account, ticket, noor)
    assert "stands on the caller’s page since" in client.get(there).content.decode()
    looks(path)
    assert "stands on the caller’s page since" not in client.get(there).content.decode()


def test_a_date_that_comes_before_an_hour_is_over_does_not_go_on_lying(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    """Nobody is to read it as it lies, and nobody waits an hour with the next one."""
    path, ticket = filled_in()
    clock.passes(5 * HOUR / 2)  # half an hour before a time that is told
    ticket.targets.filter(met_at=None).update(due_at=clock.now + HOUR / 2)
    changed_queue([ticket], reason="sooner", args={}, now=clock.now)
    delivered(account)
    row = OutboundReply.objects.get(kind=ReplyKind.DATE_CHANGED)
    soon = row.tells_for
    assert soon is not None
    assert clock.now < soon < clock.now + HOUR
    [mark] = marks_on(page(path))
    clock.set(soon + SECOND)
    for _ in range(2):
        delivered(account)
    row.refresh_from_db()
    assert row.state == ReplyState.HANDED
    assert row.tells_for is not None
    assert row.tells_for > clock.now
    assert marks_on(page(path)) not in ([], [mark])
