"""The files of a channel's fixture folder, read. docs/add-a-channel.md says what stands in each.

Two environment variables serve channels that do not live in this repository: CONTRACT_PACKAGES (names of
packages, separated by commas) and CONTRACT_FIXTURES (a folder that holds a folder per slug, in place of
ours).
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from accounts.models import Team
from channels_social.adapter import (
    AccountView,
    AppView,
    BadContent,
    Channel,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.models import Visitor, VisitorLine
from channels_social.net import Net
from channels_social.registry import also, channels
from tests.channels_social.scripted import Answer, Rule, Scripted, ScriptedLines
from tickets.contract import MayReply, OutboundAttachment, OutboundMessage
from tickets.models import ChannelAccount

Json = dict[str, Any]

FIXTURES = Path(os.environ.get("CONTRACT_FIXTURES") or Path(__file__).parents[2] / "fixtures" / "channels")
DEADLINE = timedelta(seconds=1)


def all_channels() -> dict[str, type[Channel]]:
    with ExitStack() as stack:
        for package in filter(None, os.environ.get("CONTRACT_PACKAGES", "").split(",")):
            importlib.import_module(package)
            stack.enter_context(also(package))
        return dict(channels())


def folder(slug: str) -> Path:
    return FIXTURES / slug


def files(slug: str, kind: str) -> list[Path]:
    return sorted((folder(slug) / kind).glob("*.json"))


def read(path: Path) -> Json:
    """A fixture file. Each names where its shape comes from."""
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict) or not found.get("source"):
        raise ValueError(
            f"{path} must be an object with a `source`: the page or recording the shape comes from"
        )
    return found


def account_file(slug: str) -> Json:
    return read(folder(slug) / "account.json")


def app(case: Json) -> AppView:
    return AppView({name: list(values) for name, values in case["secrets"].items()})


def registration(case: Json, base_url: str = "") -> AppView:
    """Our registration as a file of connecting states it."""
    told = case["app"]
    return AppView(told["secrets"], {**told["settings"], **({"base_url": base_url} if base_url else {})})


def app_net(deadline: timedelta = DEADLINE) -> Net:
    return Net(
        deadline=deadline, allow_private=True, read_credentials=dict, rotate=lambda _, new: new, settings={}
    )


def request(path: Path, case: Json) -> WebhookRequest:
    told = case["request"]
    body = (
        (path.parent / told["body_file"]).read_bytes()
        if "body_file" in told
        else told.get("body", "").encode()
    )
    headers = {name.lower(): value for name, value in told["headers"].items()}
    return WebhookRequest(told["method"], body, headers, told.get("query", {}))


def view(slug: str, *, base_url: str = "", account_key: str = "") -> AccountView:
    """Our account of the fixtures; `accounts` names others that share its webhook, by id."""
    told = account_file(slug)
    key = account_key or told["external_id"]
    handle = told["handle"] if key == told["external_id"] else told["accounts"][key]
    settings = _placed(told.get("settings", {}), base_url)
    return AccountView(1, key, handle, handle, told.get("language", "en"), settings)


def _placed(settings: Mapping[str, str], base_url: str) -> dict[str, str]:
    """The settings of an account whose network stands at `base_url`: a channel that speaks in lines has a server's name
    and a port in its settings instead, "{host}" and "{port}" in the file."""
    if not base_url:
        return dict(settings)
    there = urlsplit(base_url)
    filled = {
        name: value.replace("{host}", there.hostname or "").replace("{port}", str(there.port))
        for name, value in settings.items()
    }
    return filled if filled != dict(settings) else {**filled, "base_url": base_url}


def net(slug: str, deadline: timedelta = DEADLINE) -> Net:
    credentials: Mapping[str, str] = account_file(slug)["credentials"]
    return Net(
        deadline=deadline,
        allow_private=True,
        read_credentials=lambda: credentials,
        rotate=lambda _, new: new,
        settings={},
    )


def adapter(kind: type[Channel], *, base_url: str = "", account_key: str = "") -> Channel:
    made = kind(view(kind.slug, base_url=base_url, account_key=account_key), net(kind.slug))
    if (slug := sender(kind.slug)) != kind.slug:
        made.through_found = lambda: adapter(all_channels()[slug], base_url=base_url)
    return made


def has_windows(slug: str) -> bool:
    """Whether everybody is written to in a window of ours: account.json names its visitors."""
    return (folder(slug) / "account.json").exists() and "visitors" in account_file(slug)


def visitors_make(slug: str) -> None:
    """Those whom account.json names, away for an hour, and what lies ready for each."""
    now = timezone.now()
    account = ChannelAccount.objects.create(
        pk=1,
        channel=slug,
        external_id=account_file(slug)["external_id"],
        name=slug,
        handle=slug,
        team=Team.objects.create(key="contract", name="Contract", created_at=now),
        manner=all_channels()[slug].capabilities.manner,
        created_at=now,
    )
    for told in account_file(slug).get("visitors", []):
        visitor = Visitor.objects.create(
            account=account,
            external_id=told["external_id"],
            token_hash=told["external_id"].encode()[:32],
            address=told["address"],
            address_given_at=now if told["address"] else None,
            last_number=len(told["lines"]),
            seen_at=now - timedelta(hours=1),
            created_at=now,
        )
        for line in told["lines"]:
            VisitorLine.objects.create(
                visitor=visitor,
                number=line["number"],
                reply_key=line["reply_key"],
                text=line["text"],
                created_at=now,
                withdrawn_at=now if line.get("withdrawn") else None,
                acked_at=now if line.get("acknowledged") else None,
            )


def sender(slug: str) -> str:
    """The channel whose server stands where this one's messages go: its own, or the one that it sends through."""
    if not (folder(slug) / "account.json").exists():  # somebody else's fixtures stand in place of ours
        return slug
    return str(account_file(slug).get("through") or slug)


