"""Celery's side: thin. A job names an account; the rows say what there is to do. No eta, countdown or retry."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_init

from channels_social import (
    attachments,
    connecting,
    delivery,
    delivery_claim,
    inbox,
    ingest,
    polling,
    registry,
    subscriptions,
    visitors,
)
from tickets.clock import database_now
from tickets.services.attachments import LEASE, accounts_due
from tickets.wake import ATTACHMENTS, DELIVER, EVENTS_PROCESS, begun, wake_now

# -- inbound ---------------------------------------------------------------------------------------------------


#: No job may outlive the lease of a row that it claims.
TIME_LIMIT = int(delivery_claim.LEASE.total_seconds() * 0.9)


@worker_init.connect(weak=False)
def _warm(**_: object) -> None:
    """Before the pool forks: its processes share what was imported, and no message waits for it."""
    registry.warm()


@shared_task(name=EVENTS_PROCESS, time_limit=TIME_LIMIT)
def events_process(account_id: int) -> None:
    """One turn for one account; more to do goes to the end of the line, so that no flood starves another.

    Few events: their replies go in this very turn, which saves a way through the broker and makes nobody wait longer
    than the job of their own that they have otherwise. Only then is it looked for more.
    """
    begun(EVENTS_PROCESS, account_id)
    turn = inbox.events_process(account_id, few_first=True)
    if turn.answer_first:
        if delivery.deliver(account_id, bridge=turn.bridge).more:
            wake_now(DELIVER, account_id)
        turn = inbox.events_process(account_id)
    if turn.more:
        wake_now(EVENTS_PROCESS, account_id)
    if turn.replies_queued:
        wake_now(DELIVER, account_id)


@shared_task(name="channels_social.events_process_due")
def events_process_due() -> None:
    """Whatever a lost wake-up left: one wake-up per account that has something pending."""
    for account_id in ingest.accounts_with_pending():
        wake_now(EVENTS_PROCESS, account_id)


@shared_task(name="channels_social.poll_due")
def poll_due() -> None:
    for account_id in polling.connections_due(database_now()):
        wake_now("channels_social.account_poll", account_id)


@shared_task(name="channels_social.account_poll")
def account_poll(account_id: int) -> None:
    polling.account_poll(account_id)


@shared_task(name="channels_social.look_up_due")
def look_up_due() -> None:
    for account_id in polling.look_ups_due(database_now()):
        wake_now("channels_social.account_look_up", account_id)


@shared_task(name="channels_social.account_look_up")
def account_look_up(account_id: int) -> None:
    polling.account_look_up(account_id)


@shared_task(name="channels_social.hooks_due")
def hooks_due() -> None:
    for account_id in subscriptions.hooks_due(database_now()):
        wake_now("channels_social.account_hook_keep", account_id)


@shared_task(name="channels_social.account_hook_keep")
def account_hook_keep(account_id: int) -> None:
    subscriptions.account_hook_keep(account_id)


@shared_task(name=ATTACHMENTS, time_limit=int(LEASE.total_seconds() * 0.9))
def attachments_fetch(account_id: int) -> None:
    """One turn for one account; more to do goes to the end of the line."""
    begun(ATTACHMENTS, account_id)
    if attachments.attachments_fetch(account_id).more:
        wake_now(ATTACHMENTS, account_id)


@shared_task(name="channels_social.attachments_due")
def attachments_due() -> None:
    """Whatever a lost wake-up left, and what is to be tried again."""
    for account_id in accounts_due(database_now()):
        wake_now(ATTACHMENTS, account_id)


@shared_task(name="channels_social.events_purge")
def events_purge() -> None:
    ingest.events_purge(now=database_now())
    visitors.visitors_tidy(now=database_now())


@shared_task(name="channels_social.capabilities_refresh")
def capabilities_refresh() -> None:
    connecting.capabilities_refresh()


# -- delivery --------------------------------------------------------------------------------------------------


@shared_task(name=DELIVER, time_limit=int(delivery_claim.LEASE.total_seconds() * 0.9))
def deliver(account_id: int) -> None:
    """One turn for one account; more to do goes to the end of the line."""
    begun(DELIVER, account_id)
    if delivery.deliver(account_id).more:
        wake_now(DELIVER, account_id)


@shared_task(name="channels_social.deliver_due")
def deliver_due() -> None:
    """Whatever is due and nobody was woken for: leases of dead workers, second tries, searches, ended waits."""
    delivery.leases_take_back()
    for account_id in delivery_claim.accounts_due():
        wake_now(DELIVER, account_id)
