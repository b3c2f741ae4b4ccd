"""A submission on its way in: stored first, on the disk when that returns; then read by the page that follows, as a
worker would read it, under its account's lock. Who does not get the lock leaves it to whoever has it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from channels_social.adapters.form.submission import Submission, dedupe_key_of, event_of
from channels_social.inbox import events_process
from channels_social.ingest import events_store, key_of
from channels_social.models import ChannelConnection
from channels_social.own_pages import SOURCE
from priority.policy import Policy
from priority.selectors import NEWEST_ID, policy_current, policy_of
from tickets import bulk
from tickets.models import ChannelAccount
from tickets.prepared import Prepared, ask
from tickets.services.shown import Shown, shown

#: A page waits so long for whoever has the lock, in steps.
PATIENCE, STEP = 1.5, 0.05
#: For so long a receipt shows what came of it.
READ_FOR = timedelta(days=1)


def bridge_named(key: str, slug: str) -> ChannelConnection | None:
    """The form that this key names, if it is connected."""
    clause = (
        "WHERE t.disconnected_at IS NULL AND t.account_id = "
        "(SELECT id FROM tickets_channelaccount WHERE channel = %s AND external_id = %s)"
    )
    found = bulk.read_with(ChannelConnection, ("account", "app"), clause, [slug, key], types=("text", "text"))
    return found[0] if found else None


def submission_take(
    account: ChannelAccount, sent: Submission, *, headers: Mapping[str, str], now: datetime
) -> None:
    """Keep it, once however often it is sent. The page that follows reads it, unless a worker has by then."""
    events_store([(account.pk, event_of(account.external_id, sent))], source=SOURCE, headers=headers, now=now)


def moment() -> tuple[datetime, Policy]:
    """Now, by PostgreSQL's clock, and the policy in force. Raises NoPolicy."""
    [(now, newest)] = ask(_MOMENT, {})
    return now, policy_of(newest if newest is not None else policy_current().pk)


_MOMENT = Prepared(f"SELECT clock_timestamp(), ({NEWEST_ID})", {})


def submission_known(account: ChannelAccount, receipt: str, *, now: datetime) -> bool | None:
    """Whether it still waits to be read. None for one that was never sent, or longer ago than `READ_FOR`."""
    key = key_of(dedupe_key_of(receipt))
    rows = ask(_KNOWN, {"account": account.pk, "key": key, "since": now - READ_FOR})
    return bool(rows[0][0]) if rows else None


_KNOWN = Prepared(
    """
SELECT EXISTS (SELECT 1 FROM channels_social_inboundevent
                WHERE account_id = %(account)s AND state = 'pending' AND key = %(key)s)
  FROM channels_social_eventkey
 WHERE account_id = %(account)s AND key = %(key)s AND seen_at > %(since)s
""",
    {"account": "bigint", "key": "bytea", "since": "timestamptz"},
)


def submission_shown(account: ChannelAccount, receipt: str, *, patient: bool, now: datetime) -> Shown | None:
    """What came of one that is kept, told with this very look; None while nobody has read it, and where nothing came
    of it. patient: it still waits to be read, so that this reads it, or waits a little for whoever does."""
    ends = time.monotonic() + PATIENCE
    while True:
        found = shown(account_id=account.pk, external_id=receipt, now=now)
        if found is not None or not patient or time.monotonic() > ends:
            return found
        if not events_process(account.pk).events:
            time.sleep(STEP)
