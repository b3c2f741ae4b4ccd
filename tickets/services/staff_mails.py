"""Mails to colleagues: which are to go, and when. The rows are the queue; sending stands in staff_mail_sending.py.

1. At once, at any hour: what wakes its reader (`Notification.wakes`). The first goes at once; what comes within PACE of
   it goes in one mail together, so that a flood is a few mails. What wakes nobody by then is left to the digest.
2. The digest: what stands unread when its hour comes, in the person's own zone. None where there is nothing.
3. Where nobody has taken such a ticket by the time an answer is due, its leads are told (`untaken_told`).
4. Where a mail did not reach whom it was to wake, or may not have, so are they (`unreached_told`).
Without a mail server (EMAIL_URL) none is made; what the bell shows is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, QuerySet

from tickets.models import Digest, MailState, Notification, StaffMail, ToldKind
from tickets.models.notification import DIGEST_HOUR, IN_MAIL
from tickets.prepared import Prepared, ask
from tickets.services.notifying import Tell, told

log = logging.getLogger(__name__)

#: Of what wakes: between two mails to one person.
PACE = timedelta(minutes=1)
#: What nobody could be told by mail for so long wakes them no more; then it is for the digest, and then for no mail.
AT_ONCE_FOR = timedelta(hours=12)
DIGEST_FOR = timedelta(days=3)
#: The hours of the day at which an hourly digest may come, in its reader's zone: the first and the last.
DAY_FROM, DAY_TO = 7, 19
#: A ticket that has no target and no triage clock, such as one of an account that does not answer.
NO_TARGET = timedelta(hours=1)
UNTAKEN_FOR = timedelta(days=14)
#: Class of the advisory lock under which mails are made: two at once would make two of one.
_LOCK = 7_402

_AT_ONCE = Prepared(
    """
WITH due AS (
    SELECT n.user_id, min(n.id) AS first
      FROM tickets_notification n JOIN accounts_user u ON u.id = n.user_id
     WHERE n.wakes AND n.mail_id IS NULL AND n.read_at IS NULL AND n.created_at > %(since)s
       AND u.is_active AND u.email <> ''
       AND NOT EXISTS (SELECT 1 FROM tickets_staffmail m
                        WHERE m.user_id = n.user_id AND m.at_once
                          AND (m.state IN ('queued', 'sending') OR m.created_at > %(paced)s))
     GROUP BY n.user_id),
made AS (
    INSERT INTO tickets_staffmail (user_id, cause, at_once, state, due_at, tries, error, created_at)
    SELECT user_id, 'now:' || first, true, 'queued', %(now)s, 0, '', %(now)s FROM due
        ON CONFLICT (user_id, cause) DO NOTHING
 RETURNING id, user_id),
carried AS (
    UPDATE tickets_notification n SET mail_id = mine.mail
      FROM (SELECT w.id, made.id AS mail FROM tickets_notification w JOIN made ON made.user_id = w.user_id
             WHERE w.wakes AND w.mail_id IS NULL AND w.read_at IS NULL AND w.created_at > %(since)s
             ORDER BY w.id FOR UPDATE OF w) mine
     WHERE n.id = mine.id)
SELECT count(*) FROM made
""",
    {"since": "timestamptz", "paced": "timestamptz", "now": "timestamptz"},
)
_GATHERED = f"""
SELECT n.user_id, min(n.created_at), u.zone, COALESCE(w.digest, '{Digest.DAILY.value}'),
       COALESCE(w.digest_hour, {DIGEST_HOUR})
  FROM tickets_notification n
  JOIN accounts_user u ON u.id = n.user_id
  LEFT JOIN tickets_toldwishes w ON w.user_id = n.user_id
 WHERE n.read_at IS NULL AND n.mail_id IS NULL AND n.created_at > %(since)s
   AND n.kind = ANY (COALESCE(w.mail, %(mail)s)) AND COALESCE(w.digest, 'daily') <> 'never'
   AND u.is_active AND u.email <> ''
 GROUP BY n.user_id, u.zone, w.digest, w.digest_hour
