"""Puts the demo's teams, people and accounts in place. Every step may be run again and changes nothing then."""

from __future__ import annotations

import importlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from django.db import transaction

from accounts.actors import System
from accounts.models import Membership, Team, User
from channels_social.connecting import Connecting, account_connect
from channels_social.demo.hurry import hurried
from channels_social.models import ChannelApp
from priority import seed
from priority.models import PolicyRevision
from priority.services import policy_ensure_seeded, policy_publish
from tickets.models import ChannelAccount, ChannelMode

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
            (each["username"], self.password, f"{_role(each)}, {teams[each['team']]}")
            for each in self.document["users"]
        ]


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
            },
        )
        if not user.check_password(town.password):
            user.set_password(town.password)
            user.save(update_fields=["password"])
        Membership.objects.get_or_create(
            user=user, team=teams[each["team"]], defaults={"is_lead": each["lead"]}
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


@transaction.atomic
def accounts_place(town: City, *, sandbox_url: str, state: Mapping[str, Any], now: datetime) -> ChannelApp:
    """The app and its accounts, with the sandbox's credentials; accounts of a sandbox that is gone are switched off."""
    slug = town.document["channel"]
    known = {each["username"].lower(): each for each in state["accounts"]}
    wanted = town.document["accounts"]
    missing = [each["handle"] for each in wanted if each["handle"].lower() not in known]
    if missing:
        raise NoSandbox(f"The sandbox has no account {', '.join(missing)}; start it without --empty.")
    first = known[wanted[0]["handle"].lower()]
    app_secrets: dict[str, Any] = {
        key: [first[key]] for key in ("consumer_key", "consumer_secret", "bearer_token")
    }
    app, _ = ChannelApp.objects.get_or_create(
        channel=slug,
        name="Demo",
        defaults={"hook_key": secrets.token_urlsafe(24), "secrets": app_secrets, "created_at": now},
    )
    app.secrets = app_secrets
    app.save(update_fields=["secrets"])
    placed = []
    for each in wanted:
        there = known[each["handle"].lower()]
        connecting = Connecting(
            external_id=there["user_id"],
            name=there["name"],
            handle=there["username"],
            team=Team.objects.get(key=each["team"]),
            language=each["language"],
            sign_off=each["sign_off"],
            credentials={key: there[key] for key in ("access_token", "access_token_secret")},
            settings={"base_url": sandbox_url.rstrip("/")},
            caps={"look_up_seconds": town.document["look_up_seconds"]},
            poll_every=timedelta(seconds=town.document["poll_seconds"]),
            allow_private_addresses=True,
        )
        placed.append(account_connect(actor=ACTOR, app=app, connecting=connecting, now=now).pk)
    gone = ChannelAccount.objects.filter(connection__app=app).exclude(pk__in=placed)
    gone.exclude(mode=ChannelMode.OFF).update(mode=ChannelMode.OFF)
    return app


def hook_place(
    town: City, *, app: ChannelApp, sandbox_url: str, state: Mapping[str, Any], desk_url: str
) -> str:
    """Register the desk's webhook at the sandbox; the desk must be up, since it is challenged. Returns its address.

    Raises the adapter's own error where the sandbox refuses.
    """
    hooks = importlib.import_module(f"channels_social.adapters.{app.channel}.hooks")
    address = f"{desk_url.rstrip('/')}/hooks/{app.channel}/{app.hook_key}/"
    wanted = {each["handle"].lower() for each in town.document["accounts"]}
    ours = [each for each in state["accounts"] if each["username"].lower() in wanted]
    hooks.register(
        sandbox_url,
        bearer_token=ours[0]["bearer_token"],
        url=address,
        user_tokens={each["user_id"]: each["user_token"] for each in ours},
    )
    return address
