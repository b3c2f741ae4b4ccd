"""The chat's API, version 1: what a visitor's window asks (docs/api-chat.md). JSON in, JSON out, no cookie; a token in
`Authorization: Visitor <token>` is all that says who asks. Thin: services and selectors do the rest."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import parsers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels_social.adapters.chat import identity
from channels_social.adapters.chat.api_base import (
    WORDS_BODY_MOST,
    ChatView,
    Line,
    Problem,
    nobody,
    token_of,
    too_often,
)
from channels_social.adapters.chat.asked import Asked
from channels_social.adapters.chat.files import file_handed, file_most, file_ready, too_large_words
from channels_social.adapters.chat.lines import lines_acknowledge
from channels_social.adapters.chat.receive import read_now, words_take
from channels_social.adapters.chat.said import ADDRESS_MOST, CLIENT_ID, FILES_MOST
from channels_social.adapters.chat.sites import is_ours, language_of, may_ask
from channels_social.adapters.chat.state import consent_words, state_of
from channels_social.adapters.email.addresses import is_address
from channels_social.visitors import (
    is_blocked_person,
    is_blocked_token,
    visitor_address_leave,
    visitor_address_take_back,
    visitor_begin,
    visitor_end,
    visitor_seen,
)
from tickets import live
from tickets.services.errors import NotFound, Refused
from tickets.uploads import too_large
from tickets.views.attachments import saved_or_shown

#: A number that rises with each message: milliseconds of a clock are one.
_MOST_NUMBER = 2**53
#: Seconds that who was blocked is told to wait before they begin anew, as often as they ask.
BLOCKED_WAITS = 3_600
#: What a form around a file may take besides it.
_AROUND = 64 * 1024


class Beginning(serializers.Serializer[Any]):
    language = Line(max_length=35, required=False, default="", allow_blank=True)
    origin = Line(max_length=255, required=False, default="", allow_blank=True)
    identity = Line(max_length=identity.MOST, required=False, default="", allow_blank=True, allow_null=True)


class Saying(serializers.Serializer[Any]):
    client_id = serializers.RegexField(CLIENT_ID.pattern + r"\Z", max_length=36)
    text = Line(required=False, default="", allow_blank=True, trim_whitespace=False)
    files = serializers.ListField(child=Line(max_length=40), required=False, max_length=FILES_MOST)
    sequence = serializers.IntegerField(
        required=False, default=None, allow_null=True, min_value=0, max_value=_MOST_NUMBER
    )


class Holding(serializers.Serializer[Any]):
    through = serializers.IntegerField(min_value=0, max_value=_MOST_NUMBER)


class Leaving(serializers.Serializer[Any]):
    email = Line(max_length=ADDRESS_MOST)
    consent = serializers.BooleanField()


class Session(ChatView):
    """POST: 201 with a new visitor's token and state; with a token that is somebody's, 200 with theirs."""

    what = "session"
    needs_visitor = False

    def post(self, request: Request, site: str) -> Response:  # noqa: ARG002 - the address's
        given = self.read(Beginning, request)
        origin = given["origin"].strip() or request.headers.get("Origin", "")
        if origin and not (is_ours(origin, request._request) or may_ask(origin, self.bridge.settings)):
            words = _(
                "This site does not show this chat. Whoever runs the desk can add it to the chat’s sites."
            )
            raise Problem(403, "origin-not-allowed", words)
        proven = self._proven(given["identity"] or "")
        visitor, token = self.asked.visitor, ""
        if visitor is not None and (proven is None or proven.id == visitor.proven_id):
            return Response(self._answer(request, self.asked, ""))
        if visitor is None and is_blocked_token(self.bridge.account, token_of(request)):
            raise too_often(BLOCKED_WAITS)
        language = language_of(given["language"] or translation.get_language() or "", self.bridge.settings)
        translation.activate(language)
        visitor, token = visitor_begin(
            account=self.bridge.account,
            language=language,
            origin=origin,
            proven_id=proven.id if proven is not None else "",
            name=proven.name if proven is not None else "",
            now=self.asked.now,
        )
        begun = Asked(self.asked.now, self.bridge, visitor)
        answer = self._answer(request, begun, token)
        if proven is not None and proven.address:
            answer["suggests"] = proven.address
        return Response(answer, status=201)

    def _proven(self, told: str) -> identity.Proven | None:
        if not told:
            return None
        credentials = self.bridge.credentials
        secrets = f"{credentials.get('identity_secret', '')} {credentials.get('identity_secret_before', '')}"
        try:
            proven = identity.proven(told, secrets.split(), self.asked.now)
        except identity.BadIdentity as bad:
            raise Problem(403, "identity-refused", identity_words(bad.code)) from bad
        if is_blocked_person(self.bridge.account, proven.id):
            raise nobody()
        return proven

    def _answer(self, request: Request, found: Asked, token: str) -> dict[str, Any]:
        state = state_of(found, 0, live=live_address(request))
        return {"token": token, **state} if token else state


class State(ChatView):
    """GET ?after=<n>: what the window shows, with the lines after that number. 304 where that is what it has."""

    what = "state"

    def get(self, request: Request, site: str) -> Response:  # noqa: ARG002
        told = request.query_params.get("after", "0")
        after = int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0
        visitor_seen(self.visitor, now=self.asked.now)
        answer = state_of(self.asked, after, live=live_address(request))
        tag = '"' + hashlib.sha256(json.dumps(answer).encode()).hexdigest()[:32] + '"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag})
        return Response(answer, headers={"ETag": tag})


class Messages(ChatView):
    """POST {client_id, text, files, sequence}: 201, or 200 for one that is there already; kept before it answers."""

    what = "messages"

    def body_most(self) -> int:
        return WORDS_BODY_MOST

    def post(self, request: Request, site: str) -> Response:  # noqa: ARG002
        given = self.read(Saying, request)
        taken = words_take(
            self.visitor,
            client_id=given["client_id"],
            text=given["text"],
            files=given.get("files", ()),
            sequence=given["sequence"],
            user_agent=request.headers.get("User-Agent", ""),
            now=self.asked.now,
        )
        answer = {"client_id": taken.client_id, "n": taken.number, "at": taken.at.isoformat()}
        return Response(answer, status=201 if taken.fresh else 200)


class Files(ChatView):
    """POST multipart, one `file`: 201 with its id, to be named by a message."""

    what = "files"
    parser_classes = (parsers.MultiPartParser,)  # type: ignore[assignment]

    def body_most(self) -> int:
        return file_most() + _AROUND

    def post(self, request: Request, site: str) -> Response:  # noqa: ARG002
        found = request.FILES.getlist("file")
        if too_large(request._request):
            raise Refused("too_large", too_large_words())
        if len(found) != 1:
            words = _("Send one file at a time, as “file” of a form (multipart/form-data).")
            raise Problem(422, "invalid", words, errors={"file": [words]})
        row = file_ready(self.visitor, found[0], now=self.asked.now)
        told = {"id": row.external_id, "name": row.name, "size": row.size, "type": row.content_type}
        return Response(told, status=201)


class File(ChatView):
    """GET a file of a line, by the address that the line gives: it holds for this visitor and this file, for a day or
    two, and needs no token."""

    what = "file"
    needs_visitor = False

    def get(self, request: Request, site: str, whose: str, name: str, key: str) -> FileResponse | Response:  # noqa: ARG002
        try:
            found = file_handed(self.bridge, whose, name, key, now=self.asked.now)
            stands = default_storage.open(found.storage_key, "rb")
        except (NotFound, FileNotFoundError) as gone:
            words = _("This file is not here. Ask for the chat’s state again: it holds the address in use.")
            raise Problem(404, "no-such-file", words) from gone
        answer = saved_or_shown(stands, name=found.name, content_type=found.content_type)
        answer["Cache-Control"] = "private, max-age=3600"
        return answer


class Seen(ChatView):
    """POST {through}: the window holds our lines up to this number (`last` of a state). They are sent from now on."""

    what = "seen"

    def post(self, request: Request, site: str) -> Response:  # noqa: ARG002
        given = self.read(Holding, request)
        if lines_acknowledge(self.visitor, given["through"], now=self.asked.now):
            read_now(self.bridge.account)
        return Response(status=204)


class Typing(ChatView):
    """POST: they are writing. Shown to whoever has the ticket open, and stored nowhere."""

    what = "typing"

    def post(self, request: Request, site: str) -> Response:  # noqa: ARG002
        if self.asked.ticket is not None:
            live.visitor_typing(self.asked.ticket.pk)
        return Response(status=204)


class Address(ChatView):
    """POST {email, consent: true}: where to go on while they are away. DELETE: nowhere any more."""

    what = "address"

    def post(self, request: Request, site: str) -> Response:  # noqa: ARG002
        given = self.read(Leaving, request)
        address = given["email"].strip()
        if not is_address(address):
            words = _("This is no e-mail address that we can write to. Look at it once more, please.")
            raise Problem(422, "bad-address", words, errors={"email": [words]})
        if not given["consent"]:
            words = _("Nothing is sent to an address without your consent.")
            raise Problem(422, "no-consent", words, errors={"consent": [words]})
        visitor_address_leave(
            visitor=self.visitor, address=address, consent=consent_words(), now=self.asked.now
        )
        return Response({"address": address})

    def delete(self, request: Request, site: str) -> Response:  # noqa: ARG002
        visitor_address_take_back(visitor=self.visitor, now=self.asked.now)
        return Response(status=204)


class End(ChatView):
    """POST: they have closed the chat. Its token reads it still; what they write begins it again."""

    what = "end"

    def post(self, request: Request, site: str) -> Response:  # noqa: ARG002
        visitor_end(visitor=self.visitor, now=self.asked.now)
        return Response(status=204)


def identity_words(code: str) -> str:
    """For whoever runs the host site: what to do about it."""
    return {
        "no_secret": _(
            "This chat has no secret to look at a signature with. Set one where its account is connected."
        ),
        "not_signed": _("The signature does not fit. Sign the part before the dot with the chat’s secret."),
        "expired": _("This identity has expired. Have the site’s server sign it anew."),
        "too_long": _("This identity would hold too long. “exp” is seconds since 1970, at most a day ahead."),
    }.get(code, _("This identity is not as it must be: “id”, “name” and “exp”, as docs/api-chat.md says."))


def live_address(request: Request) -> str:
    """Of the visitors' socket: where the desk says, else beside this address; '' where it has none."""
    if settings.LIVE_URL == "none":
        return ""
    if settings.LIVE_URL:
        return f"{settings.LIVE_URL}/ws/chat"
    scheme = "wss" if request._request.is_secure() else "ws"
    return f"{scheme}://{request._request.get_host()}/ws/chat"
