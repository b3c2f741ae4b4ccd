"""The webhook address: verify, split, store, 200. It never waits for a worker, and never reads what it stores."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_social.adapter import AppView, BadSignature, WebhookRequest
from channels_social.ingest import app_called, bad_signature_count, request_take
from channels_social.registry import channels

log = logging.getLogger(__name__)


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, slug: str, hook_key: str) -> HttpResponse:
    """One address for every account of an app. 403 for what is not the network's, and nothing of it is kept."""
    called = app_called(slug, hook_key)
    if called is None or slug not in channels():
        return HttpResponse(status=404)
    app, now = called
    asked = WebhookRequest(
        method=request.method or "",
        body=request.body,
        headers={name.lower(): value for name, value in request.headers.items()},
        query={name: str(request.GET[name]) for name in request.GET},
    )
    if request.method == "GET":
        answer = channels()[slug].challenge(AppView(app.secrets), asked)
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
