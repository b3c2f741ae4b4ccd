"""One chat from its first word to its return, before all processes of a desk: two colleagues and a visitor in their
browsers. The process that tells them is killed in the middle, and Redis frozen; time passes until the told date is
near. Nothing is lost, and nothing is twice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from channels_social.models import EventKey, EventState, InboundEvent, VisitorLine, VisitorWords
from priority import clock as office_hours
from priority.selectors import policy_current, policy_of
from tests import desk
from tests.browser.chat_hosts import Hosts, hosts
from tests.browser.conftest import signed_in
from tests.browser.test_chat import Visit, visit
from tests.channels_social.chat_desk import SITE, chat
from tests.channels_social.email.post import Post, office
from tests.channels_social.visitor_desk import ADDRESS, MAILBOX, mailbox
from tests.faults.processes import Desk
from tests.moved_clock import MovedClock, moved_clock
from tests.tickets.at_work import AMSTERDAM
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundPart,
    OutboundReply,
    Promise,
    ReplyState,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.selectors_presence import calendar_of_account

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

COMPOSER = "form.composer textarea[name=text]"
#: What is done each few seconds is done more often; the words wait a moment for who comes back.
CLOCKS = {"PING_EVERY": 2.0, "GONE_AFTER": 5.0, "MISSED_AFTER": 0.2, "SEEN_EVERY": 2.0}
#: Seconds in which something comes about on a busy machine, whoever tells of it.
WITHIN = 20
expect.set_options(timeout=WITHIN * 1_000)

SAID = [
    "The street light at Kade 12 is broken. Could you repair it, please?",
    "It is the one beside the bridge.",
    "And the one across the water flickers.",
    "Nobody has come by yet.",
]
ANSWERS = [
    "Somebody looks at it.",
    "The bridge, I see. A crew has it on its list.",
    "We put the other one on the list, too.",
    "They are on their way now.",
]


@dataclass
class Story:
    running: Desk
    clock: MovedClock
    post: Post
    noor: Page
    daan: Page
    context: BrowserContext
    host: Hosts
    live_pid: int
    ticks: int = 0

    def until(self, seen: Callable[[], bool], what: str) -> None:
        for _ in range(WITHIN * 20):
            if seen():
                return
            self.noor.wait_for_timeout(50)
        pytest.fail(f"{what} did not come about within {WITHIN} s")

    def comes(self) -> Visit:
        """The visitor, in a new tab of their browser."""
        return visit(self.context, self.host)

    def looks(self, page: Page) -> None:
        """As each 15 s, where nothing is told."""
        page.evaluate("window.dispatchEvent(new Event('desk:look'))")

    def answers(self, page: Page, text: str) -> None:
        page.fill(COMPOSER, text)
        page.locator(COMPOSER).press("Control+Enter")
        expect(page.locator(".talk .ours", has_text=text)).to_have_count(1)

    def tick(self) -> None:
        """What beat starts, once, by a process that needs no Redis."""
        self.ticks += 1
        name = f"tick{self.ticks}"
        assert self.running.start(name, "manage.py", "desk_tick")
        self.until(lambda: self.running.group.has_ended(name), "the end of desk_tick")


def opening_hour(account: ChannelAccount) -> datetime:
    """A coming day at ten on which somebody may be there."""
    calendar = calendar_of_account(policy_of(policy_current().pk), account)
    today = database_now().astimezone(AMSTERDAM).date()
    days = (datetime.combine(today + timedelta(days=each), time(10), AMSTERDAM) for each in range(1, 20))
    return next(each for each in days if office_hours.is_open(calendar, each))


@pytest.fixture
def story(browser: Browser) -> Iterator[Story]:
    with begun(browser) as made:
        yield made


@pytest.fixture
def story_with_workers(browser: Browser) -> Iterator[Story]:
    with begun(browser) as made:
        made.running.worker(concurrency=2)
        made.running.beat()
        yield made


@contextlib.contextmanager
def begun(browser: Browser) -> Iterator[Story]:
    desk.seeded()
    people = {name: desk.user(name, teams=[desk.team("front")]) for name in ("noor", "daan")}
    with contextlib.ExitStack() as closing:
        clock = closing.enter_context(moved_clock())
        post = Post()
        mailbox(port=closing.enter_context(office(post)))
        running = closing.enter_context(Desk())
        running.env["LIVE_URL"] = running.live_url
        host = closing.enter_context(hosts(running.url, SITE))
        account = chat(sites=host.url, languages="en", through=MAILBOX)
        clock.to(opening_hour(account))
        running.web()
        live_pid = running.live(**CLOCKS)

        def context() -> BrowserContext:
            made = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
            closing.callback(made.close)
            return made

        pages = {}
        for name, user in people.items():
            theirs = context()
            signed_in(theirs, running.url, user)
            pages[name] = theirs.new_page()
        for key in Session.objects.values_list(
            "session_key", flat=True
        ):  # days pass, and they stay signed in
            session = SessionStore(key)
            session.set_expiry(timedelta(days=100))
            session.save()
        yield Story(running, clock, post, pages["noor"], pages["daan"], context(), host, live_pid)


@pytest.mark.slow
def test_a_chat_from_its_first_word_to_its_return(story_with_workers: Story) -> None:
    story = story_with_workers
    noor, daan = story.noor, story.daan
    quiet = [page.get_by_text("Not live just now") for page in (noor, daan)]

    # They write, and stand in both queues; one takes it, the other sees who.
    for page in (noor, daan):
        page.goto(story.running.url + "/")
    here = story.comes()
    here.open()
    expect(here.inside.locator("#here")).to_contain_text("is here")
    here.say(SAID[0])
    expect(here.inside.locator("li.mine small")).to_contain_text("sent")
    story.until(Ticket.objects.exists, "the ticket")
    ticket = Ticket.objects.get()
    row = f"[data-row='{ticket.reference}']"
    for page in (noor, daan):
        expect(page.locator(row)).to_be_visible()
    daan.locator(f"{row} .pick").check()
    daan.keyboard.press("a")
    daan.get_by_role("dialog").get_by_role("button", name="Assign").click()
    expect(noor.locator(f"{row} .owner")).to_contain_text("Daan")

    # Nobody tells them any more: that is said, and everything goes on.
    story.running.kill_all(story.live_pid)
    for line in quiet:
        expect(line).to_be_visible()
    daan.goto(story.running.url + reverse("ticket", args=[ticket.shown_reference]))
    story.answers(daan, ANSWERS[0])
    told_in(here, ANSWERS[0])
    expect(here.inside.locator("#pin .date")).to_be_visible()
    here.say(SAID[1])
    expect(here.inside.locator("li.mine small").last).to_contain_text(", sent")
    story.looks(daan)
    expect(daan.locator(".ticket > .fresh a")).to_be_visible()
    assert not daan.locator(".talk .say", has_text=SAID[1]).count()

    # It is back: the pages have what changed meanwhile, and tell each other who writes.
    story.live_pid = story.running.live(**CLOCKS)
    for page in (noor, daan):
        page.evaluate("window.dispatchEvent(new Event('online'))")  # they come one by one, within a minute
    for line in quiet:
        expect(line).to_be_hidden()
    expect(daan.locator(".talk .say", has_text=SAID[1])).to_be_visible()
    noor.goto(daan.url)
    expect(noor.locator(".here", has_text="Daan is looking")).to_be_visible()
    noor.fill(COMPOSER, "A crew is on its way.")
    expect(daan.locator(".here", has_text="Noor is writing")).to_be_visible()
    daan.fill(COMPOSER, ANSWERS[1])
    expect(noor.locator("[data-others]")).to_contain_text("Daan is writing")
    daan.locator(COMPOSER).press("Control+Enter")
    came = noor.locator("[data-meanwhile] .came")
    expect(came).to_contain_text("Daan has answered. Send anyway?")
    expect(came).to_contain_text(ANSWERS[1])
    noor.locator(COMPOSER).press("Control+Enter")
    story.until(lambda: noor.evaluate("document.activeElement.name") == "anyway", "the choice")
    noor.fill(COMPOSER, "")
    told_in(here, ANSWERS[1])

    # Redis stands still: they write and are answered all the same.
    story.running.redis_freeze()
    for line in quiet:
        expect(line).to_be_visible()
    here.say(SAID[2])
    expect(here.inside.locator("li.mine small").last).to_contain_text(", sent")
    story.looks(daan)
    daan.locator(".ticket > .fresh a").click()
    expect(daan.locator(".talk .say", has_text=SAID[2])).to_be_visible()
    story.answers(daan, ANSWERS[2])
    story.tick()
    told_in(here, ANSWERS[2])
    expect(quiet[0]).to_be_visible()
    story.running.redis_thaw()
    for line in quiet:
        expect(line).to_be_hidden()

    # They leave, and an address. Before its date it is said there that it gets later.
    leaves_address(here)
    here.page.close()
    promise = Promise.objects.get(end="")
    assert promise.ticket_id == ticket.pk
    story.clock.to(promise.notice_at + timedelta(seconds=1))
    story.until(lambda: len(story.post.got) > 0, "the mail")
    story.until(lambda: Promise.objects.get(end="") != promise, "the new date")
    promise.refresh_from_db()
    later = Promise.objects.get(end="")
    assert promise.end == "renewed"
    assert promise.ended_at is not None
    assert later.told_at < promise.promised_for < later.promised_for

    # They come back, read it here, too, and it goes on.
    back = story.comes()
    back.open()
    expect(back.inside.locator("#lines li.mine p")).to_have_text(SAID[:3])
    back.say(SAID[3])
    expect(back.inside.locator("li.mine small").last).to_contain_text(", sent")
    expect(daan.locator(".talk .say", has_text=SAID[3])).to_be_visible()
    story.answers(daan, ANSWERS[3])
    told_in(back, ANSWERS[3])
    story.until(lambda: not OutboundReply.objects.exclude(state__in=["sent", "superseded"]).exists(), "quiet")
    all_once(story, ticket)


def test_written_and_answered_while_redis_stands_still(story: Story) -> None:
    """And no worker runs but the one that needs no Redis."""
    noor = story.noor
    noor.goto(story.running.url + "/")
    here = story.comes()
    here.open()
    here.say(SAID[0])
    story.until(Ticket.objects.exists, "the ticket")
    ticket = Ticket.objects.get()
    expect(noor.locator(f"[data-row='{ticket.reference}']")).to_be_visible()
    noor.goto(story.running.url + reverse("ticket", args=[ticket.shown_reference]))
    story.running.redis_freeze()
    expect(noor.get_by_text("Not live just now")).to_be_visible()
    here.say(SAID[1])
    expect(here.inside.locator("li.mine small").last).to_contain_text(", sent")
    story.looks(noor)
    noor.locator(".ticket > .fresh a").click()
    expect(noor.locator(".talk .say", has_text=SAID[1])).to_be_visible()
    story.answers(noor, ANSWERS[0])
    story.tick()
    told_in(here, ANSWERS[0])
    assert not here.inside.locator("#trouble").is_visible()
    story.running.redis_thaw()
    expect(noor.get_by_text("Not live just now")).to_be_hidden()
    story.tick()
    assert [each.body for each in Message.objects.filter(direction="in").order_by("pk")] == SAID[:2]
    assert Message.objects.filter(direction="out").count() == VisitorLine.objects.count() == 1


def told_in(here: Visit, words: str) -> None:
    """It stands in their window, once, and the desk knows that they have it."""
    line = here.inside.locator("#lines li", has_text=words)
    expect(line).to_have_count(1)
    sent = OutboundReply.objects.filter(text__startswith=words, state=ReplyState.SENT)
    for _ in range(WITHIN * 20):
        if sent.exists():
            return
        here.page.wait_for_timeout(50)
    pytest.fail(f"that they have read {words!r} did not come about within {WITHIN} s")


def leaves_address(here: Visit) -> None:
    here.inside.get_by_role("button", name="Leave an e-mail address").click()
    here.inside.locator("#email").fill(ADDRESS)
    here.inside.locator("#agree").check()
    here.inside.get_by_role("button", name="Save").click()
    expect(here.inside.locator("#mail")).to_have_text(ADDRESS)


def all_once(story: Story, ticket: Ticket) -> None:
    """Nothing lost, nothing twice."""
    assert Ticket.objects.get() == ticket
    heard = Message.objects.filter(direction="in").order_by("sent_at", "pk")
    assert list(heard.values_list("body", flat=True)) == SAID
    assert VisitorWords.objects.count() == len(SAID)
    assert EventKey.objects.count() == InboundEvent.objects.filter(state=EventState.DONE).count()

    sent = OutboundReply.objects.filter(state=ReplyState.SENT).order_by("sent_at", "pk")
    answers = [each for each in sent if not each.is_automatic]
    assert [each.text[: len(words)] for each, words in zip(answers, ANSWERS, strict=True)] == ANSWERS
    (notice,) = [each for each in sent if each.is_automatic]
    assert notice.kind == "overdue_notice"
    said = Message.objects.filter(direction="out")
    assert sorted(said.values_list("reply_id", flat=True)) == sorted(each.pk for each in sent)
    events = TicketEvent.objects.filter(kind__in=["acknowledged", "answered", "notified"])
    assert sorted(each.args["reply"] for each in events) == sorted(each.pk for each in sent)

    lines = VisitorLine.objects.order_by("number")
    parts = OutboundPart.objects.filter(reply__in=sent).order_by("sent_at", "pk")
    assert [each.reply_id for each in parts] == [each.pk for each in sent]
    assert [each.text for each in lines] == [each.text for each in parts]
    assert [each.mailed_at is not None for each in lines] == [each == notice for each in sent]
    (mail,) = story.post.got
    assert mail.rcpt_tos == [ADDRESS]

    told = Promise.objects.order_by("told_at", "pk")
    assert [each.end for each in told][-2:] == ["renewed", ""]
    assert not told.filter(end="missed").exists()
    wrong = [TaskKind.NOT_CERTAIN, TaskKind.NOT_TOLD, TaskKind.NOT_THERE, TaskKind.REFUSED, TaskKind.UNREAD]
    assert not AgentTask.objects.filter(kind__in=wrong).exists()
