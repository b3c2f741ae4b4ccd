"""What a log says of a request that was refused."""

from __future__ import annotations

import io
import logging

import pytest
from django.conf import settings
from django.test import Client

from servicedesk.logs import WithoutHookKeys


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "status"), [("post", 404), ("delete", 405)])
def test_no_hook_key_stands_in_a_log(method: str, status: int) -> None:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.addFilter(WithoutHookKeys())
    logging.getLogger("django.request").addHandler(handler)
    try:
        answer = getattr(Client(), method)("/hooks/x/a-key-of-ours/", data=b"{}", content_type="text/plain")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert answer.status_code == status
    assert "/hooks/x/…/" in said.getvalue()
    assert "a-key-of-ours" not in said.getvalue()


def test_every_handler_takes_them_out() -> None:
    filters = [
        name for name, made in settings.LOGGING["filters"].items() if made["()"].endswith("WithoutHookKeys")
    ]
    assert all(set(filters) <= set(each["filters"]) for each in settings.LOGGING["handlers"].values())
    assert filters
