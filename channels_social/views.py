"""The webhook address: verify, split, store, 200. It never waits for a worker, and never reads what it stores."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_social.adapter import AppView, BadSignature, WebhookRequest
from channels_social.ingest import app_called, bad_signature_count, request_take, too_large_count
from channels_social.registry import channels

log = logging.getLogger(__name__)


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, slug: str, hook_key: str) -> HttpResponse:
    """One address for every account of an app. 403 for what is not the network's, and nothing of it is kept; 413 for
    what is longer than the channel allows, and none of it is read."""
    called = app_called(slug, hook_key)
    if called is None or slug not in channels():
        return HttpResponse(status=404)
    app, now = called
    length = _length(request)
    if length > channels()[slug].body_limit:
        too_large_count(app)
        log.warning("webhook of app %s: a body of %s bytes is too large", app.pk, length)
        return HttpResponse(status=413)
    body = _body(request, length)
    if body is None:
        return HttpResponse(status=400)
    asked = WebhookRequest(
        method=request.method or "",
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        query={name: str(request.GET[name]) for name in request.GET},
    )
    if request.method == "GET":
        answer = channels()[slug].challenge(AppView(app.secrets, app.settings), asked)
        if answer is None:
            return HttpResponse(status=403)
        kind = "application/json" if answer[:1] in b"{[" else "text/plain"
        return HttpResponse(answer, content_type=kind)
    try:
        taken = request_take(app, asked, now=now)
    except BadSignature:
        bad_signature_count(app)
        log.warning("webhook of app %s: bad signature", app.pk)
        return HttpResponse(status=403)
    log.debug("webhook of app %s: %s", app.pk, taken)
    return HttpResponse(status=200)


def _length(request: HttpRequest) -> int:
    """Of the body in bytes, as the request says; the server hands over no byte beyond it."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isascii() and told.isdigit() else 0


def _body(request: HttpRequest, length: int) -> bytes | None:
    """The whole body; None where the other side broke off. Not `request.body`, whose limit is the one of our forms. A
    part of a body is never looked at: not every network signs all of what it sends."""
    try:
        body = request.read()
    except UnreadablePostError:
        return None
    return body if len(body) == length else None
