"""The words of messages for search, written after the messages by a job: intake pays nothing for them.

Changed and removed words, and the place of a ticket, which stands with the words of its messages, are the business of
triggers (migrations 0008 and 0023); here only messages that have none yet.
"""

from __future__ import annotations

import time

from django.db import connection, transaction

BATCH = 1_000
SECONDS = 5.0
_LOCK = (0x5EA2C4, 0)

_MARK = """
INSERT INTO tickets_searchmark (id, reached, settled, seen) VALUES (1, 0, 0, 0) ON CONFLICT DO NOTHING
"""
# Every id that may still come up to `seen` was taken by a transaction which had begun before `seen_at`.
_SETTLE = """
UPDATE tickets_searchmark s
   SET settled = greatest(s.settled, s.seen), seen = n.newest, seen_at = clock_timestamp()
  FROM (SELECT coalesce(max(id), 0) AS newest FROM tickets_message) AS n
 WHERE s.seen_at IS NULL
    OR NOT EXISTS (SELECT 1 FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start <= s.seen_at)
"""
# OFFSET 0 keeps the question what it is, one look by its key for each message: without it a batch may be answered by
# reading both tables whole.
# FOR SHARE: words that change meanwhile would be written as they were. SKIP LOCKED: who changes them is not waited
# for, and may wait for this; those come with the next pass.
_WRITE = """
WITH missing AS MATERIALIZED (
    SELECT m.id, m.sent_at, m.subject, m.body, m.language, m.identity_id, m.ticket_id, m.direction
      FROM tickets_message m
     WHERE m.id > %s AND m.removed_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM tickets_messagewords w WHERE w.message_id = m.id OFFSET 0)
     ORDER BY m.id LIMIT %s
       FOR SHARE OF m SKIP LOCKED),
written AS (
    INSERT INTO tickets_messagewords (message_id, sent_at, words)
    SELECT m.id, m.sent_at,
           desk_message_words(concat_ws(E'\\n', nullif(m.subject, ''), m.body), m.language, i.name, i.handle)
        || desk_place_words(CASE m.direction WHEN 'in' THEN t.place END)
      FROM missing m LEFT JOIN tickets_identity i ON i.id = m.identity_id
      LEFT JOIN tickets_ticket t ON t.id = m.ticket_id
    ON CONFLICT DO NOTHING RETURNING message_id)
SELECT count(*), max(message_id) FROM written
"""
_REACH = """
UPDATE tickets_searchmark s
   SET reached = coalesce((
       SELECT m.id - 1 FROM tickets_message m
        WHERE m.id > s.reached AND m.id <= s.settled AND m.removed_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM tickets_messagewords w WHERE w.message_id = m.id OFFSET 0)
        ORDER BY m.id LIMIT 1), s.settled)
 WHERE s.reached < s.settled
"""


def words_fill(*, batch: int = BATCH, seconds: float = SECONDS) -> int:
    """How many messages got their words. Two at once: the second leaves it to the first.

    1. Look how far ids are settled. 2. Write the words of `batch` messages, in one transaction. 3. Move `reached` up
    to the first message without. 4. The next batch, until none is missing or `seconds` have passed.
    """
    until = time.monotonic() + seconds
    done = behind = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _LOCK)
            row = cursor.fetchone()
            if row is None or not row[0]:
                return done
            cursor.execute(_MARK)
            cursor.execute(_SETTLE)
            cursor.execute("SELECT reached FROM tickets_searchmark")
            (reached,) = cursor.fetchone()
            # Past what this run has written itself, though not all of it may be settled yet.
            cursor.execute(_WRITE, [max(reached, behind), batch])
            written, last = cursor.fetchone()
            cursor.execute(_REACH)
        done += int(written)
        behind = last or behind
        if written < batch or time.monotonic() >= until:
            return done