def outcomes(slug: str) -> list[Json]:
    """What answers to a send mean; of a channel that sends through another one, that one's. None where people speak."""
    path = folder(sender(slug)) / "outcomes.json"
    return list(read(path)["outcomes"]) if path.exists() else []


def stored(told: Json) -> RawEvent:
    """What a page of ours keeps of what was sent with it, as a file states it."""
    event = told["event"]
    return RawEvent(event["account_key"], event["dedupe_key"], event["kind"], event["body"].encode("latin-1"))


def message(slug: str, **other: Any) -> OutboundMessage:
    """The message that the fixtures of sending send, with `other` in place of its fields."""
    told = {**account_file(sender(slug))["send"], **account_file(slug)["send"], **other}
    if "recipient" in other and sender(slug) != slug:
        mine = account_file(slug)["send"]["recipient"]
        told["recipient"] = mine.partition("#")[0] + f"#{other['recipient']}" if "#" in mine else mine
    return OutboundMessage(
        text=told["text"],
        visibility=told.get("visibility", "public"),
        thread_key=told["thread_key"],
        in_reply_to=told["in_reply_to"],
        recipient=told["recipient"],
        idempotency_key=told.get("idempotency_key", "ack:1:1"),
        reply_rule=MayReply(True, told.get("rule", "")),
        automatic=told.get("automatic", True),
        after_unclear=told.get("after_unclear", False),
        part=told.get("part", 1),
        parts=told.get("parts", 1),
        conversation=told.get("conversation", 0),
        subject=told.get("subject", ""),
        refers_to=tuple(told.get("refers_to", ())),
        language=told.get("language", ""),
        attachments=tuple(
            OutboundAttachment(
                each["name"],
                each["content_type"],
                len(each["content"]),
                partial(BytesIO, each["content"].encode()),
            )
            for each in told.get("files", ())
        ),
    )


def answer(told: Json) -> Answer:
    body = told.get("body", "")
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(told.get("status", 200), told.get("headers", {}), raw, told.get("behaviour", "answer"))


def playing(slug: str, answers: Sequence[Json], dialogue: str = "send") -> Scripted | ScriptedLines:
    """The network that gives these answers. For a channel that speaks in lines they are what differs from the dialogue
    of that name in account.json: at which line ("at", a rule's pattern; the last where none is named), and what is said
    or done there."""
    spoken = account_file(sender(slug)).get("lines")
    if spoken is None:
        return Scripted([answer(told) for told in answers])
    told = spoken[dialogue]
    rules = {rule["hear"]: rule for rule in [{"hear": "", "say": told["greeting"]}, *told["rules"]]}
    last = next(hear for hear, rule in rules.items() if rule.get("last"))
    for each in answers:
        at = each.get("at", last)
        if at not in rules:
            raise ValueError(f"{slug}: the dialogue {dialogue!r} has no line {at!r}")
        rules[at] = {**rules[at], **_said(each)}
    for rule in rules.values():
        rule["say"] = _with_files(folder(sender(slug)), rule["say"])
    greeting, *others = (Rule(**rule) for rule in rules.values())
    return ScriptedLines(greeting, others)


def _said(told: Json) -> Json:
    found: Json = {name: told[name] for name in ("say", "behaviour", "close") if name in told}
    if "body" in told or "status" in told:
        found["say"] = f"{told.get('status', 200)} {told.get('body', '')}"
    return found


def _with_files(home: Path, said: str | None) -> str | None:
    """ "{file:poll/a.eml}" stands for a file's bytes, its lines ended as on the wire, "{size:poll/a.eml}" for how many
    they are."""
    if said is None:
        return None

    def put(found: re.Match[str]) -> str:
        raw = (home / found.group(2)).read_bytes().replace(b"\r\n", b"\n")
        if found.group(1) == "size":
            return str(len(raw.replace(b"\n", b"\r\n")))
        return raw.decode("utf-8", "surrogateescape")

    return re.sub(r"\{(file|size):([^}]+)\}", put, said)


def plain(value: object) -> Any:
    """A parsed value as JSON shows it, with its type's name, so that a file can say what is expected."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": type(value).__name__, **fields}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Where `found` is not as `expected` says. What an object of `expected` leaves out may be anything."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            one for key in expected for one in differences(expected[key], found.get(key), f"{where}.{key}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [one for index, (want, got) in pairs for one in differences(want, got, f"{where}[{index}]")]
    return [] if expected == found else [f"{where or 'it'}: expected {expected!r}, found {found!r}"]


def event_view(kind: type[Channel], event: RawEvent, expected: Json) -> Json:
    """An event with what `parse` made of it, in the form in which fixture files state it."""
    found: Json = {"account_key": event.account_key, "kind": event.kind, "dedupe_key": event.dedupe_key}
    if expected.get("not_ours"):
        known = {account_file(kind.slug)["external_id"], *account_file(kind.slug).get("accounts", {})}
        return {**found, "not_ours": event.account_key not in known}
    try:
        reader = adapter(kind, account_key=event.account_key)
        return {**found, "parsed": [plain(one) for one in reader.parse(event)]}
    except (UnknownEvent, BadContent) as error:
        return {**found, "refused": type(error).__name__}
