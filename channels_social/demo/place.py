"""Puts the demo's teams, people and accounts in place. Every step may be run again and changes nothing then."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.db import transaction

from accounts.actors import System
from accounts.models import Membership, Team, User
from channels_social.connecting import Connecting, account_connect
from channels_social.demo.hurry import hurried
from channels_social.disconnecting import account_disconnect
from channels_social.models import ChannelApp, ChannelConnection
from channels_social.registrations import callback_address, hook_address
from channels_social.registry import channel
from channels_social.subscriptions import FAILED, account_hook_keep
from priority import seed
from priority.models import PolicyRevision
from priority.services import policy_ensure_seeded, policy_publish
from tickets.clock import database_now
from tickets.models import ChannelAccount, ChannelMode, SavedReply, SavedReplyText

ACTOR = System("demo")
STATE_SECONDS = 10


class NoSandbox(Exception):
    """The sandbox does not answer, or lacks an account that the demo needs."""


@dataclass(frozen=True, slots=True)
class City:
    """city.json, read."""

    document: Mapping[str, Any]

    @property
    def password(self) -> str:
        return str(self.document["password"])

    @property
    def log_ins(self) -> list[tuple[str, str, str]]:
        """(user name, password, who that is)."""
        teams = {team["key"]: team["name"] for team in self.document["teams"]}
        return [
            (each["username"], self.password, _who(each, teams[each["team"]]))
            for each in self.document["users"]
        ]


def _who(user: Mapping[str, Any], team: str) -> str:
    return f"{_role(user)}, {team}{', reads Dutch' if user['language'] == 'nl' else ''}"


def _role(user: Mapping[str, Any]) -> str:
    return "manager" if user["manager"] else "lead" if user["lead"] else "agent"


def city() -> City:
    return City(json.loads((Path(__file__).parent / "city.json").read_text(encoding="utf-8")))


@transaction.atomic
def policy_place(*, fast: bool, now: datetime) -> None:
    """The ready policy, or the hurried one, on a desk that has none yet; what a manager has published since stays."""
    if fast and not PolicyRevision.objects.exists():
        policy_publish(actor=ACTOR, document=hurried(seed.read()), reason="A demo in a hurry.", now=now)
    policy_ensure_seeded(now=now)


@transaction.atomic
def people_place(town: City, *, now: datetime) -> None:
    """Teams, users with the demo's password, and who works where."""
    teams = {}
    for each in town.document["teams"]:
        teams[each["key"]], _ = Team.objects.get_or_create(
            key=each["key"], defaults={"name": each["name"], "is_private": each["private"], "created_at": now}
        )
    for each in town.document["users"]:
        user, _ = User.objects.get_or_create(
            username=each["username"],
            defaults={
                "display_name": each["name"],
                "email": f"{each['username']}@merendam.example",
                "language": each["language"],
                "is_manager": each["manager"],
                "is_admin": each["manager"],
            },
        )
        if not user.check_password(town.password):
            user.set_password(town.password)
            user.save(update_fields=["password"])
        Membership.objects.get_or_create(
            user=user, team=teams[each["team"]], defaults={"is_lead": each["lead"]}
        )


@transaction.atomic
def saved_replies_place(*, now: datetime) -> None:
    """What callers of the make-believe city ask often, with an answer; on a desk that has no saved reply yet."""
    if SavedReply.objects.exists():
        return
    ready = json.loads((Path(__file__).parent / "saved_replies.json").read_text(encoding="utf-8"))
    for each in ready:
        row = SavedReply.objects.create(
            title=each["title"],
            team=Team.objects.get(key=each["team"]) if each["team"] else None,
            categories=each["categories"],
            author=User.objects.filter(username=each["author"]).first(),
            created_at=now,
            updated_at=now,
        )
        SavedReplyText.objects.bulk_create(
            SavedReplyText(
                reply=row, language=text["language"], manner=text.get("manner", ""), text=text["text"]
            )
            for text in each["texts"]
        )


