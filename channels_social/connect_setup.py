"""The last step of connecting: which of the accounts that may be connected are, for whom they speak, and how."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team, User
from channels_social.adapter import Candidate, FormField
from channels_social.attempts import candidates
from channels_social.connecting import Connecting, account_connect
from channels_social.disconnecting import READ, account_switch
from channels_social.models import ChannelConnection, ConnectAttempt
from channels_social.registrations import may_be_private
from channels_social.registry import channel
from tickets.models import Acknowledge, ChannelAccount, ChannelMode, Notices
from tickets.selectors_accounts import accounts_run
from tickets.services.account_settings import account_settings_set
from tickets.services.errors import NotFound, Refused
from tickets.services.notices_choice import NOTE_LEAST, NOTE_MOST


@dataclass(frozen=True, slots=True)
class Setup:
    """What a manager chooses with the accounts, as it stood in the form. team: its key. how, note: how notices go.
    meanwhile: what becomes of what came since it was last read (disconnecting.READ, NOW)."""

    team: str = ""
    language: str = "en"
    zone: str = "Europe/Amsterdam"
    sign_off: str = ""
    mode: str = ""
    acknowledge: str = Acknowledge.RECOGNISED.value
    how: str = ""
    note: str = ""
    meanwhile: str = ""


def accounts_connect(
    *,
    actor: User,
    attempt: ConnectAttempt,
    chosen: Sequence[str],
    setup: Setup,
    now: datetime,
    later: Mapping[str, str] | None = None,
) -> list[ChannelAccount]:
    """Connect what was chosen of what the attempt found, all or none; the attempt and the keys in it are gone then.

    1. Every choice is looked at before the first row is written; nothing is chosen silently.
    2. A new account gets what was chosen. One that was here keeps its settings and its cursor, and gets the new key; if
       it was cut off, also the mode, and what becomes of what came meanwhile.
    3. later: of one account, what was chosen of what the network has there, by field.
    4. Its subscriptions are due: whoever calls this has them put there after the commit (`subscriptions.py`).
    Raises NotFound; Refused with the field's name as code.
    """
    found = {each.external_id: each for each in candidates(attempt)}
    wanted = [found[key] for key in dict.fromkeys(chosen) if key in found]
    if not wanted:
        raise Refused("account", _("Choose the account to connect."))
    for each in wanted:
        if not each.usable:
            raise Refused(
                "account",
                _(
                    "%(account)s cannot be read or answered without: %(missing)s. Go back and give what is missing."
                )
                % {"account": each.handle or each.name, "missing": ", ".join(each.missing)},
            )
    here = _standing(actor, attempt, wanted)
    settled = _settled(attempt, wanted, later or {})
    new = [each for each in wanted if each.external_id not in here]
    team = _checked(actor, attempt, setup) if new else None
    with transaction.atomic():
        if ConnectAttempt.objects.select_for_update().filter(pk=attempt.pk).first() is None:
            raise Refused("state", _("This was finished already, in another window."))
        made = []
        for each in wanted:
            standing = here.get(each.external_id)
            if standing is not None:
                made.append(_again(actor, attempt, each, standing, setup, settled, now))
            elif team is not None:
                made.append(_new(actor, attempt, each, team, setup, settled, now))
        attempt.delete()
    return made


def was_cut(account: ChannelAccount) -> bool:
    """Whether nothing is read now, so that connecting it again asks for a mode."""
    return not account.receives


def _standing(actor: User, attempt: ConnectAttempt, wanted: Sequence[Candidate]) -> dict[str, ChannelAccount]:
    """Those that were connected before, by the network's id. Raises NotFound where one is not the actor's to run."""
    keys = [each.external_id for each in wanted]
    there = ChannelAccount.objects.filter(channel=attempt.app.channel, external_id__in=keys)
    mine = {each.external_id: each for each in accounts_run(actor).filter(pk__in=there.values("pk"))}
    if len(mine) != there.count():
        raise NotFound
    return mine


def _checked(actor: User, attempt: ConnectAttempt, setup: Setup) -> Team:
    team = next((each for each in teams_offered(actor) if each.key == setup.team), None)
    if team is None:
        raise Refused("team", _("Choose the team that answers here."))
    if setup.language not in dict(settings.LANGUAGES):
        raise Refused("language", _("Choose a language from the list."))
    if setup.zone not in zoneinfo.available_timezones():
        raise Refused("zone", _("Choose a time zone from the list, such as Europe/Amsterdam."))
    if setup.mode not in ChannelMode.values:
        raise Refused("mode", _("Choose one of the modes."))
    if setup.acknowledge not in Acknowledge.values:
        raise Refused("acknowledge", _("Choose what is acknowledged by itself."))
    most = ChannelAccount._meta.get_field("sign_off").max_length or 0
    if len(_one_line(setup.sign_off)) > most:
        raise Refused(
            "sign_off", _("The sign-off is too long: at most %(most)s characters.") % {"most": most}
        )
    limited = channel(attempt.app.channel).capabilities.automated_per_interaction is not None
    if limited and setup.mode == ChannelMode.CUSTOMER_SERVICE:
        if setup.how not in (Notices.AUTOMATIC, Notices.RELEASED):
            raise Refused(
                "how", _("Choose how notices after the acknowledgement go: the network limits them.")
            )
        note = _one_line(setup.note)
        if setup.how == Notices.AUTOMATIC and not NOTE_LEAST <= len(note) <= NOTE_MOST:
            raise Refused(
                "note",
                _("Note how and when the network agreed (%(least)s to %(most)s characters).")
                % {"least": NOTE_LEAST, "most": NOTE_MOST},
            )
    return team


def teams_offered(actor: User) -> list[Team]:
    """Teams an account may speak for: all but private ones that the actor is not in."""
    private = Team.objects.filter(is_private=True).exclude(members=actor)
    return list(Team.objects.exclude(pk__in=private.values("pk")).order_by("name"))


def asked_later(
    attempt: ConnectAttempt, found: Sequence[Candidate]
) -> list[tuple[FormField, Sequence[str], str]]:
    """Fields of the one account that was found which are chosen now: what there is, and what stands."""
    if len(found) != 1 or not found[0].choices:
        return []
    bridge = ChannelConnection.objects.filter(
        account__channel=attempt.app.channel, account__external_id=found[0].external_id
    ).first()
    stands: Mapping[str, str] = bridge.settings if bridge is not None else {}
    return [
        (each, found[0].choices[each.name], stands.get(each.name, ""))
        for each in channel(attempt.app.channel).account_fields
        if each.later and each.name in found[0].choices
    ]


def _settled(
    attempt: ConnectAttempt, wanted: Sequence[Candidate], later: Mapping[str, str]
) -> dict[str, str]:
    """By field what was chosen, '' where that is nothing. Raises Refused."""
    found: dict[str, str] = {}
    for field, there, stands in asked_later(attempt, wanted):
        value = later.get(field.name, stands)
        if value not in ("", stands, *field.values, *there):
            raise Refused(field.name, _("Choose from the list: %(field)s.") % {"field": field.label})
        found[field.name] = value
    return found


def _new(
    actor: User,
    attempt: ConnectAttempt,
    each: Candidate,
    team: Team,
    setup: Setup,
    settled: Mapping[str, str],
    now: datetime,
) -> ChannelAccount:
    limited = channel(attempt.app.channel).capabilities.automated_per_interaction is not None
    chosen = limited and setup.mode == ChannelMode.CUSTOMER_SERVICE
    connecting = Connecting(
        external_id=each.external_id,
        name=each.name,
        handle=each.handle,
        team=team,
        language=setup.language,
        zone=setup.zone,
        sign_off=_one_line(setup.sign_off),
        mode=ChannelMode(setup.mode),
        credentials=each.credentials,
        settings=_filled({**_settings(attempt, each), **settled}),
        missing=each.missing,
        notices=setup.how if chosen else "",
        notices_note=_one_line(setup.note) if chosen else "",
        allow_private_addresses=may_be_private(),
        hooked=True,
    )
    account = account_connect(actor=actor, app=attempt.app, connecting=connecting, now=now)
    return account_settings_set(
        actor=actor,
        account_id=account.pk,
        acknowledge=setup.acknowledge,
        sign_off=connecting.sign_off,
        language=setup.language,
        now=now,
    )


def _again(
    actor: User,
    attempt: ConnectAttempt,
    each: Candidate,
    account: ChannelAccount,
    setup: Setup,
    settled: Mapping[str, str],
    now: datetime,
) -> ChannelAccount:
    bridge = ChannelConnection.objects.filter(account=account).first()
    connecting = Connecting(
        external_id=each.external_id,
        name=account.name,
        handle=account.handle,
        team=account.team,
        language=account.language,
        credentials=each.credentials,
        settings=_filled({**_kept(attempt, bridge), **_settings(attempt, each), **settled}),
        missing=each.missing,
        poll_every=bridge.poll_every if bridge is not None else None,
        allow_private_addresses=may_be_private() or (bridge is not None and bridge.allow_private_addresses),
        hooked=True,
    )
    account = account_connect(actor=actor, app=attempt.app, connecting=connecting, now=now)
    stands = ChannelConnection.objects.select_related("account", "app").get(account=account)
    if was_cut(account) and setup.mode:
        return account_switch(
            actor=actor,
            account_id=account.pk,
            mode=setup.mode,
            seen_promises=0,
            meanwhile=setup.meanwhile or (READ if not stands.cursor else ""),
            now=now,
        )
    return account


def _kept(attempt: ConnectAttempt, bridge: ChannelConnection | None) -> dict[str, str]:
    """Settings that stay. Fields that were shown as they stand, and were emptied, do not."""
    stand: dict[str, str] = dict(bridge.settings) if bridge is not None else {}
    if attempt.state_hash:
        return stand
    fields = channel(attempt.app.channel).account_fields
    shown = {each.name for each in fields if not each.secret and not each.later}
    return {name: value for name, value in stand.items() if name not in shown}


def _settings(attempt: ConnectAttempt, each: Candidate) -> dict[str, str]:
    """What the network told, and what was typed beside the keys and is no secret."""
    fields = [one.name for one in channel(attempt.app.channel).account_fields if not one.secret]
    typed = {name: attempt.remembered[name] for name in fields if attempt.remembered.get(name)}
    return {**each.settings, **typed}


def _filled(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if value}


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
