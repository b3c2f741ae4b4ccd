"""People and teams: what an administrator does, who is never locked out, and what a colleague who leaves had."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.errors import Changed, NotFound, Refused
from accounts.models import Membership, StaffEvent, Team, User
from accounts.services.people import Person, person_return
from accounts.services.teams import team_make, team_rename
from tests import desk
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import AgentTask, Status, TaskKind, Ticket
from tickets.selectors import teams_visible
from tickets.services.audit import task, tasks_make
from tickets.services.owning import ticket_assign
from tickets.services.staff import person_change, person_end, team_close, team_private_set
from tickets.tokens import token

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    desk.seeded()
    return desk.user("ada", teams=[desk.team("front")], admin=True)


def _as_it_is(user: User, **changed: object) -> Person:
    teams = dict(Membership.objects.filter(user=user).values_list("team_id", "is_lead"))
    fields = {
        "display_name": user.display_name,
        "email": user.email,
        "language": user.language,
        "zone": user.zone,
        "is_manager": user.is_manager,
        "is_admin": user.is_admin,
        "teams": teams,
    }
    return Person(**{**fields, **changed})  # type: ignore[arg-type]


def _owned(owner: User, *, of_team: Team, number: int = 1) -> Ticket:
    ticket = hear(desk.account(str(1000 + number), of_team=of_team), number)
    return ticket_assign(actor=owner, ticket_id=ticket.pk, user_id=owner.pk, now=database_now())


# -- the last administrator ------------------------------------------------------------------------------------------
def test_the_last_administrator_stays_one(ada: User) -> None:
    with pytest.raises(Refused) as refused:
        person_change(actor=ada, user_id=ada.pk, person=_as_it_is(ada, is_admin=False), now=database_now())
    assert refused.value.code == "last_admin"
    other = desk.user("bea", admin=True)
    person_end(actor=ada, user_id=other.pk, now=database_now())
    with pytest.raises(Refused):
        person_change(actor=ada, user_id=ada.pk, person=_as_it_is(ada, is_admin=False), now=database_now())
    ada.refresh_from_db()
    assert ada.is_admin


def test_nobody_ends_their_own_access(ada: User) -> None:
    desk.user("bea", admin=True)
    with pytest.raises(Refused) as refused:
        person_end(actor=ada, user_id=ada.pk, now=database_now())
    assert refused.value.code == "self"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["end", "demote"])
def test_two_who_remove_each_other_at_once_leave_one(how: str) -> None:
    """Two connections, begun together; whoever comes second is no administrator any more, and removes nobody."""
    ada, bea = desk.user("ada", admin=True), desk.user("bea", admin=True)
    together = Barrier(2)

    def remove(actor: User, other: User) -> str:
        try:
            together.wait(timeout=10)
            if how == "end":
                person_end(actor=actor, user_id=other.pk, now=database_now())
            else:
                person = _as_it_is(other, is_admin=False)
                person_change(actor=actor, user_id=other.pk, person=person, now=database_now())
        except NotFound:
            return "not theirs any more"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(remove, (ada, bea), (bea, ada)))
    assert said == ["done", "not theirs any more"]
    assert User.objects.filter(is_admin=True, is_active=True).count() == 1


def test_only_administrators(ada: User) -> None:
    mona = desk.user("mona", manager=True)
    with pytest.raises(NotFound):
        person_change(actor=mona, user_id=ada.pk, person=_as_it_is(ada), now=database_now())
    with pytest.raises(NotFound):
        team_make(actor=mona, name="New", is_private=False, now=database_now())


# -- leaving ---------------------------------------------------------------------------------------------------------
def test_what_a_leaving_colleague_had_has_no_owner_and_keeps_its_date(ada: User) -> None:
    front = desk.team("front")
    noor = desk.user("noor", teams=[front])
    ticket = _owned(noor, of_team=front)
    acknowledge(ticket)
    ticket.refresh_from_db()
    done = _owned(noor, of_team=front, number=2)
    Ticket.objects.filter(pk=done.pk).update(status=Status.CLOSED)
    tasks_make([
        task(TaskKind.REMIND, reason="remind", cause="remind:1", team_id=front.pk, ticket_id=ticket.pk,
             user_id=noor.pk, due_at=database_now(), now=database_now())
    ])  # fmt: skip
    client = Client()
    client.force_login(noor)
    assert client.get("/").status_code == 200

    _, let_go = person_end(actor=ada, user_id=noor.pk, now=database_now())

    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.owner_id, after.promised_for, after.status) == (None, ticket.promised_for, ticket.status)
    assert after.version > ticket.version
    assert let_go == 1
    assert after.events.get(kind="let_go").args == {"user": noor.pk, "why": "left"}
    assert AgentTask.objects.get(cause="remind:1").user_id is None
    assert client.get("/").status_code == 302
    assert (
        client.post(reverse("sign_in"), {"username": "noor", "password": "correct horse"}).status_code == 400
    )
    assert Ticket.objects.get(pk=done.pk).owner_id == noor.pk
    assert done.events.filter(actor_user=noor).exists()

    person_return(actor=ada, user_id=noor.pk, now=database_now())
    assert (
        client.post(reverse("sign_in"), {"username": "noor", "password": "correct horse"}).status_code == 302
    )
    assert Ticket.objects.get(pk=ticket.pk).owner_id is None


@pytest.mark.django_db(transaction=True)
def test_what_is_given_to_somebody_who_leaves_just_now_is_let_go() -> None:
    """The one who gives has looked, and not committed: whoever ends the access waits for them."""
    desk.seeded()
    front = desk.team("front")
    ada, noor, ilse = desk.user("ada", admin=True), desk.user("noor", teams=[front]), desk.user("ilse")
    ticket = hear(desk.account(of_team=front), 1)
    given, ended = Event(), Event()

    def give() -> None:
        try:
            with transaction.atomic():
                ticket_assign(actor=ilse, ticket_id=ticket.pk, user_id=noor.pk, now=database_now())
                given.set()
                assert not ended.wait(1), "it did not wait"
        finally:
            connection.close()

    def end() -> int:
        try:
            assert given.wait(10)
            return person_end(actor=ada, user_id=noor.pk, now=database_now())[1]
        finally:
            ended.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        giving, ending = pool.submit(give), pool.submit(end)
        giving.result()
        assert ending.result() == 1
    assert Ticket.objects.get(pk=ticket.pk).owner_id is None
    with pytest.raises(Refused):
        ticket_assign(actor=ilse, ticket_id=ticket.pk, user_id=noor.pk, now=database_now())


def test_whoever_leaves_a_private_team_lets_go_of_its_tickets(ada: User) -> None:
    secret, front = desk.team("integrity", private=True), desk.team("front")
    kim = desk.user("kim", teams=[secret, front])
    private, public = _owned(kim, of_team=secret), _owned(kim, of_team=front, number=2)
    person_change(
        actor=ada, user_id=kim.pk, person=_as_it_is(kim, teams={front.pk: True}), now=database_now()
    )
    assert Ticket.objects.get(pk=private.pk).owner_id is None
    assert Ticket.objects.get(pk=public.pk).owner_id == kim.pk
    assert dict(Membership.objects.filter(user=kim).values_list("team__key", "is_lead")) == {"front": True}
    kinds = set(StaffEvent.objects.filter(user=kim).values_list("kind", flat=True))
    assert kinds == {"team_left", "team_lead"}


# -- teams -----------------------------------------------------------------------------------------------------------
def test_making_a_team_private_says_who_loses_what_and_takes_it_from_them(ada: User) -> None:
    trams = desk.team("trams")
    daan, noor = desk.user("daan", teams=[trams]), desk.user("noor", teams=[desk.team("front")])
    kept, lost = _owned(daan, of_team=trams), _owned(noor, of_team=trams, number=2)
    client = Client()
    client.force_login(ada)
    page = client.get(reverse("team_private", args=["trams"])).content.decode()
    assert "2 colleagues who are not in it lose sight" in page
    letting_go = page.split("let it go")[1].split("</ul>")[0]
    assert "Noor" in letting_go
    assert "Daan" not in letting_go
    with pytest.raises(Changed):
        team_private_set(actor=ada, team_id=trams.pk, is_private=True, seen_outside=0, now=database_now())
    seen = re.findall(r'name="seen" value="(\d+)"', page)[0]
    answer = client.post(reverse("team_private", args=["trams"]), {"private": "yes", "seen": seen})
    assert answer.status_code == 302
    assert Ticket.objects.get(pk=kept.pk).owner_id == daan.pk
    assert Ticket.objects.get(pk=lost.pk).owner_id is None
    client.force_login(noor)
    assert client.get(reverse("ticket", args=[lost.shown_reference])).status_code == 404


def test_a_team_with_something_to_do_cannot_go(ada: User) -> None:
    trams = desk.team("trams")
    ticket = hear(desk.account("7", of_team=trams), 1)
    with pytest.raises(Refused) as refused:
        team_close(actor=ada, team_id=trams.pk, now=database_now())
    assert "1 ticket" in refused.value.words
    assert str(ticket.account) in refused.value.words


def test_a_team_goes_once_its_account_is_anothers_and_its_tickets_are_closed(ada: User) -> None:
    trams, front = desk.team("trams"), desk.team("front")
    mona = desk.user("mona", teams=[trams], manager=True)
    ticket = hear(desk.account("7", of_team=trams), 1)
    AgentTask.objects.filter(team=trams).update(done_at=database_now())
    client = Client()
    client.force_login(mona)
    account = ticket.account
    settings = {"acknowledge": account.acknowledge, "sign_off": "", "language": "en"}
    where = reverse("account_settings", args=[token("channelaccount", account.pk)])
    assert client.post(where, {**settings, "team": "nowhere"}).status_code == 422
    assert client.post(where, {**settings, "team": "front"}).status_code == 302
    account.refresh_from_db()
    assert account.team == front
    assert Ticket.objects.get(pk=ticket.pk).team == trams
    assert hear(account, 2, by="bram").team == front
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.CLOSED)
    team_close(actor=ada, team_id=trams.pk, now=database_now())
    client.force_login(desk.user("daan", teams=[front]))
    assert client.get(reverse("ticket", args=[ticket.shown_reference])).status_code == 200


def test_a_team_that_is_gone_is_offered_nowhere_and_its_key_stays_its_own(ada: User) -> None:
    team = team_make(actor=ada, name="Night watch", is_private=False, now=database_now())
    assert team in teams_visible(ada)
    team_close(actor=ada, team_id=team.pk, now=database_now())
    assert team not in teams_visible(ada)
    again = team_make(actor=ada, name="Night watch", is_private=False, now=database_now())
    assert (team.key, again.key) == ("night-watch", "night-watch-2")


def test_the_only_team_stays(ada: User) -> None:
    with pytest.raises(Refused):
        team_close(actor=ada, team_id=desk.team("front").pk, now=database_now())


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "front"])
def test_a_team_has_a_name_of_its_own(ada: User, name: str) -> None:
    trams = desk.team("trams")
    with pytest.raises(Refused):
        team_rename(actor=ada, team_id=trams.pk, name=name, now=database_now())


def test_a_key_is_never_a_word_of_the_queue(ada: User) -> None:
    assert team_make(actor=ada, name="Any", is_private=False, now=database_now()).key != "any"


# -- pages -----------------------------------------------------------------------------------------------------------
def test_a_lead_reads_who_is_in_their_team_and_changes_nothing(ada: User) -> None:
    front, trams = desk.team("front"), desk.team("trams")
    ilse = desk.user("ilse", teams=[front], lead=True)
    desk.user("noor", teams=[front])
    desk.user("daan", teams=[trams])
    client = Client()
    client.force_login(ilse)
    page = client.get(reverse("people")).content.decode()
    assert "Noor" in page
    assert "Daan" not in page
    assert reverse("invite") not in page
    assert reverse("person", args=[token("user", ilse.pk)]) not in page


def test_saving_a_person_in_the_browser(ada: User) -> None:
    noor = desk.user("noor", teams=[desk.team("front")])
    trams = desk.team("trams")
    client = Client()
    client.force_login(ada)
    where = reverse("person", args=[token("user", noor.pk)])
    sent = {
        "display_name": "Noor B.", "email": "", "language": "nl", "zone": "Europe/Brussels", "manager": "yes",
        f"team-{trams.key}": "lead",
    }  # fmt: skip
    assert client.post(where, {**sent, "zone": "Mars/Base"}).status_code == 422
    page = client.post(where, {**sent, "zone": "Mars/Base"}).content.decode()
    assert 'value="Mars/Base"' in page
    assert 'value="Noor B."' in page
    assert client.post(where, sent)["Location"] == reverse("people")
    noor.refresh_from_db()
    assert (noor.display_name, noor.email, noor.language, noor.zone, noor.is_manager, noor.is_admin) == (
        "Noor B.", "", "nl", "Europe/Brussels", True, False,
    )  # fmt: skip
    assert dict(noor.memberships.values_list("team__key", "is_lead")) == {"trams": True}
    history = client.get(where).content.decode()
    assert "made a manager" in history
    assert "into Trams, as its lead" in history


def test_the_page_asks_as_often_whatever_the_number(ada: User, django_assert_max_num_queries: object) -> None:
    client = Client()
    client.force_login(ada)

    def count() -> int:

        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("people")).status_code == 200
        return len(asked)

    count()
    few = count()
    for number in range(6):
        desk.user(f"one{number}", teams=[desk.team(f"team{number}")], lead=True)
    assert count() == few


def test_mail_addresses_and_names_are_one_persons(ada: User) -> None:
    noor = desk.user("noor")
    with pytest.raises(Refused) as refused:
        person_change(
            actor=ada,
            user_id=noor.pk,
            person=_as_it_is(noor, email="ADA@merendam.example"),
            now=database_now(),
        )
    assert refused.value.code == "email"


def test_events_tell_no_secret(ada: User) -> None:
    before = database_now() - timedelta(seconds=1)
    client = Client()
    client.force_login(ada)
    client.post(reverse("invite"), {"name": "Kim", "language": "en", "team-front": "in"})
    told = str(list(StaffEvent.objects.filter(at__gte=before).values_list("kind", "args")))
    assert "invited" in told
    assert "token" not in told