"""  # noqa: S608 - constants of our own
_CARRY = """
UPDATE tickets_notification n SET mail_id = mine.mail
  FROM (SELECT g.id, m.id AS mail
          FROM tickets_staffmail m
          JOIN tickets_notification g ON g.user_id = m.user_id
          LEFT JOIN tickets_toldwishes w ON w.user_id = m.user_id
         WHERE m.id = ANY(%(mails)s) AND g.read_at IS NULL AND g.mail_id IS NULL
           AND g.created_at > %(since)s AND g.created_at < m.due_at
           AND g.kind = ANY (COALESCE(w.mail, %(mail)s))
         ORDER BY g.id FOR UPDATE OF g) mine
 WHERE n.id = mine.id
"""
# An answer makes nobody its owner, so that later words may find nobody there. Of what wakes, the last stands for those
# before it.
_UNTAKEN = """
SELECT t.id, last.cause
  FROM tickets_ticket t
 CROSS JOIN LATERAL (SELECT n.cause FROM tickets_notification n
                      WHERE n.ticket_id = t.id AND n.kind IN ('p1', 'danger') AND n.created_at > %(since)s
                      ORDER BY n.created_at DESC, n.id DESC LIMIT 1) last
  LEFT JOIN LATERAL (SELECT min(g.due_at) AS due, bool_or(g.kind = 'next_response') AS again FROM tickets_target g
                      WHERE g.ticket_id = t.id AND g.kind IN ('first_response', 'next_response')
                        AND g.met_at IS NULL AND g.ended_at IS NULL) open ON true
 WHERE t.id IN (SELECT n.ticket_id FROM tickets_notification n
                 WHERE n.kind IN ('p1', 'danger') AND n.created_at > %(since)s)
   AND t.owner_id IS NULL AND (t.first_response_at IS NULL OR open.again)
   AND t.status IN ('new', 'open') AND t.triage IN ('pending', 'respond')
   AND COALESCE(open.due, t.triage_due_at, t.created_at + %(no_target)s) <= %(now)s
   AND NOT EXISTS (SELECT 1 FROM tickets_notification o
                     JOIN accounts_membership om ON om.user_id = o.user_id AND om.team_id = t.team_id AND om.is_lead
                    WHERE o.ticket_id = t.id AND o.kind = 'untaken' AND o.cause = 'untaken:' || last.cause)
   AND EXISTS (SELECT 1 FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
                WHERE m.team_id = t.team_id AND m.is_lead AND u.is_active)
 ORDER BY t.id LIMIT 500 FOR NO KEY UPDATE OF t SKIP LOCKED
"""


def untaken_told(*, now: datetime) -> int:
    """The leads of the teams that have them now are told, once for what wakes; of how many tickets. Where there is no
    lead, it waits for one."""
    with transaction.atomic():
        values = {"since": now - UNTAKEN_FOR, "no_target": NO_TARGET, "now": now}
        rows = ask(_UNTAKEN, values)
        told((Tell(ToldKind.UNTAKEN, pk, f"untaken:{cause}") for pk, cause in rows), now=now)
    return len(rows)


def unreached_told(mail_ids: Collection[int], *, now: datetime) -> None:
    """Mails that did not reach whom they were to wake, or may not have: the leads of the teams are, once a ticket. Not
    of what only leads were told, so that this ends. Inside the transaction of what became of the mails."""
    if not mail_ids:
        return
    rows = Notification.objects.filter(
        mail_id__in=mail_ids, mail__at_once=True, read_at__isnull=True, kind__in=(ToldKind.P1, ToldKind.DANGER)
    )  # fmt: skip
    found = sorted(set(rows.values_list("mail_id", "ticket_id", "user_id")))
    told(
        (Tell(ToldKind.UNREACHED, pk, f"unreached:{mail}:{pk}", by=user_id) for mail, pk, user_id in found),
        now=now,
    )


def mails_make(*, now: datetime) -> int:
    """How many mails are to go that were not before; none without a mail server."""
    if not settings.MAILS_GO_OUT:
        return 0
    # What wakes is made, and stays, whatever becomes of the digests.
    made = _alone(_at_once, now)
    try:
        return made + _alone(_digests, now)
    except Exception:  # who is to be woken does not wait for it
        log.exception("no digest could be made; they are tried again")
        return made


def _alone(make: Callable[[datetime], int], now: datetime) -> int:
    """In a transaction of its own, unless somebody else makes mails just now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [_LOCK])
        return make(now) if cursor.fetchone()[0] else 0


