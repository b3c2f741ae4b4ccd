"""The rail's figures: what every page counts, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.models import Membership, Team, User
from tickets.compiled import SAMPLE_NOW, SAMPLE_USER, Compiled, count_sql
from tickets.models import OPEN_STATUSES, ChannelAccount, DeskSwitch, Status, TaskKind, Triage
from tickets.selectors import COUNT_CAP, presses, tickets_visible
from tickets.selectors_tasks import tasks_to_me, tickets_asked, tickets_held

UNSURE = (TaskKind.NOT_CERTAIN, TaskKind.REFUSED)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rail counts, each to the cap. `mine`: open in the user's own teams; `nobody`: of these, what nobody
    owns; `tasks`: what is asked of the user. `teams`: the user's own, each with what is open there. `is_stopped`:
    automatic messages are stopped somewhere, whether or not the user may see where."""

    own: int
    mine: int
    nobody: int
    at_risk: int
    waiting: int
    everything: int
    triage: int
    held: int
    unsure: int
    tasks: int
    is_stopped: bool
    teams: Sequence[tuple[Team, int]]
    is_lead: bool


_COUNTED = (
    *("own", "mine", "nobody", "at_risk", "waiting", "everything", "triage", "held", "unsure", "tasks"),
)


def figures(user: User, *, now: datetime) -> Figures:
    *counts, is_stopped, teams = _FIGURES.row(user=user.pk, now=now)
    return Figures(
        **dict(zip(_COUNTED, counts, strict=True)),
        is_stopped=is_stopped,
        teams=[
            (Team(pk=pk, key=key, name=name, is_private=is_private), count)
            for pk, key, name, is_private, _, count in teams
        ],
        is_lead=any(is_lead for *_, is_lead, _count in teams),
    )


def _statement() -> str:
    user, now = SAMPLE_USER, SAMPLE_NOW
    visible = tickets_visible(user)
    opened = visible.filter(status__in=OPEN_STATUSES)
    decided = opened.exclude(triage=Triage.PENDING)
    ours = Q(team__in=Membership.objects.filter(user_id=user.pk).values("team_id"))
    asked = {
        "own": decided.filter(owner=user),
        "mine": decided.filter(ours),
        "nobody": decided.filter(ours, owner__isnull=True),
        "at_risk": decided.filter(ours, presses(now)),
        "waiting": decided.filter(ours, status__in=(Status.WAITING, Status.ON_HOLD)),
        "everything": decided,
        "triage": opened.filter(ours, triage=Triage.PENDING),
        "held": visible.filter(ours, pk__in=tickets_held(ours)),
        "unsure": visible.filter(ours, pk__in=tickets_asked(*UNSURE)),
        "tasks": tasks_to_me(user),
    }
    counts = ", ".join(count_sql(asked[name], COUNT_CAP) for name in _COUNTED)
    stops = " OR ".join(
        f"EXISTS ({rows.values('pk').query})"
        for rows in (
            DeskSwitch.objects.filter(stopped_at__isnull=False),
            ChannelAccount.objects.filter(automatic_stopped_at__isnull=False),
        )
    )
    of_team = count_sql(decided.filter(team=RawSQL("m.team_id", [])), COUNT_CAP)
    return f"""SELECT {counts}, {stops}, (
        SELECT coalesce(json_agg(json_build_array(t.id, t.key, t.name, t.is_private, m.is_lead, {of_team})
                                 ORDER BY t.name, t.id), '[]')
          FROM {Membership._meta.db_table} m JOIN {Team._meta.db_table} t ON t.id = m.team_id
         WHERE m.user_id = %(user)s AND t.closed_at IS NULL)"""  # noqa: S608 - Django wrote what is put in


_FIGURES = Compiled(_statement)
