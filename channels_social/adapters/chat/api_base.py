"""What every address of the chat's API does alike: it looks who asks before it reads anything, counts, answers faults
as problem details (RFC 9457), and lets in pages of the sites that the account names, and no others. It knows no cookie.

    1. The body's length, as the request says: too long, and none of it is read (413).
    2. One statement: the site, whose token it is. No such site: 404.
    3. The page that asks, where the browser names it: of this desk, or of a site of the account's; else 403.
    4. Counted, by visitor, address and site: too often, 429 with Retry-After.
    5. A token that is nobody's here, whatever is wrong with it: 401, the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import exceptions, negotiation, parsers, renderers, serializers, views
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.throttle_public import address_of
from channels_social.adapters.chat.asked import Asked, asked
from channels_social.adapters.chat.limits import wait_of
from channels_social.adapters.chat.sites import is_ours, may_ask
from channels_social.models import ChannelConnection, Visitor
from channels_social.own_updates import plain
from tickets.services.errors import NotFound, Refused

CHANNEL = "chat"
SCHEME = "Visitor"
PROBLEM = "application/problem+json"
#: Bytes of a body that holds no words, and of one that does: each sign may be written as twelve.
BODY_MOST, WORDS_BODY_MOST = 16 * 1024, 128 * 1024
_HEADERS = "Authorization, Content-Type, If-None-Match"
_SHOWN = "ETag, Retry-After"


class Problem(exceptions.APIException):
    """An answer that says what is wrong and what to do. code: stable, for programs; words: for people."""

    def __init__(
        self,
        status: int,
        code: str,
        words: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(words, code)
        self.status_code = status
        self.name, self.words = code, words
        self.headers, self.errors = dict(headers or {}), errors


_TITLES = {
    400: "Bad request",
    401: "Not let in",
    403: "Refused",
    404: "Not found",
    405: "Method not allowed",
    409: "Not possible now",
    413: "Too large",
    415: "Not JSON",
    422: "Cannot be taken",
    429: "Too often",
}


def nobody() -> Problem:
    """For every token that opens nothing here: wrong, too old, of another site, blocked."""
    words = _("There is no such chat, or it has ended. Begin a new one.")
    return Problem(401, "no-such-chat", words, headers={"WWW-Authenticate": SCHEME})


def problem_of(refused: Refused) -> Problem:
    status = {"closed": 409, "too_large": 413}.get(refused.code, 422)
    return Problem(status, refused.code.replace("_", "-"), refused.words)


class PlainJson(parsers.JSONParser):
    """JSON that nests deeper than Python reads is no JSON either."""

    def parse(self, *arguments: Any, **named: Any) -> Any:
        try:
            return super().parse(*arguments, **named)
        except RecursionError as error:
            raise exceptions.ParseError("JSON parse error - too deep") from error


class AlwaysFirst(negotiation.BaseContentNegotiation):
    """One format in, one out: nobody is refused for what their program says that it likes."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return negotiation.DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:  # noqa: ARG002
        return renderers[0], renderers[0].media_type


