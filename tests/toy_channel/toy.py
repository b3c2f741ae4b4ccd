"""A notice board that does not exist, as a channel: the smallest one that keeps the whole contract.

Its webhook posts `{"board": "12", "updates": [{"id", "kind", "note": {…}}]}`, signed with hex HMAC-SHA256;
notes are read at GET /notes?after=<number>; an answer goes to POST /answers. docs/add-a-channel.md was
written along it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from channels_social.adapter import (
    AppView,
    BadContent,
    BadSignature,
    Channel,
    FormField,
    PollFailed,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.net import DeadlineExceeded, NetError, NoConnection
from tickets.contract import (
    Author,
    Capabilities,
    Ignored,
    InboundMessage,
    MayReply,
    NotSent,
    OutboundMessage,
    Parsed,
    Permanent,
    Reauthorise,
    Receipt,
    Unclear,
)

REAL = "https://board.example.org"
ANYONE = MayReply(True, "anyone")
WORDS = {
    "closed": {"en": "The note is closed.", "nl": "Het briefje is gesloten."},
    "full": {"en": "The board is full for today.", "nl": "Het bord is vol voor vandaag."},
    "busy": {"en": "The board is busy.", "nl": "Het bord heeft het druk."},
}


class ToyChannel(Channel):
    slug: ClassVar[str] = "toy"
    label: ClassVar[str] = "Toy board"
    capabilities: ClassVar[Capabilities] = Capabilities(
        manner="conversational", public=True, private=False, max_length=200, webhooks=True, polling=True
    )
    app_fields: ClassVar[tuple[FormField, ...]] = (FormField("hook_secret", "Webhook secret", secret=True),)
    account_fields: ClassVar[tuple[FormField, ...]] = (FormField("token", "Token", secret=True),)

    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        given = request.headers.get("x-board-signature", "").encode("utf-8", "replace")
        secrets = app.secrets.get("hook_secret", ())
        good = [
            hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest().encode() for secret in secrets
        ]
        if not any([hmac.compare_digest(one, given) for one in good]):  # noqa: C419 - all are compared
            raise BadSignature("x-board-signature does not match the body")

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        try:
            body = json.loads(request.body)
            updates = [(str(body["board"]), update) for update in body["updates"]]
            return [_event(board, update["kind"], update) for board, update in updates]
        except (ValueError, TypeError, KeyError, RecursionError):
            return [RawEvent("", f"odd:{hashlib.sha256(request.body).hexdigest()}", "odd", request.body)]

    def parse(self, event: RawEvent) -> list[Parsed]:
        if event.kind == "note.opened":
            return [Ignored("indicator")]
        if event.kind != "note":
            if event.kind == "odd":
                raise BadContent("not an update of the board")
            raise UnknownEvent(event.kind)
        try:
            note = json.loads(event.body)["note"]
            return [_message(note)]
        except (ValueError, TypeError, KeyError) as error:
            raise BadContent(f"a note without {error}") from error

    def poll(self, cursor: Mapping[str, str]) -> tuple[list[RawEvent], dict[str, str], bool]:
        try:
            answer = self._session().get(f"{REAL}/notes", params={"after": cursor.get("after", "0")})
            body = answer.json()
            events = [_event(self.account.external_id, "note", {"note": note}) for note in body["notes"]]
        except (NetError, ValueError, TypeError, KeyError) as error:
            raise PollFailed(f"the board did not answer: {error}") from error
        return events, {"after": str(body.get("last", cursor.get("after", "0")))}, bool(body.get("more"))

    def send(self, message: OutboundMessage) -> Receipt:
        try:
            answer = self._session().post(
                f"{REAL}/answers", json={"note": message.in_reply_to, "text": message.text}
            )
        except NetError as error:
            late = isinstance(error, DeadlineExceeded) and not error.bytes_left
            if late or isinstance(error, NoConnection):
                raise NotSent(str(error), code="no_connection") from error
            raise Unclear(str(error)) from error
        if answer.status_code == 401:
            raise Reauthorise("the board does not take the token")
        if answer.status_code == 402:
            raise NotSent("full", whole_account=True, code="full")
        if answer.status_code == 429:
            raise NotSent("busy", retry_after=timedelta(minutes=1), whole_account=True, code="busy")
        if 400 <= answer.status_code < 500:
            raise Permanent("closed", answer.text[:200])
        try:
            return Receipt(str(answer.json()["id"]))
        except (ValueError, TypeError, KeyError) as error:
            raise Unclear(f"{answer.status_code} without an id") from error

    def may_reply(self, message: OutboundMessage) -> MayReply:
        return message.reply_rule

    @classmethod
    def rule_words(cls, rule: str, language: str) -> str:
        return WORDS.get(rule, {}).get(language, "")

    def _session(self) -> Any:
        session = self.net.session({REAL: self.account.settings.get("base_url", REAL)})
        session.headers["authorization"] = f"Bearer {self.net.credentials['token']}"
        return session


def _event(board: str, kind: object, update: Mapping[str, Any]) -> RawEvent:
    body = json.dumps(update, sort_keys=True).encode()
    return RawEvent(board, f"{kind}:{hashlib.sha256(body).hexdigest()}", str(kind), body)


def _message(note: Mapping[str, Any]) -> InboundMessage:
    number, writer = str(note["number"]), str(note["writer"])
    return InboundMessage(
        external_id=number,
        thread_key=f"{note.get('below') or number}:{writer}",
        author=Author(kind="toy", external_id=writer, handle=str(note.get("name", ""))),
        text=str(note["text"]),
        sent_at=datetime.fromisoformat(note["at"]),
        visibility="public",
        reply_rule=ANYONE,
        addressed=True,
        version_id=f"{number}.{int(note.get('version', 1))}",
        version_order=int(note.get("version", 1)),
    )
