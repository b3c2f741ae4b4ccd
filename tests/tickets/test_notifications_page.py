"""The page behind the bell, the bell of the API, what one wants to be told, and whom a team wakes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, StaffEvent, User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import LIGHTS
from tests.tickets.said import hear
from tickets.models import ChannelAccount, Notification, Ticket, ToldWishes
from tickets.selectors_notifications import bell
from tickets.services.owning import ticket_assign
from tickets.tokens import token

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(noor: User) -> User:
    """Leads the front team."""
    return desk.user("lena", teams=[desk.team("front")], lead=True)


@pytest.fixture
def given(ticket: Ticket, noor: User, lena: User, clock: SimulatedClock) -> Notification:
    ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)
    return Notification.objects.get(user=noor)


def named(row: Notification) -> str:
    return token("notification", row.pk)


def html(answer: Any) -> str:
    return str(answer.content.decode())


class TestThePage:
    def test_shows_it_and_the_bell_counts_it(self, page: Client, given: Notification) -> None:
        text = html(page.get(reverse("notifications")))
        assert f"{given.ticket.shown_reference} was given to you" in text
        assert "1 unread" in text
        assert '<a class="bell rings"' in text

    def test_opening_it_reads_it(self, page: Client, given: Notification) -> None:
        answer = page.post(reverse("notification_open", args=[named(given)]))
        assert answer.headers["Location"] == reverse("ticket", args=[given.ticket.shown_reference])
        given.refresh_from_db()
        assert given.read_at is not None
        assert '<a class="bell"' in html(page.get(reverse("notifications")))

    @pytest.mark.parametrize("how", ["which", "ticket", "all"])
    def test_read(self, how: str, page: Client, noor: User, given: Notification) -> None:
        data = {"which": named(given), "ticket": given.ticket.shown_reference, "all": "yes"}
        answer = page.post(reverse("notifications_read"), {how: data[how]})
        assert answer.status_code == 302
        assert bell(noor).count == 0

    def test_a_script_is_told_the_bell_as_it_is_then(self, page: Client, given: Notification) -> None:
        answer = page.post(
            reverse("notifications_read"), {"all": "yes"}, headers={"Accept": "application/json"}
        )
        assert answer.json() == {"count": 0, "figure": "", "words": "0 unread", "newest": []}

    def test_a_colleagues_are_not_there(self, client: Client, lena: User, given: Notification) -> None:
        client.force_login(lena)
        assert client.post(reverse("notification_open", args=[named(given)])).status_code == 404
        assert client.post(reverse("notifications_read"), {"which": named(given)}).status_code == 404
        client.post(reverse("notifications_read"), {"all": "yes"})
        given.refresh_from_db()
        assert given.read_at is None

    def test_what_one_sees_no_more_is_not_there(self, page: Client, given: Notification) -> None:
        Ticket.objects.filter(pk=given.ticket_id).update(team=desk.team("hidden", private=True))
        assert given.ticket.shown_reference not in html(page.get(reverse("notifications")))
        assert page.post(reverse("notification_open", args=[named(given)])).status_code == 404

    def test_no_word_of_a_caller(self, page: Client, released: ChannelAccount, noor: User) -> None:
        hear(released, 9, "@desk CANARY there is a strong gas smell in the Lindelaan, help", by="canarybird")
        text = html(page.get(reverse("notifications")))
        assert "look at it now" in text
        for word in ("canary", "lindelaan", "gas smell"):
            assert word not in text.lower()
            assert word not in str(page.get(reverse("bell")).json()).lower()

    def test_as_many_statements_for_many_and_a_page_after_the_first(
        self, page: Client, released: ChannelAccount, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                page.get(reverse("notifications"))
                page.get(reverse("bell"))
            return len(queries)

        def give(first: int, count: int) -> None:
            for number in range(first, first + count):
                ticket = hear(released, number, LIGHTS, by=f"by{number}")
                ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)

        give(100, 2)
        asked()
        few = asked()
        give(200, 4)
        assert asked() == few
        one = Notification.objects.filter(user=noor)[0]
        Notification.objects.bulk_create(
            Notification(
                user=noor, kind="said", ticket_id=one.ticket_id, cause=f"said:{number}", created_at=clock.now
            )
            for number in range(60)
        )
        first = html(page.get(reverse("notifications")))
        after = first.partition("?after=")[2].partition('"')[0]
        second = html(page.get(reverse("notifications"), {"after": after}))
        assert first.count("told-row") == 50
        assert second.count("told-row") == 16
        assert page.get(reverse("notifications"), {"after": "yesterday"}).status_code == 200


class TestTheBell:
    def test_rides_on_what_pages_ask_anyway(self, page: Client, given: Notification) -> None:
        ticket = Ticket.objects.get(pk=given.ticket_id)
        for answer in (
            page.get(reverse("bell")).json(),
            page.get(reverse("queue_changes"), {"rows": ""}).json().get("bell")
            or page.get(reverse("queue_changes"), {"rows": f"{ticket.reference}.1"}).json()["bell"],
            page.get(reverse("ticket_changes", args=[ticket.shown_reference])).json()["bell"],
        ):
            assert (answer["count"], answer["figure"], answer["words"]) == (1, "1", "1 unread")
            (one,) = answer["newest"]
            assert one["words"] == f"{ticket.shown_reference} was given to you"
            assert one["to"] == reverse("ticket", args=[ticket.shown_reference])

    def test_announces_only_what_one_wants(self, page: Client, noor: User, given: Notification) -> None:
        ToldWishes.objects.create(user=noor, page=["given"], browser=[], mail=[])
        answer = page.get(reverse("bell")).json()
        assert (answer["count"], answer["newest"]) == (1, [])


class TestWishes:
    def test_are_kept_and_what_is_announced_rings_the_bell(self, page: Client, noor: User) -> None:
        assert page.get(reverse("me_notifications")).status_code == 200
        data = {"page": ["said"], "browser": ["given", "nonsense"], "mail": ["task"]}
        answer = page.post(reverse("me_notifications"), {**data, "digest": "hourly", "digest_hour": "17"})
        assert answer.status_code == 302
        kept = ToldWishes.objects.get(user=noor)
        assert kept.page == ["given", "said", "task"]
        assert (kept.browser, kept.mail, kept.digest, kept.digest_hour) == (["given"], ["task"], "hourly", 17)

    @pytest.mark.parametrize(("digest", "hour"), [("weekly", "8"), ("daily", "24"), ("daily", "noon")])
    def test_nonsense_is_refused_and_what_was_ticked_stays(
        self, digest: str, hour: str, page: Client, noor: User
    ) -> None:
        data = {"browser": ["task"], "digest": digest, "digest_hour": hour}
        answer = page.post(reverse("me_notifications"), data)
        assert answer.status_code == 422
        assert 'name="browser" value="task" aria-labelledby="w-browser k-task" checked' in html(answer)
        assert not ToldWishes.objects.exists()

    def test_says_whether_any_mail_goes_out(self, page: Client, settings: Any) -> None:
        settings.MAILS_GO_OUT = False
        assert "No mail goes out from this desk" in html(page.get(reverse("me_notifications")))
        settings.MAILS_GO_OUT = True
        assert "No mail goes out from this desk" not in html(page.get(reverse("me_notifications")))

    def test_says_who_wakes_one(self, page: Client, noor: User, lena: User) -> None:
        assert "No team wakes you" in html(page.get(reverse("me_notifications")))
        Membership.objects.filter(user=noor).update(is_woken=True)
        assert "is mailed to you at once" in html(page.get(reverse("me_notifications")))


class TestWhoIsWoken:
    def test_is_named_on_the_teams_page(self, client: Client, noor: User, lena: User) -> None:
        client.force_login(desk.user("ada", admin=True))
        team = desk.team("front")
        where = reverse("team_woken", args=[team.key])
        stranger = desk.user("sam", teams=[desk.team("roads")])
        client.post(where, {"who": [token("user", noor.pk), token("user", stranger.pk)]})
        assert set(Membership.objects.filter(is_woken=True).values_list("user__username", flat=True)) == {
            "noor"
        }
        assert StaffEvent.objects.filter(kind="woken_set", user=noor).count() == 1
        assert "checked" in html(client.get(reverse("team", args=[team.key])))
        client.post(where, {})
        assert not Membership.objects.filter(is_woken=True).exists()

    def test_the_page_says_where_nobody_is(self, client: Client, noor: User) -> None:
        client.force_login(desk.user("ada", admin=True))
        team = desk.team("front")
        lead = desk.user("lena", teams=[team], lead=True)
        where, words = reverse("team", args=[team.key]), "As it stands, nobody is woken"
        assert words not in html(client.get(where))
        User.objects.filter(pk=lead.pk).update(email="")
        assert words in html(client.get(where))
        User.objects.filter(pk=lead.pk).update(email="lena@merendam.example", is_active=False)
        assert words in html(client.get(where))
        Membership.objects.filter(user=noor).update(is_woken=True)
        assert words not in html(client.get(where))
