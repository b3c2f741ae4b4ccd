"""The least that a webhook could do here: one row, one job."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.pages import desk_page
from bench.floor.tasks import floor_reply


@desk_page
def empty(_request: HttpRequest) -> HttpResponse:
    """What every page costs before it has done anything: all middleware, the session, its user."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@csrf_exempt
def floor(request: HttpRequest) -> HttpResponse:
    """GET answers the network's challenge; POST inserts one row and asks for a job."""
    if request.method == "GET":
        secret = os.environ["BENCH_FLOOR_SECRET"].encode()
        digest = hmac.new(secret, request.GET.get("crc_token", "").encode(), hashlib.sha256).digest()
        return JsonResponse({"response_token": "sha256=" + base64.b64encode(digest).decode()})
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (body) VALUES (%s)", [request.body])
    told = json.loads(request.body)["data"]
    floor_reply.delay(told["filter"]["user_id"], told["payload"]["id"])
    return HttpResponse(status=200)


@login_not_required
@csrf_exempt
def row(request: HttpRequest) -> HttpResponse:
    """One row, the request's raw body, and nothing besides."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (body) VALUES (%s)", [request.body])
    return HttpResponse(status=200)
