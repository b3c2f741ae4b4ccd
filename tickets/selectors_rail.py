"""The rail's figures: what every page counts, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import Membership, Team, User
from tickets.compiled import SAMPLE_NOW, SAMPLE_USER, Compiled, count_sql, sql_of
from tickets.live_now import live_now
from tickets.models import (
    CAPACITY,
    OPEN_STATUSES,
    ChannelAccount,
    ChannelMode,
    DeskSwitch,
    StaffPresence,
    Status,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.selectors import COUNT_CAP, presses, tickets_visible
from tickets.selectors_notifications import BELL_CAP, unread_of
from tickets.selectors_tasks import tasks_to_me, tickets_asked, tickets_held

UNSURE = (TaskKind.NOT_CERTAIN, TaskKind.REFUSED)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rail counts, each to the cap. `mine`: open in the user's own teams; `nobody`: of these, what nobody
    owns; `tasks`: what is asked of the user; `bell`: what they were told and have not read, to the bell's own cap.
    `teams`: the user's own, each with what is open there. `is_stopped`: automatic messages are stopped somewhere,
    whether or not the user may see where. is_spoken: people are spoken to by voice somewhere. is_live: callers can be
    there while they write somewhere; live: how many are there now, of the user's own teams and of their own tickets
    elsewhere; available, sound: whether more may come, and be heard, capacity: how many at once."""

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
    bell: int
    is_stopped: bool
    is_spoken: bool
    is_live: bool
    live: int
    available: bool
    capacity: int
    sound: bool
    teams: Sequence[tuple[Team, int]]
    is_lead: bool


_COUNTED = (
    *("own", "nobody", "at_risk", "waiting", "everything", "triage", "held", "unsure", "tasks", "bell"),
)


def figures(user: User, *, now: datetime) -> Figures:
    return figures_of(_FIGURES.row(user=user.pk, now=now))


def figures_of(columns: Sequence[Any]) -> Figures:
    """`columns`: those of `figures_sql`."""
    *counts, is_stopped, is_spoken, is_live, live, wishes, teams = columns
    available, capacity, sound = wishes or (True, CAPACITY, True)
    opened = [team for team in teams if not team[5]]
    return Figures(
        **dict(zip(_COUNTED, counts, strict=True)),
        # Each is counted to the cap and one more, and so is their sum.
        mine=min(sum(team[-1] for team in teams), COUNT_CAP + 1),
        is_stopped=is_stopped,
        is_spoken=is_spoken,
        is_live=is_live,
        live=live,
        available=available,
        capacity=capacity,
        sound=sound,
        teams=[
            (Team(pk=pk, key=key, name=name, is_private=is_private), count)
            for pk, key, name, is_private, _is_lead, _is_closed, count in opened
        ],
        is_lead=any(team[4] for team in opened),
    )


def count_sqls() -> dict[str, str]:
    """By the name of a figure: what counts it. `mine` is not asked for, since it is the sum of what `teams` count."""
    user, now = SAMPLE_USER, SAMPLE_NOW
    visible = tickets_visible(user)
    of_ours = visible.filter(ours := Q(team__in=Membership.objects.filter(user_id=user.pk).values("team_id")))
    opened = of_ours.filter(status__in=OPEN_STATUSES)
    decided = opened.exclude(triage=Triage.PENDING)
    asked = {
        "own": _decided(visible.filter(owner=user)),
        "mine": decided,
        "nobody": _decided(of_ours.filter(owner__isnull=True)),
        "at_risk": decided.filter(presses(now)),
        "waiting": decided.filter(status__in=(Status.WAITING, Status.ON_HOLD)),
        "everything": _decided(visible),
        "triage": opened.filter(triage=Triage.PENDING),
        "held": of_ours.filter(pk__in=tickets_held(ours)),
        "unsure": of_ours.filter(pk__in=tickets_asked(*UNSURE)),
        "tasks": tasks_to_me(user),
    }
    counted = {name: count_sql(rows, COUNT_CAP) for name, rows in asked.items()}
    return {**counted, "bell": count_sql(unread_of(user), BELL_CAP)}


def _decided(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return tickets.filter(status__in=OPEN_STATUSES).exclude(triage=Triage.PENDING)


def figures_sql() -> list[str]:
    """The columns of a statement for the samples; `figures_of` reads them."""
    counts = count_sqls()
    stops = " OR ".join(
        f"EXISTS ({rows.values('pk').query})"
        for rows in (
            DeskSwitch.objects.filter(stopped_at__isnull=False),
            ChannelAccount.objects.filter(automatic_stopped_at__isnull=False),
        )
    )
    spoken = ChannelAccount.objects.filter(capabilities__spoken=True, mode=ChannelMode.CUSTOMER_SERVICE)
    live = ChannelAccount.objects.filter(capabilities__live=True, mode=ChannelMode.CUSTOMER_SERVICE)
    of_ours = Membership.objects.filter(user_id=SAMPLE_USER.pk).values("team_id")
    there = tickets_visible(SAMPLE_USER).filter(
        live_now(SAMPLE_NOW), Q(team__in=of_ours) | Q(owner=SAMPLE_USER)
    )
    wishes = f"""(SELECT json_build_array(available, capacity, sound)
                    FROM {StaffPresence._meta.db_table} WHERE user_id = %(user)s)"""  # noqa: S608 - a name of ours
    of_team = count_sql(
        _decided(tickets_visible(SAMPLE_USER)).filter(team=RawSQL("m.team_id", [])), COUNT_CAP
    )
    teams = f"""(
        SELECT coalesce(json_agg(json_build_array(t.id, t.key, t.name, t.is_private, m.is_lead,
                                                  t.closed_at IS NOT NULL, {of_team})
                                 ORDER BY t.name, t.id), '[]')
          FROM {Membership._meta.db_table} m JOIN {Team._meta.db_table} t ON t.id = m.team_id
         WHERE m.user_id = %(user)s)"""  # noqa: S608 - Django wrote what is put in
    return [
        *(counts[name] for name in _COUNTED),
        stops,
        f"EXISTS ({sql_of(spoken.values('pk'))})",
        f"EXISTS ({sql_of(live.values('pk'))})",
        count_sql(there, COUNT_CAP),
        wishes,
        teams,
    ]


_FIGURES = Compiled(lambda: "SELECT " + ", ".join(figures_sql()))
