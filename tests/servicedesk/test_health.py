"""What the door says when the database or Redis is away."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from servicedesk import health


def test_alive_needs_no_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_with_database_and_migrations(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "migrations": "ok", "redis": "ok"}


@pytest.mark.django_db
@override_settings(REDIS_URL="redis://127.0.0.1:1/0")
def test_redis_away_is_said_and_no_more(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()["redis"]) == (200, "away")


def test_not_ready_without_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __init__(self, connection: object) -> None:
            raise OperationalError("could not connect")

    monkeypatch.setattr(health, "MigrationExecutor", Away)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "away")
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_a_page_without_database_is_503_and_tells_nothing(error: Exception) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        raise error

    response = health.DatabaseAway(page)(RequestFactory().get("/"))
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"
    assert str(error).encode() not in response.content


def test_an_error_of_ours_is_not_called_an_outage() -> None:
    assert (
        health.DatabaseAway(lambda _: HttpResponse()).process_exception(HttpRequest(), ValueError()) is None
    )
