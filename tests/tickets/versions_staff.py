"""Cases of versions.py about people, and about several tickets at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Team
from accounts.services.people import Person
from tests import desk
from tests.tickets.at_work import at
from tests.tickets.versions import NOW, Scene, case
from tickets.models import (
    Ticket,
)
from tickets.services.staff import person_change, person_end, team_private_set
from tickets.services.stops import automatic_resume, automatic_stop
from tickets.services.together import (
    tickets_assign,
    tickets_properties_set,
    tickets_put_away,
    tickets_transfer,
)
from tickets.services.together_release import tickets_release
from tickets.services.together_undo import bulk_undo


def _person(scene: Scene, teams: Mapping[int, bool]) -> Any:
    """Somebody who owns the ticket, and is changed or goes."""
    scene.noor.is_admin = True
    scene.noor.save()
    Team.objects.filter(pk=scene.ticket.team_id).update(is_private=True)
    daan = desk.user("daan", teams=[scene.ticket.team])
    Ticket.objects.filter(pk=scene.ticket.pk).update(owner=daan)
    return daan, Person("Daan", daan.email, "en", "Europe/Amsterdam", False, False, teams)


@case("staff.person_end")
def _person_end(scene: Scene) -> Any:
    daan, _ = _person(scene, {})
    return scene.ticket, lambda: person_end(actor=scene.noor, user_id=daan.pk, now=NOW)


@case("staff.person_change")
def _person_change(scene: Scene) -> Any:
    daan, person = _person(scene, {scene.roads.pk: False})
    return scene.ticket, lambda: person_change(actor=scene.noor, user_id=daan.pk, person=person, now=NOW)


@case("staff.team_private_set")
def _team_private(scene: Scene) -> Any:
    _person(scene, {})
    Team.objects.filter(pk=scene.ticket.team_id).update(is_private=False)
    stranger = desk.user("sam", teams=[scene.roads])
    Ticket.objects.filter(pk=scene.ticket.pk).update(owner=stranger)
    return scene.ticket, lambda: team_private_set(
        actor=scene.noor, team_id=scene.ticket.team_id, is_private=True, seen_outside=None, now=NOW
    )


@case("stops.automatic_resume")
def _resume(scene: Scene) -> Any:
    scene.noor.is_manager = True
    scene.noor.save()
    automatic_stop(actor=scene.noor, account_id=None, why="wrong", now=NOW)
    row = scene.row()
    return row.ticket, lambda: automatic_resume(actor=scene.noor, account_id=None, now=at(23, 12))


@case("together.tickets_assign")
def _assign_together(scene: Scene) -> Any:
    return scene.ticket, lambda: tickets_assign(
        actor=scene.noor, chosen=scene.seen(), user_id=scene.noor.pk, now=NOW
    )


@case("together.tickets_transfer")
def _transfer_together(scene: Scene) -> Any:
    return scene.ticket, lambda: tickets_transfer(
        actor=scene.noor, chosen=scene.seen(), team_key="roads", now=NOW
    )


@case("together.tickets_properties_set")
def _properties_together(scene: Scene) -> Any:
    return scene.ticket, lambda: tickets_properties_set(
        actor=scene.noor, chosen=scene.seen(), category="", impact="low", urgency="low", why="seen", now=NOW
    )


@case("together.tickets_put_away")
def _put_away_together(scene: Scene) -> Any:
    vents = scene.vents()
    return vents, lambda: tickets_put_away(
        actor=scene.noor, chosen=scene.seen(vents), reason="venting", now=NOW
    )


@case("together_undo.bulk_undo")
def _undo_together(scene: Scene) -> Any:
    done = tickets_assign(actor=scene.noor, chosen=scene.seen(), user_id=scene.noor.pk, now=NOW)
    assert done.action is not None
    token = done.action.token
    return scene.ticket, lambda: bulk_undo(actor=scene.noor, token=token, now=NOW)


@case("together_release.tickets_release")
def _release_together(scene: Scene) -> Any:
    row = scene.row(state="held", held_reason="window", held_by="desk")
    return row.ticket, lambda: tickets_release(actor=scene.noor, chosen=scene.seen(row.ticket), now=NOW)