def sandbox_state(url: str) -> dict[str, Any]:
    """Who there is at the sandbox, credentials with it. Raises NoSandbox."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{url.rstrip('/')}/_sandbox/state", timeout=STATE_SECONDS)
        answer.raise_for_status()
        state: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise NoSandbox(f"The sandbox at {url} does not answer as it should: {error}") from error
    return state


@dataclass(frozen=True, slots=True)
class Placed:
    """The app of one channel, and the accounts that are the demo's, by their ids at the sandbox. console: where the
    sandbox's developers set what belongs to the app. apart: those among the accounts that were made now, to be
    disconnected (`apart_place`)."""

    app: ChannelApp
    accounts: Sequence[str]
    console: str
    apart: Sequence[str] = ()


@transaction.atomic
def accounts_place(town: City, *, sandbox_url: str, state: Mapping[str, Any], now: datetime) -> list[Placed]:
    """An app a channel and its accounts, with the sandbox's credentials; accounts of a sandbox that is gone are
    switched off. Raises NoSandbox where it lacks one."""
    made = [_channel_place(town, each, sandbox_url, state, now) for each in town.document["channels"]]
    for placed in made:
        gone = ChannelAccount.objects.filter(connection__app=placed.app).exclude(
            external_id__in=placed.accounts
        )
        gone.exclude(mode=ChannelMode.OFF).update(mode=ChannelMode.OFF)
    return made


def _channel_place(
    town: City, network: Mapping[str, Any], sandbox_url: str, state: Mapping[str, Any], now: datetime
) -> Placed:
    slug = network["slug"]
    known = {each["username"].lower(): each for each in _at(state, network["accounts"])}
    ours = [each for each in town.document["accounts"] if each["channel"] == slug]
    wanted = [each for each in ours if each.get("connected", True)]
    missing = [each["handle"] for each in wanted if each["handle"].lower() not in known]
    if missing:
        raise NoSandbox(f"The sandbox has no account {', '.join(missing)}; start it without --empty.")
    first = known[wanted[0]["handle"].lower()]
    open_fields = {field.name for field in channel(slug).app_fields if not field.secret}
    told = {name: first[key] for name, key in network["app"].items()}
    app_secrets: dict[str, Any] = {name: [value] for name, value in told.items() if name not in open_fields}
    app_settings = {name: value for name, value in told.items() if name in open_fields}
    app, _ = ChannelApp.objects.get_or_create(
        channel=slug,
        name="Demo",
        defaults={"hook_key": secrets.token_urlsafe(24), "secrets": app_secrets, "created_at": now},
    )
    app.secrets = app_secrets
    app.settings = {**app.settings, **app_settings, "base_url": sandbox_url.rstrip("/") + network["base_url"]}
    app.save(update_fields=["secrets", "settings"])
    accounts, apart = [], []
    for each in ours:
        there = known.get(each["handle"].lower())
        if there is None:  # one that is not to be connected, at a sandbox that began before there was one
            continue
        accounts.append(there[network["id"]])
        if each not in wanted:
            if ChannelAccount.objects.filter(channel=slug, external_id=there[network["id"]]).exists():
                continue
            apart.append(there[network["id"]])
        credentials = {name: there[key] for name, key in network["credentials"].items()}
        look_up = {"look_up_seconds": network["look_up_seconds"]} if "look_up_seconds" in network else {}
        connecting = Connecting(
            external_id=there[network["id"]],
            name=there["name"],
            handle=there["username"],
            team=Team.objects.get(key=each["team"]),
            language=each["language"],
            sign_off=each["sign_off"],
            credentials=credentials,
            caps=look_up,
            poll_every=timedelta(seconds=network["poll_seconds"]),
            allow_private_addresses=True,
            notices=each.get("notices", ""),
            notices_note=each.get("notices_note", ""),
            mode=ChannelMode.CUSTOMER_SERVICE if each in wanted else ChannelMode.OFF,
        )
        account_connect(actor=ACTOR, app=app, connecting=connecting, now=now)
    console = f"{sandbox_url.rstrip('/')}/_sandbox/{network['console']}/{first['app_id']}"
    return Placed(app, accounts, console, apart)


def apart_place(placed: Placed, *, now: datetime) -> None:
    """Disconnects those that are there to be connected by hand: a manager sees what such an account looks like, and the
    way over the sandbox's own pages. Once: what a manager has connected since stays."""
    for account in ChannelAccount.objects.filter(
        connection__app=placed.app, external_id__in=placed.apart, connection__disconnected_at__isnull=True
    ):
        account_disconnect(actor=ACTOR, account_id=account.pk, seen_promises=0, now=now)


def _at(state: Mapping[str, Any], path: str) -> Any:
    found: Any = state
    for name in path.split("."):
        found = found[name]
    return found


def hook_place(placed: Placed, *, desk_url: str) -> str:
    """What connecting by hand does beside: the address to come back to stands at the sandbox, so that a manager may
    connect more there, and each account's subscriptions are put there; the desk must be up, since it is challenged.
    Returns the webhook's address. Raises NoSandbox with the sandbox's words.
    """
    app = placed.app
    _console(placed, callbacks=[callback_address(app.channel)])
    if desk_url.rstrip("/") != settings.PUBLIC_URL.rstrip("/"):
        app.settings = {**app.settings, "desk_url": desk_url}
        app.save(update_fields=["settings"])
    mine = ChannelConnection.objects.filter(
        app=app, account__external_id__in=placed.accounts, disconnected_at__isnull=True
    )
    mine.update(hook_due_at=database_now())
    for account_id in mine.values_list("account_id", flat=True):
        account_hook_keep(account_id)
    refused = mine.filter(hook_code=FAILED).first()
    if refused is not None:
        raise NoSandbox(refused.hook_words)
    return hook_address(app)


def _console(placed: Placed, **values: Any) -> None:
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.post(placed.console, json=values, timeout=STATE_SECONDS).raise_for_status()
    except requests.RequestException as error:
        raise NoSandbox(f"The sandbox does not take an address to come back to: {error}") from error
