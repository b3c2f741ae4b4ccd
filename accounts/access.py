"""Who may see and do what. Views, API and sockets ask here; `tickets.selectors` uses the same rule in SQL.

1. Agents see and work the tickets of every team that is not private, and of the private teams they are in.
2. Being a manager or a lead elsewhere opens no private team: only membership does.
3. What could not be read (raw events) is shown to managers and to leads of the account's team; an account
   of a private team only to that team's leads.
4. Accounts, policy and words are set by managers. The policy in force is read by everybody who works here: anybody can
   see why. A draft of it is shown to managers alone.
5. People and teams are looked after by administrators; a lead sees who is in their team. That one looks after people
   opens no ticket: an administrator sees of tickets what an agent sees.
6. What a team's lead decides (an agent's escalation, a ticket that wanders) its leads decide, and managers; of a
   private team only its leads and managers in it. Words are taken out of a message for good by these, and by the agent
   who owns the ticket.
7. How well promises were kept, and how alike tickets were treated, is read by managers and leads; each counts the
   tickets that they see, and no others.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from accounts.models import Membership, User


def visible_teams(user: User, *, field: str = "team") -> Q:
    """The condition on a row whose `field` is a team (or null: everybody's) that rule 1 and 2 make."""
    mine = Membership.objects.filter(user_id=user.pk).values("team_id")
    return (
        Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__is_private": False}) | Q(**{f"{field}__in": mine})
    )


def is_staff_of_desk(user: object) -> bool:
    """Whether this is a signed-in user who may open the desk at all."""
    return isinstance(user, User) and user.is_active


def leads(user: User) -> Collection[int]:
    """Ids of the teams that the user leads."""
    return set(Membership.objects.filter(user_id=user.pk, is_lead=True).values_list("team_id", flat=True))


def quarantine_teams(user: User) -> Q:
    """Condition on a `ChannelAccount` whose unreadable events the user may see (rule 3)."""
    led = Membership.objects.filter(user_id=user.pk, is_lead=True).values("team_id")
    allowed = Q(team__in=led)
    if user.is_manager:
        allowed |= Q(team__isnull=True) | Q(team__is_private=False)
    return allowed


def may_see_quarantine(user: User) -> bool:
    """Whether there is any reason to show the page at all."""
    return user.is_manager or bool(leads(user))


def may_read_reports(user: User) -> bool:
    """Rule 7."""
    return user.is_manager or bool(leads(user))


def may_set_policy(user: User) -> bool:
    return user.is_manager


def may_read_policy(user: User) -> bool:
    """Rule 4: the policy in force, and those before it."""
    return is_staff_of_desk(user)


def may_manage_people(user: User) -> bool:
    """Rule 5: administrators look after people and teams."""
    return user.is_admin


def may_see_people(user: User) -> bool:
    """Whether the page of people shows anything: all of them to an administrator, their team to a lead."""
    return user.is_admin or bool(leads(user))


def people_visible(user: User) -> Q:
    """Condition on a `User` whose row the page of people shows (rule 5)."""
    if user.is_admin:
        return Q()
    led = Membership.objects.filter(user_id=user.pk, is_lead=True).values("team_id")
    members = Membership.objects.filter(team_id__in=led).values("user_id")
    return Q(pk__in=members)


def may_lead(user: User, team_id: int) -> bool:
    """Rule 6. Asked about a team whose tickets the user sees."""
    return user.is_manager or team_id in leads(user)


def may_redact(user: User, *, team_id: int, owner_id: int | None) -> bool:
    """Rule 6. Asked about a ticket that the user sees."""
    return owner_id == user.pk or may_lead(user, team_id)
