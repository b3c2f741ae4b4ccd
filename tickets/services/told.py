"""What a person does with what they were told, and what they want to be told; and what nobody reads any more."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import staff_event
from accounts.models import Membership, Team, User
from accounts.services.people import administrates
from accounts.services.teams import team_locked
from tickets.live import users_told
from tickets.models import Digest, Notification, StaffMail, ToldKind, ToldWishes
from tickets.models.notification import ON_PAGE
from tickets.services.errors import Refused

#: What was read is of no use after this, nor what nobody has read in so long.
READ_KEPT = timedelta(days=30)
KEPT = timedelta(days=120)
_DELETED_AT_ONCE = 5_000
#: Seconds of tidying at a stretch.
TIDY_FOR = 60.0


def told_read(
    *, actor: User, now: datetime, ids: Sequence[int] | None = None, ticket_id: int | None = None
) -> int:
    """Mark as read what this person was told: these, those of one ticket, or all; how many were not. Their other pages
    are told."""
    with transaction.atomic():
        unread = Notification.objects.filter(user_id=actor.pk, read_at__isnull=True)
        if ids is not None:
            unread = unread.filter(pk__in=ids)
        if ticket_id is not None:
            unread = unread.filter(ticket_id=ticket_id)
        # In order, as the mails take them.
        mine = list(unread.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        marked = Notification.objects.filter(pk__in=mine).update(read_at=now) if mine else 0
        if marked:
            users_told([actor.pk])
    return marked


def wishes_set(
    *,
    actor: User,
    page: Collection[str],
    browser: Collection[str],
    mail: Collection[str],
    digest: str,
    digest_hour: int,
) -> ToldWishes:
    """What is announced in the browser or gathered in the mail stands on the page, too. Raises Refused."""
    if digest not in Digest.values:
        raise Refused("digest", _("Choose one of those in the list."))
    if not 0 <= digest_hour <= 23:
        raise Refused("digest_hour", _("Choose an hour from 0 to 23."))
    chosen = [kind for kind in ToldKind.values if kind in {*browser, *mail, *page}]
    wishes, _made = ToldWishes.objects.update_or_create(
        user=actor,
        defaults={
            "page": chosen,
            "browser": [kind for kind in ON_PAGE if kind in browser],
            "mail": [kind for kind in ON_PAGE if kind in mail],
            "digest": digest,
            "digest_hour": digest_hour,
        },
    )
    return wishes


def woken_set(*, actor: User, team_id: int, user_ids: Collection[int], now: datetime) -> Team:
    """Whom of its members the team wakes; who is none of them is left out. Raises NotFound."""
    with transaction.atomic():
        administrates(actor)
        team = team_locked(team_id)
        inside = Membership.objects.filter(team=team)
        before = set(inside.filter(is_woken=True).values_list("user_id", flat=True))
        inside.filter(user_id__in=user_ids).update(is_woken=True)
        inside.exclude(user_id__in=user_ids).update(is_woken=False)
        after = set(inside.filter(is_woken=True).values_list("user_id", flat=True))
        for user_id in sorted(before ^ after):
            args = {"woken": user_id in after}
            staff_event("woken_set", actor=actor, now=now, user_id=user_id, team_id=team.pk, args=args)
    return team


def told_tidy(*, now: datetime) -> int:
    """How many were too old to keep; some thousands at a time, for `TIDY_FOR` at most."""
    until, gone = time.monotonic() + TIDY_FOR, 0
    while True:
        rows, mails = _tidied(now)
        gone += rows
        if max(rows, mails) < _DELETED_AT_ONCE or time.monotonic() > until:
            return gone


def _tidied(now: datetime) -> tuple[int, int]:
    """One pass: how many of what was told, how many mails."""
    old = Notification.objects.filter(created_at__lte=now - KEPT) | Notification.objects.filter(
        created_at__lte=now - READ_KEPT, read_at__isnull=False
    )
    rows = list(old.values_list("pk", flat=True)[:_DELETED_AT_ONCE])
    Notification.objects.filter(pk__in=rows).delete()
    settled = StaffMail.objects.filter(created_at__lte=now - KEPT, settled_at__isnull=False)
    mails = list(settled.values_list("pk", flat=True)[:_DELETED_AT_ONCE])
    StaffMail.objects.filter(pk__in=mails).delete()
    return len(rows), len(mails)
