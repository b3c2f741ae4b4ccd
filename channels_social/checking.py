"""A manager tries an account: is our key taken, what does it permit, does one page of what is new come back? And, where
the network has a place for it, a post that speaks to nobody. None of it touches a caller."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actors import Actor
from channels_social.adapter import AskFailed, Checked
from channels_social.connections import adapter_for
from channels_social.health import connection_trouble
from channels_social.models import ChannelConnection
from tickets.selectors_accounts import accounts_run
from tickets.services.audit import event_record
from tickets.services.errors import NotFound, Refused

TRY_OUT = "Test 1, 2, 3"


def account_check(*, actor: Actor, account_id: int, now: datetime) -> Checked:
    """Ask the network; what it said is kept for the account's page. Raises NotFound; Refused with the network's
    words."""
    bridge = _connected(actor, account_id)
    mine = ChannelConnection.objects.filter(pk=bridge.pk)
    try:
        found = adapter_for(bridge).check()
    except AskFailed as failed:
        connection_trouble(bridge, failed.words, reauthorise=failed.reauthorise, now=now)
        raise Refused("check", failed.words) from failed
    mine.update(
        checked_at=now,
        missing=list(found.missing),
        budget=[
            {
                "what": each.what,
                "left": each.left,
                "of": each.of,
                "until": each.until.isoformat() if each.until is not None else "",
            }
            for each in found.budget
        ],
    )
    return found


def account_try_out(*, actor: Actor, account_id: int, now: datetime) -> None:
    """Post where nobody is spoken to, and take it away again; only where the mode lets us speak. Raises NotFound,
    Refused."""
    bridge = _connected(actor, account_id)
    adapter = adapter_for(bridge)
    language = (get_language() or "en").split("-")[0]
    if not adapter.try_out_words(language):
        raise Refused("no_place", _("This network has no place where a post speaks to nobody."))
    if not bridge.account.answers:
        raise Refused("mode", _("In this channel mode nothing leaves from here."))
    event_record("account_tried_out", actor=actor, now=now, account_id=account_id, args={})
    try:
        # With the minute in it, a second try of today is no duplicate of the first.
        adapter.try_out(f"{TRY_OUT} ({now:%Y-%m-%d %H:%M:%S} UTC)")
    except AskFailed as failed:
        connection_trouble(bridge, failed.words, reauthorise=failed.reauthorise, now=now)
        raise Refused("try_out", failed.words) from failed


def _connected(actor: Actor, account_id: int) -> ChannelConnection:
    if not accounts_run(actor).filter(pk=account_id).exists():
        raise NotFound
    bridge = ChannelConnection.objects.select_related("account", "app").filter(account_id=account_id).first()
    if bridge is None or bridge.disconnected_at is not None:
        raise Refused("not_connected", _("This account is not connected with its network. Connect it first."))
    return bridge