def _at_once(now: datetime) -> int:
    values = {"since": now - AT_ONCE_FOR, "paced": now - PACE, "now": now}
    return int(ask(_AT_ONCE, values)[0][0])


def _digests(now: datetime) -> int:
    """For those whose hour has come since the oldest thing that they have not read."""
    values = {"since": now - DIGEST_FOR, "mail": list(IN_MAIL)}
    rows = [
        StaffMail(
            user_id=user_id,
            cause=f"digest:{slot:%Y-%m-%dT%H:%M}Z",
            at_once=False,
            due_at=slot,
            created_at=now,
        )
        for user_id, oldest, *how in ask(_GATHERED, values)
        if (slot := _slot_of(user_id, now, *how)) is not None and oldest < slot
    ]
    if not rows:
        return 0
    StaffMail.objects.bulk_create(rows, ignore_conflicts=True)
    made = StaffMail.objects.filter(
        cause__in={row.cause for row in rows},
        user_id__in=[row.user_id for row in rows],
        state=MailState.QUEUED,
        tries=0,
    )
    ids = list(made.values_list("pk", flat=True))
    ask(_CARRY, {"mails": ids, **values})
    return len(ids)


def _slot_of(user_id: int, now: datetime, zone: str, digest: str, hour: int) -> datetime | None:
    """None for whom it cannot be worked out; the others get theirs."""
    try:
        return digest_slot(now, zone=zone, digest=digest, hour=hour)
    except (KeyError, ValueError, OverflowError):  # no such zone, no such hour
        log.exception("no digest for person %d", user_id)
        return None


def digest_slot(now: datetime, *, zone: str, digest: str, hour: int) -> datetime:
    """The last time at or before `now` at which this person's digest was due: their hour of the day, or each full hour
    of the day. In UTC."""
    here = now.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    if digest == Digest.HOURLY:
        if here.hour < DAY_FROM:
            here = (here - timedelta(days=1)).replace(hour=DAY_TO)
        elif here.hour > DAY_TO:
            here = here.replace(hour=DAY_TO)
        return here.astimezone(UTC)
    due = here.replace(hour=hour)
    if due.astimezone(UTC) > now:
        due = (here - timedelta(days=1)).replace(hour=hour)
    return due.astimezone(UTC)


def carried_by(mail: StaffMail, *, token: UUID, now: datetime) -> list[int]:
    """Ids of what this mail tells. What wakes its reader and has come since goes with it; what has waited for too long
    is left to the digest. Whoever holds it no longer (`token`) changes nothing: it may have gone already."""
    if mail.at_once:
        since = now - AT_ONCE_FOR
        rows = _while_held(mail, token)
        rows.filter(
            user_id=mail.user_id, wakes=True, mail__isnull=True, read_at__isnull=True, created_at__gt=since
        ).update(mail=mail)  # fmt: skip
        rows.filter(mail=mail, created_at__lte=since).update(mail=None)
    return list(Notification.objects.filter(mail=mail, read_at__isnull=True).values_list("pk", flat=True))


def left_out(mail: StaffMail, ids: Collection[int], *, token: UUID) -> None:
    """What this mail was to wake its reader for and does not tell: it wakes them no more, and is left to the digest.
    Nothing where the mail is held no longer (`token`)."""
    if ids:
        _while_held(mail, token).filter(mail=mail, pk__in=ids).update(mail=None, wakes=False)


def _while_held(mail: StaffMail, token: UUID) -> QuerySet[Notification]:
    mine = StaffMail.objects.filter(pk=mail.pk, lease_token=token, state=MailState.SENDING)
    return Notification.objects.filter(Exists(mine))
