"""One pass of everything that beat starts, in this process and without a broker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError

from channels_social import attachments, connecting, delivery, inbox, ingest, polling, subscriptions
from channels_social.visitors import visitors_tidy
from tickets.clock import database_now
from tickets.passes import PASSES as MORE
from tickets.services.attachments import accounts_due
from tickets.services.calendar_watch import calendars_watch
from tickets.services.first_word import waits_end
from tickets.services.policy_rollout import rollouts_work
from tickets.services.reply_files import reply_files_tidy
from tickets.services.search_index import words_fill
from tickets.services.staff_mail_sending import mails_send
from tickets.services.staff_mails import mails_make, untaken_told
from tickets.services.sweep import sweep_due
from tickets.services.told import told_tidy
from tickets.services.triage import triage_overdue
from tickets.services.undo import replies_let_go

log = logging.getLogger(__name__)

#: The worker has a job for each account; here, too, the trouble of one keeps no other waiting.
WENT_WRONG = "account %s: its turn went wrong, the others go on"


def poll() -> int:
    return _asked(polling.account_poll, polling.connections_due(database_now()))


def look_up() -> int:
    return _asked(polling.account_look_up, polling.look_ups_due(database_now()))


def hooks() -> int:
    """How many had to be put there again; before the poll, which reads what came while they were missing."""
    return _of_each(subscriptions.account_hook_keep, subscriptions.hooks_due(database_now()))


def _asked(ask: Callable[[int], polling.Asked], account_ids: Iterable[int]) -> int:
    return _of_each(lambda account_id: ask(account_id).stored, account_ids)


def _of_each(count: Callable[[int], int], account_ids: Iterable[int]) -> int:
    """The sum of what was done for each; one that fails is logged and holds up no other."""
    done = 0
    for account_id in account_ids:
        try:
            done += count(account_id)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # what an account's adapter may raise has no end; the others have their turn
            log.exception(WENT_WRONG, account_id)
    return done


def read() -> int:
    """A turn for each account, round and round, until nothing is pending."""
    done = 0
    due = list(ingest.accounts_with_pending())
    while due:
        again = []
        for account_id in due:
            try:
                turn = inbox.events_process(account_id)
            except (OperationalError, InterfaceError):
                raise
            except Exception:  # what an account's events may break has no end; the others have their turn
                log.exception(WENT_WRONG, account_id)
                continue
            done += turn.events
            if turn.more:
                again.append(account_id)
        due = again
    return done


def sweep() -> int:
    return sweep_due(now=database_now()).tickets


def let_go() -> int:
    return replies_let_go(now=database_now())


def fetch() -> int:
    return sum(attachments.attachments_fetch(each).ended for each in accounts_due(database_now()))


def triage() -> int:
    return triage_overdue(now=database_now())


def calendars() -> int:
    return calendars_watch(now=database_now())


def waits() -> int:
    return waits_end(now=database_now())


def words() -> int:
    """Until none is missing: nobody waits for this pass."""
    return words_fill(seconds=3_600.0)


def rollouts() -> int:
    return rollouts_work(now=database_now())


def tidy() -> int:
    return reply_files_tidy(now=database_now())


def untaken() -> int:
    return untaken_told(now=database_now())


def mails() -> int:
    mails_make(now=database_now())
    return mails_send()


def told() -> int:
    return told_tidy(now=database_now())


def purge() -> int:
    return ingest.events_purge(now=database_now()) + visitors_tidy(now=database_now())


#: In the order in which one leads to the next: a single pass carries a post to its reply.
PASSES: tuple[tuple[str, Callable[[], int]], ...] = (
    ("changed channels", connecting.capabilities_refresh),
    ("subscribed again", hooks),
    ("polled", poll),
    ("looked up", look_up),
    ("read", read),
    ("moved to a new policy", rollouts),
    ("swept", sweep),
    ("no longer taken back", let_go),
    ("no longer waited for", waits),
    ("sent", delivery.deliver_due),
    ("attachments fetched", fetch),
    ("late in triage", triage),
    ("taken by nobody in time", untaken),
    ("mails to colleagues", mails),
    ("calendars that end", calendars),
    ("made searchable", words),
    ("unused files removed", tidy),
    ("told long ago", told),
    ("purged", purge),
)


class Command(BaseCommand):
    help = "Do one pass of everything that is due, without a broker: poll, read, send, watch the clocks."

    def handle(self, *args: Any, **options: Any) -> None:
        done = {name: one_pass() for name, one_pass in (*PASSES, *MORE)}
        self.stdout.write(", ".join(f"{number} {name}" for name, number in done.items()))