class Line(serializers.CharField):
    """Text as PostgreSQL stores it, whatever a browser sends."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(plain(data) if isinstance(data, str) else data)


class ChatView(views.APIView):
    """what: of `limits.LIMITS`. needs_visitor: only with a token."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (PlainJson,)
    renderer_classes = (renderers.JSONRenderer,)
    content_negotiation_class = AlwaysFirst

    what: ClassVar[str] = ""
    needs_visitor: ClassVar[bool] = True
    asked: Asked
    #: Of the page that asks, where it is another one's than ours and may.
    other: str = ""

    def body_most(self) -> int:
        return BODY_MOST

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if getattr(self, str(request.method).lower(), None) is None:
            raise exceptions.MethodNotAllowed(str(request.method))
        if _length(request) > self.body_most():
            words = _("That is too much at once. Send less of it, please.")
            raise Problem(413, "too-large", words)
        is_preflight = request.method == "OPTIONS"
        found = self.asked = asked(CHANNEL, str(kwargs["site"]), "" if is_preflight else token_of(request))
        if found.bridge is None:
            raise Problem(404, "no-such-site", _("There is no chat of this name. Look at its address again."))
        self._look_at_origin(request, found.bridge)
        with_token = self.needs_visitor and not is_preflight
        wait = wait_of(
            "preflight" if is_preflight else self.what,
            account_id=found.bridge.account_id,
            address=address_of(request._request),
            visitor_id=found.visitor.pk if found.visitor is not None else None,
            guessed=with_token and found.visitor is None,
            now=found.now,
        )
        if wait:
            raise too_often(wait)
        if with_token and found.visitor is None:
            raise nobody()
        if found.visitor is not None:
            translation.activate(found.visitor.language or translation.get_language() or "en")

    def _look_at_origin(self, request: Request, bridge: ChannelConnection) -> None:
        origin = request.headers.get("Origin", "")
        if not origin or is_ours(origin, request._request):
            return
        if not may_ask(origin, bridge.settings):
            words = _(
                "This site does not show this chat. Whoever runs the desk can add it to the chat’s sites."
            )
            raise Problem(403, "origin-not-allowed", words)
        self.other = origin

    @property
    def bridge(self) -> ChannelConnection:
        return cast(ChannelConnection, self.asked.bridge)

    @property
    def visitor(self) -> Visitor:
        return cast(Visitor, self.asked.visitor)

    def read(self, kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """What was sent, as it must be. Raises Problem that names each field and what is wrong with it."""
        given = kind(data=request.data)
        if not given.is_valid():
            errors = {name: [str(each) for each in found] for name, found in given.errors.items()}
            first_name, first = next(iter(errors.items()))
            raise Problem(422, "invalid", f"{first_name}: {first[0]}", errors=errors)
        return dict(given.validated_data)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002 - DRF's signature
        """A preflight; what it allows stands in `finalize_response`."""
        return Response(status=204)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refused):
            exc = problem_of(exc)
        elif isinstance(exc, NotFound):
            exc = nobody()
        return super().handle_exception(exc)

    def get_exception_handler(self) -> Any:
        return _problem_details

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(answer, ["Origin"])
        if self.other:
            answer["Access-Control-Allow-Origin"] = self.other
            answer["Access-Control-Expose-Headers"] = _SHOWN
            if request.method == "OPTIONS":
                answer["Access-Control-Allow-Methods"] = ", ".join(sorted({*self.allowed_methods, "HEAD"}))
                answer["Access-Control-Allow-Headers"] = _HEADERS
                answer["Access-Control-Max-Age"] = "600"
        return answer


def too_often(wait: int) -> Problem:
    words = ngettext(
        "A lot was asked here within a minute, so this pauses. Try again in %(seconds)s second; nothing is lost.",
        "A lot was asked here within a minute, so this pauses. Try again in %(seconds)s seconds; nothing is lost.",
        wait,
    ) % {"seconds": wait}
    return Problem(429, "too-often", words, headers={"Retry-After": str(wait)})


def token_of(request: Request | HttpRequest) -> str:
    """Of `Authorization: Visitor <token>`; '' where none came."""
    scheme, _space, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == SCHEME.lower() else ""


def _length(request: Request) -> int:
    """As the request says; the server hands over no byte beyond it."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isascii() and told.isdigit() else 0


def _problem_details(exc: Exception, context: Mapping[str, Any]) -> Response | None:  # noqa: ARG001 - DRF's signature
    """None for what is no fault of whoever asks: that is the server's to answer."""
    if isinstance(exc, Problem):
        code, words, headers, errors = exc.name, exc.words, exc.headers, exc.errors
    elif isinstance(exc, exceptions.APIException):
        code, words, errors = _code_of(exc), _words_of(exc), None
        headers = {}
    else:
        return None
    status = exc.status_code
    body: dict[str, Any] = {
        "type": f"urn:servicedesk:chat:{code}",
        "title": _TITLES.get(status, "Refused"),
        "status": status,
        "code": code,
        "detail": words,
    }
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type=PROBLEM)


def _code_of(exc: exceptions.APIException) -> str:
    return {400: "not-json", 405: "method", 415: "not-json"}.get(exc.status_code, "refused")


def _words_of(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.MethodNotAllowed):
        return _("This address takes other requests than this one. docs/api-chat.md says which.")
    return _("Send one JSON object, with Content-Type: application/json.")
