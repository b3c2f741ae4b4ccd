"""A message of every kind that a caller gets after the acknowledgement, each on an account of its own, ready to be
sent; the acknowledgement of a Page's comment and of a private message to it; and what must hold when all is over.

All of them are played at once: so many workers stand at the same point, and one test tells what became of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

from accounts.actors import System
from accounts.models import User
from channels_social import delivery, inbox, polling
from channels_social.connecting import Connecting, account_connect
from channels_social.models import ChannelApp, ChannelConnection
from priority.selectors import policy_of
from sandbox.client import Sandbox
from sandbox.server import RunningSandbox, start
from tests import desk
from tests.faults.scene import desk_account
from tests.faults.workers import Worker, Zygote
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundPart,
    OutboundReply,
    Pause,
    Promise,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.models.outbox import UNSETTLED
from tickets.services.clock_work import clock_set
from tickets.services.later import later_proposal, later_say
from tickets.services.properties import ticket_properties_set
from tickets.services.replies import answer_write
from tickets.services.resolving import ticket_resolve
from tickets.texts.dates import date_words

#: Every way in which something of ours comes to stand at a network, and every way in which it is looked for.
SENDS = r"^/2/tweets$|/comments$|/messages$"
LOOKS = r"^/2/users/\d+/tweets$|/comments$|/conversations$"
Json: TypeAlias = dict[str, Any]


@dataclass
class Case:
    """`shown`: everything that stands under our name in this thread. `before`: how many of them stood there before.
    `earlier`: the promise that this message is about."""

    name: str
    account: ChannelAccount
    ticket_id: int
    reply_id: int
    shown: Callable[[], list[Json]]
    before: int = 1
    earlier: Promise | None = None

    def reply(self) -> OutboundReply:
        return OutboundReply.objects.get(pk=self.reply_id)

    def ticket(self) -> Ticket:
        return Ticket.objects.get(pk=self.ticket_id)

    def promises(self) -> list[Promise]:
        return list(Promise.objects.filter(ticket_id=self.ticket_id).order_by("pk"))

    def stands(self) -> int:
        """How often the message stands at the network."""
        return len(self.shown()) - self.before


@dataclass
class Town:
    """A network of its own with every case on it."""

    running: RunningSandbox
    control: Sandbox
    cases: list[Case] = field(default_factory=list)
    _sent_before: int = 0

    @classmethod
    def make(cls, zygote: Zygote, *, delay: int = 1) -> Town:
        desk.seeded()
        running = start()
        town = cls(running, Sandbox(running.base_url))
        # The networks refuse the same words twice, which would hide a second send of ours. Here they take them.
        town.control.settings(duplicate_window=0, facebook={"duplicate_window": 0})
        agent = desk.user("sanne", teams=[desk.team()])
        town._notices(zygote, agent, delay)
        town._pages(delay)
        town._sent_before = len(town.sends())
        return town

    def close(self) -> None:
        self.control.close()
        self.running.stop()

    # -- what is to be sent ------------------------------------------------------------------------------------
    def _notices(self, zygote: Zygote, agent: User, delay: int) -> None:
        self.control.create_app()
        told: list[Case] = []
        for name in KINDS:
            self.control.create_user(f"ask_{name}")
            account = desk_account(self.control, self.running.base_url, f"desk{name}", delay=delay)
            self.control.post(
                f"ask_{name}", f"@{account.handle} the ticket machine at Central swallowed my card"
            )
            _read(account)
            delivery.deliver(account.pk)
            reply = OutboundReply.objects.get(account=account, state="sent")
            told.append(Case(name, account, reply.ticket_id, 0, self._posts_of(account.handle)))
        for case in told:
            (case.earlier,) = case.promises()
            KINDS[case.name](case, agent)
        zygote.fork("sweep").finished()
        for case in told:
            case.reply_id = OutboundReply.objects.get(account=case.account, state="queued").pk
            case.earlier = case.promises()[0]
        self.cases += told

    def _pages(self, delay: int) -> None:
        fb = self.control.facebook
        fb.create_app()
        for name in ("comment", "message"):
            page, person = fb.create_page(f"town{name}", "Gemeente Merendam"), f"person{name}"
            fb.create_person(person, "Anna de Wit")
            account = _page_account(page, f"town{name}", self.running.base_url, delay)
            words = "The ticket machine at Central swallowed my card"
            if name == "comment":
                asked = fb.comment(person, fb.post(f"town{name}", "Roadworks today")["id"], words)
                shown = self._below(asked["id"])
            else:
                fb.write(person, words, page=f"town{name}")
                shown = self._written_to(person, f"town{name}")
            _read(account)
            reply = OutboundReply.objects.get(account=account, state="queued")
            self.cases.append(Case(name, account, reply.ticket_id, reply.pk, shown, before=0))

    def _posts_of(self, handle: str) -> Callable[[], list[Json]]:
        return lambda: self.control.posts(by=handle)

    def _below(self, story_id: str) -> Callable[[], list[Json]]:
        fb = self.control.facebook
        return lambda: [fb.story(one) for one in fb.story(story_id)["replies"]]

    def _written_to(self, person: str, page: str) -> Callable[[], list[Json]]:
        fb = self.control.facebook
        return lambda: [one for one in fb.messages(person, page) if one["outgoing"]]

    # -- workers and the network -------------------------------------------------------------------------------
    def fork(self, zygote: Zygote, job: str, **how: Any) -> list[Worker]:
        """A worker for each case, all at once."""
        return [zygote.fork(job, case.account.pk, **how) for case in self.cases]

    def holds(self, at: str, then: str = "continue") -> int:
        """Every send will stand at this point until released."""
        rule = self.control.rule(method="POST", path=SENDS, at=at, action="hold", then=then, times=None)
        return int(rule["id"])

    def standing(self, rule: int) -> int:
        return next(int(one["waiting"]) for one in self.control.rules() if one["id"] == rule)

    def sends(self) -> list[Json]:
        return [one for one in self.control.log(method="POST") if re.search(SENDS, one["path"])]

    def sent_since(self) -> int:
        """How often anything was asked to be sent, since everything was ready."""
        return len(self.sends()) - self._sent_before


def _read(account: ChannelAccount) -> None:
    ChannelConnection.objects.filter(account=account).update(poll_due_at=database_now())
    polling.account_poll(account.pk)
    inbox.events_process(account.pk)


def _page_account(page: Json, handle: str, base_url: str, delay: int) -> ChannelAccount:
    app, _ = ChannelApp.objects.get_or_create(
        hook_key="pages",
        defaults={
            "channel": "facebook",
            "name": "our app",
            "created_at": desk.MONDAY,
            "secrets": {name: [page[name]] for name in ("app_id", "app_secret", "verify_token")},
        },
    )
    connecting = Connecting(
        external_id=str(page["page_id"]),
        name="Gemeente Merendam",
        handle=handle,
        team=desk.team(),
        language="en",
        credentials={"access_token": page["page_token"]},
        settings={"base_url": base_url, "find_sent_after_seconds": str(delay)},
        poll_every=timedelta(hours=1),
        allow_private_addresses=True,
    )
    return account_connect(actor=System("tests"), app=app, connecting=connecting, now=database_now())


# -- the kinds of notices --------------------------------------------------------------------------------------
def _overdue(case: Case, agent: User) -> None:
    """Its date is moved near, so that the next sweep puts the notice into the outbox."""
    date_near(case.ticket_id, ahead=timedelta(minutes=4))


def _delay(case: Case, agent: User) -> None:
    now = database_now()
    proposal = later_proposal(actor=agent, ticket_id=case.ticket_id, now=now)
    later_say(
        actor=agent,
        ticket_id=case.ticket_id,
        reason=proposal.reasons[0][0],
        own_words="",
        date=proposal.proposed,
        client_key=uuid4().hex,
        seen_message_id=None,
        now=now,
    )


def _asks(case: Case, agent: User) -> None:
    answer_write(
        actor=agent,
        ticket_id=case.ticket_id,
        conversation_id=case.ticket().conversations.get().pk,
        text="Which of the two machines was it?",
        tell_date=False,
        client_key=uuid4().hex,
        seen_message_id=None,
        now=database_now(),
        asks=True,
    )


def _resolution(case: Case, agent: User) -> None:
    ticket_resolve(
        actor=agent,
        ticket_id=case.ticket_id,
        conversation_id=case.ticket().conversations.get().pk,
        what="We took your card out of the machine and put it in the post.",
        client_key=uuid4().hex,
        seen_message_id=None,
        now=database_now(),
    )


def _changed(case: Case, agent: User) -> None:
    """More urgent than it was: the date comes sooner."""
    ticket = case.ticket()
    policy = policy_of(ticket.policy_revision_id)
    ticket_properties_set(
        actor=agent,
        ticket_id=ticket.pk,
        category=ticket.category,
        impact=min(policy.impacts, key=lambda one: one.rank).key,
        urgency=min(policy.urgencies, key=lambda one: one.rank).key,
        why="more_urgent",
        seen_version=None,
        now=database_now(),
    )


KINDS: Mapping[str, Callable[[Case, User], None]] = {
    "overdue": _overdue,
    "delay": _delay,
    "asks": _asks,
    "resolution": _resolution,
    "changed": _changed,
}
#: Those that tell another date, which renews the one before it.
RENEW = ("overdue", "delay", "changed")


def date_near(ticket_id: int, *, ahead: timedelta) -> datetime:
    """The told date of this ticket lies so far ahead of now, as if the time until then had gone by."""
    promise = Promise.objects.get(ticket_id=ticket_id, end="")
    by = promise.promised_for - (database_now() + ahead)
    for name in ("told_at", "at_risk_at", "promised_for", "notice_at"):
        setattr(promise, name, getattr(promise, name) - by)
    promise.save()
    ticket = Ticket.objects.get(pk=ticket_id)
    ticket.promised_for = promise.promised_for
    ticket.save(update_fields=["promised_for"])
    clock_set([ticket], database_now())
    return promise.promised_for


# -- what must hold --------------------------------------------------------------------------------------------
def all_once(town: Town) -> None:
    """Nothing lost, nothing twice, and what the message does to promise and ticket was done, once."""
    for case in town.cases:
        _once(case)


def _once(case: Case) -> None:
    name, reply, ticket, promises = case.name, case.reply(), case.ticket(), case.promises()
    post = case.shown()[-1]
    assert case.stands() == 1, name
    assert (reply.state, reply.lease_token, reply.find_after) == ("sent", None, None), name
    (part,) = OutboundPart.objects.filter(reply=reply)
    assert part.external_id == post["id"], name
    assert Message.objects.filter(reply=reply).count() == 1, name
    assert ticket.messages.filter(direction="out").count() == case.before + 1, name
    assert [one.args["reply"] for one in _told(case)].count(reply.pk) == 1, name
    assert _open_tasks(case) == [], name
    place = ticket.conversations.get()
    assert place.automated_since_inbound == case.before + reply.is_automatic, name
    if name in RENEW:
        old, new = promises
        assert (old.end, old.ended_at) == ("renewed", reply.sent_at), name
    elif name in ("comment", "message"):
        (new,) = promises
    else:
        _ended(case, reply, ticket, promises)
        return
    assert (new.reply_id, new.promised_for, new.end) == (reply.pk, reply.tells_for, ""), name
    assert (new.told_at, ticket.promised_for) == (reply.sent_at, new.promised_for), name
    assert _in_words(case, new.promised_for) in post["text"], name


def _ended(case: Case, reply: OutboundReply, ticket: Ticket, promises: Sequence[Promise]) -> None:
    (old,) = promises
    assert ticket.promised_for is None, case.name
    if case.name == "asks":
        assert (old.end, old.ended_at) == ("suspended", reply.sent_at)
        assert (ticket.status, ticket.waiting_since) == ("waiting_on_caller", reply.sent_at)
        pause = Pause.objects.get(ticket=ticket)
        assert (pause.started_at, pause.ended_at) == (reply.sent_at, None)
    else:
        assert (old.end, old.end_reason) == ("kept", "resolved")
        assert ticket.status == "resolved"


def none_certain(town: Town) -> None:
    """Nobody can know: each ticket says so, an agent is asked, nothing is claimed, nothing goes again."""
    for case in town.cases:
        name, ticket, promises = case.name, case.ticket(), case.promises()
        assert case.reply().state == "unknown", name
        assert _open_tasks(case) == [(TaskKind.NOT_CERTAIN, "not_certain")], name
        assert not OutboundReply.objects.filter(ticket=ticket, state__in=UNSETTLED).exists(), name
        assert not [one for one in _told(case) if one.args["reply"] == case.reply_id], name
        assert not Pause.objects.filter(ticket=ticket).exists(), name
        if name in ("comment", "message"):
            assert promises == [], name
            assert ticket.promised_for is None, name
            continue
        (old,) = promises
        assert case.earlier is not None
        assert old.promised_for == case.earlier.promised_for, name
        if name == "resolution":
            assert (old.end, ticket.status) == ("kept", "resolved")
        else:
            assert (old.end, ticket.promised_for) == ("", old.promised_for), name
            assert ticket.status not in ("waiting_on_caller", "resolved"), name


def _told(case: Case) -> list[TicketEvent]:
    kinds = ("acknowledged", "answered", "answered_elsewhere", "notified")
    return list(TicketEvent.objects.filter(ticket_id=case.ticket_id, kind__in=kinds))


def _open_tasks(case: Case) -> list[tuple[str, str]]:
    """Kind and reason."""
    found = AgentTask.objects.filter(ticket_id=case.ticket_id, done_at__isnull=True).order_by("pk")
    return list(found.values_list("kind", "reason"))


def _in_words(case: Case, at: datetime) -> str:
    return date_words(at, zone=case.account.zone, language="en", now=database_now())
