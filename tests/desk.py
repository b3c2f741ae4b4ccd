"""Small builders for tests: a team, an account with its connection, and updates as X words them.

Shapes follow tests/fixtures/channels/x (each names its source); nothing here comes from the sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from accounts.actors import System
from accounts.models import Membership, Team, User
from channels_social.models import ChannelApp, ChannelConnection
from priority.models import PolicyRevision
from priority.services import policy_ensure_seeded
from tickets.clock import database_now
from tickets.models import ChannelAccount, ChannelMode, NoReplyReason, TextRevision
from tickets.services.audit import event_record
from tickets.services.texts import texts_ensure_seeded

SECRET = "a-consumer-secret"
MONDAY = datetime(2026, 11, 16, 10, 40, tzinfo=UTC)  # 11:40 in Amsterdam


#: What `seeded` has written once, to be written again as it was: to check it anew is a tenth of a test's time.
_seeds: list[PolicyRevision | TextRevision] = []


def seeded() -> None:
    now = database_now()
    if _seeds and not PolicyRevision.objects.exists() and not TextRevision.objects.exists():
        for row in map(copy, _seeds):
            row.pk, row.published_at = None, now
            row.save(force_insert=True)
        event_record("texts_published", actor=System("seed"), now=now, args={"number": 1})
    else:
        policy, texts = policy_ensure_seeded(now=now), texts_ensure_seeded(now=now)
        if not _seeds and policy.number == texts.number == 1:
            _seeds.extend([copy(policy), copy(texts)])
    # A test with a database of its own has emptied what migrations put there.
    for position, key in enumerate(("venting", "spam", "not_ours", "for_communications"), 1):
        names = {"en": key.replace("_", " "), "nl": key.replace("_", " ")}
        NoReplyReason.objects.get_or_create(
            key=key, defaults={"names": names, "position": position, "created_at": now}
        )


def team(key: str = "front", *, private: bool = False) -> Team:
    return Team.objects.get_or_create(
        key=key, defaults={"name": key.title(), "is_private": private, "created_at": MONDAY}
    )[0]


def user(
    name: str,
    *,
    teams: list[Team] | None = None,
    lead: bool = False,
    manager: bool = False,
    admin: bool = False,
) -> User:
    made = User.objects.create_user(
        username=name,
        email=f"{name}@merendam.example",
        password="correct horse",
        display_name=name.title(),
        is_manager=manager,
        is_admin=admin,
    )
    for one in teams or []:
        Membership.objects.create(user=made, team=one, is_lead=lead)
    return made


def account(
    external_id: str = "1111",
    *,
    of_team: Team | None = None,
    app: ChannelApp | None = None,
    base_url: str = "http://127.0.0.1:9",
    settings: dict[str, str] | None = None,
    **fields: Any,
) -> ChannelAccount:
    """A customer-service account on X with its connection; `base_url` leads nowhere unless a sandbox is given."""
    made = ChannelAccount.objects.create(
        channel="x",
        external_id=external_id,
        name="Gemeente Merendam",
        handle=f"desk{external_id}",
        team=of_team or team(),
        sign_off="^Merendam",
        created_at=MONDAY,
        capabilities={"automated_per_interaction": 1},
        **{"mode": ChannelMode.CUSTOMER_SERVICE, **fields},
    )
    ChannelConnection.objects.create(
        account=made,
        app=app or channel_app(),
        credentials={"access_token": "t", "access_token_secret": "s"},
        settings={"base_url": base_url, **(settings or {})},
        allow_private_addresses=True,
        poll_every=timedelta(seconds=30),
    )
    return made


def channel_app(hook_key: str = "hook") -> ChannelApp:
    return ChannelApp.objects.get_or_create(
        hook_key=hook_key,
        defaults={
            "channel": "x",
            "name": "our app",
            "secrets": {"consumer_key": ["k"], "consumer_secret": [SECRET], "bearer_token": ["b"]},
            "created_at": MONDAY,
        },
    )[0]


def post(
    number: int,
    text: str,
    *,
    author: str = "2222",
    to: str = "1111",
    at: datetime | None = None,
    conversation: int | None = None,
    parent: int | None = None,
    history: list[int] | None = None,
    lang: str = "en",
) -> dict[str, Any]:
    """A post as X's API and webhooks show it; `history`: ids of all its versions up to this one, oldest first."""
    handle = f"desk{to}"
    mentions = []
    if f"@{handle}" in text:
        start = text.index(f"@{handle}")
        mentions = [{"start": start, "end": start + len(handle) + 1, "username": handle, "id": to}]
    made: dict[str, Any] = {
        "id": str(number),
        "text": text,
        "author_id": author,
        "created_at": (at or MONDAY).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conversation_id": str(conversation or (history or [number])[0]),
        "edit_history_tweet_ids": [str(one) for one in history or [number]],
        "entities": {"mentions": mentions},
        "lang": lang,
        "reply_settings": "everyone",
    }
    if parent is not None:
        made["referenced_tweets"] = [{"type": "replied_to", "id": str(parent)}]
        made["in_reply_to_user_id"] = to
    return made


def mentioned(made: dict[str, Any], *, to: str = "1111", uuid: str = "") -> bytes:
    """The webhook body that tells of a post."""
    return json.dumps(
        {
            "data": {
                "event_uuid": uuid or f"-{made['id']}",
                "filter": {"user_id": to},
                "event_type": "post.mention.create",
                "tag": "mentions",
                "payload": made,
                "includes": {
                    "users": [{"id": made["author_id"], "username": f"u{made['author_id']}", "name": "Anouk"}]
                },
            }
        }
    ).encode()


def signed(body: bytes, secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def hook(client: Client, body: bytes, *, signature: str | None = None, key: str = "hook") -> int:
    """The network calls our webhook; the status it gets."""
    answer = client.post(
        f"/hooks/x/{key}/",
        data=body,
        content_type="application/json",
        headers={"x-twitter-webhooks-signature": signature or signed(body)},
    )
    return answer.status_code
