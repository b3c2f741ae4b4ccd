"""What is wrong with a connection, in one place: kept on it, and asked of a person where only a person can help."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor, System
from accounts.models import User
from channels_social.models import ChannelConnection
from tickets.contract import AccountEvent
from tickets.models import ChannelAccount, TaskKind
from tickets.services.account_lock import account_locked, dates_looked_at_again
from tickets.services.audit import event_record, task, tasks_done, tasks_make
from tickets.services.errors import Refused
from tickets.wake import DELIVER, wake

_ACTOR = System("channel")


def person_needed(bridge: ChannelConnection, *, code: str, words: str, now: datetime) -> None:
    """Stop sending and polling until a person has looked, and ask one (once per standstill)."""
    changed = ChannelConnection.objects.filter(pk=bridge.pk, needs_person=False).update(
        needs_person=True,
        needs_person_code=code[:40],
        needs_person_words=words[:2_000],
        last_error_at=now,
        last_error_words=words[:2_000],
    )
    if not changed:
        return
    bridge.needs_person = True
    account = bridge.account
    # How the core sees that nothing can leave from here.
    account.stopped_code = code[:60]
    ChannelAccount.objects.filter(pk=account.pk).update(stopped_code=account.stopped_code)
    event_record(
        "account_stopped",
        actor=_ACTOR,
        now=now,
        account_id=account.pk,
        args={"code": code},
    )
    tasks_make(
        [
            task(
                TaskKind.ACCOUNT,
                reason=code[:60],
                cause=f"account:{account.pk}:{now.isoformat(timespec='seconds')}",
                team_id=account.team_id,
                account_id=account.pk,
                due_at=now,
                now=now,
                for_lead=True,
            )
        ]
    )


def connection_resume(bridge: ChannelConnection, *, user_id: int | None, now: datetime) -> None:
    """A person has put it right: send and poll again at once."""
    ChannelConnection.objects.filter(pk=bridge.pk).update(
        needs_person=False,
        needs_person_code="",
        needs_person_words="",
        paused_until=None,
        paused_words="",
    )
    ChannelConnection.objects.filter(pk=bridge.pk, poll_due_at__isnull=False).update(poll_due_at=now)
    ChannelAccount.objects.filter(pk=bridge.account_id).update(stopped_code="")
    bridge.account.stopped_code = ""
    causes = list(
        bridge.account.tasks.filter(
            kind=TaskKind.ACCOUNT, cause__startswith="account:", done_at__isnull=True
        ).values_list("cause", flat=True)
    )
    tasks_done(causes=causes, how="resumed", now=now, user_id=user_id)


def connection_mended(*, actor: Actor, account_id: int, now: datetime) -> None:
    """Somebody who runs the account says that what stopped it is put right: it goes on, from where it stood.

    Raises NotFound; Refused where nothing waits for a person.
    """
    with transaction.atomic():
        account_locked(actor, account_id)
        bridge = (
            ChannelConnection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("account")
            .filter(account_id=account_id)
            .first()
        )
        if bridge is None:
            raise Refused("not_connected", _("This account is not connected with its network yet."))
        if bridge.disconnected_at is not None:
            raise Refused("not_connected", _("It is disconnected. Connect it again."))
        if not bridge.needs_person:
            raise Refused("well", _("Nothing waits for you here: the account goes on by itself."))
        code = bridge.needs_person_code
        connection_resume(bridge, user_id=actor.pk if isinstance(actor, User) else None, now=now)
        event_record("account_mended", actor=actor, now=now, account_id=account_id, args={"code": code})
        dates_looked_at_again(account_id=account_id, now=now)
        wake(DELIVER, account_id)


def connection_trouble(
    bridge: ChannelConnection, words: str, *, reauthorise: bool = False, now: datetime
) -> None:
    """A poll or look-up failed. A dead permission needs a person; anything else is kept and tried again."""
    if reauthorise:
        person_needed(bridge, code="reauthorise", words=words, now=now)
        return
    ChannelConnection.objects.filter(pk=bridge.pk).update(last_error_at=now, last_error_words=words[:2_000])


def connection_event(bridge: ChannelConnection, told: AccountEvent, *, now: datetime) -> None:
    """The network said something about the whole account."""
    if told.kind == "restored":
        connection_resume(bridge, user_id=None, now=now)
    else:
        person_needed(bridge, code=told.kind, words=told.words, now=now)
