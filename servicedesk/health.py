"""What a load balancer and a person at the door ask: is the process alive, can it serve, where is the database.

`/healthz` answers without touching anything. `/readyz` needs the database with every migration applied; Redis is
reported and never makes it fail, because the desk works without Redis, only later. `DatabaseAway` turns a database
that cannot be reached into 503 with Retry-After on every page.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 20
REDIS_TIMEOUT_SECONDS = 0.3


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing else is claimed."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where pages can be served, else 503; body {"status", "database", "migrations", "redis"} in words."""
    database, migrations = _database_state()
    ready = database == "ok" and migrations == "ok"
    body = {
        "status": "ok" if ready else "not ready",
        "database": database,
        "migrations": migrations,
        "redis": _redis_state(),
    }
    response = JsonResponse(body, status=200 if ready else 503)
    if not ready:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _database_state() -> tuple[str, str]:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (OperationalError, InterfaceError):
        connection.close()
        return "away", "unknown"
    return "ok", f"{len(missing)} missing" if missing else "ok"


def _redis_state() -> str:
    # No retries: redis-py pauses between them by default, and this answer must come at once.
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except (redis.RedisError, OSError):
        return "away"
    finally:
        client.close()
    return "ok"


class DatabaseAway:
    """Middleware: PostgreSQL out of reach is 503 with Retry-After and a page, not a stack trace.

    OperationalError also covers a statement or lock time-out (SQLSTATE 57014, 55P03), a deadlock (40P01) and a
    serialization failure (40001); to the person at the page they mean the same: nothing was written, try again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError) as error:
            return _unavailable(request, error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError | InterfaceError):
            return _unavailable(request, exception)
        return None


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 of all pages; 503 where the database is away.

    Django turns what a middleware raises (the session's user is read before any view) into a 500 of its own, which
    `DatabaseAway` never sees as an exception; it calls this with the exception still in hand.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return _unavailable(request, error)
    return defaults.server_error(request)


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    # Not the error's text: PostgreSQL's messages can quote a row's values.
    code = getattr(error.__cause__, "pgcode", None)
    logger.error("503 at %s: %s (SQLSTATE %s)", request.path, type(error).__name__, code or "none")
    try:
        # No request: context processors would ask the database again.
        page: str = render_to_string("503.html", {"retry_after": RETRY_AFTER_SECONDS})
    except TemplateDoesNotExist:
        page = _("The desk is out of order for a moment. Nothing is lost; please try again in half a minute.")
    response = HttpResponse(page, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
