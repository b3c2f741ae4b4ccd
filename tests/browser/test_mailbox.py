"""The pages on which a mailbox is connected, in a browser."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from channels_social.attempts import attempt_name
from channels_social.models import ConnectAttempt
from channels_social.registrations import registration_save
from tests import desk
from tests.browser.axe import violations
from tests.browser.conftest import Desk, signed_in
from tickets.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)
FOUND = {
    "external_id": "desk@haverdam.example", "name": "Gemeente Haverdam", "handle": "desk@haverdam.example",
    "credentials": {}, "missing": [], "usable": True, "settings": {},
    "choices": {name: ["INBOX", "Archive", "Sent", "Done"] for name in ("folder", "done_folder", "sent_folder")},
}  # fmt: skip


def test_a_mailbox_is_filled_in_and_its_folders_are_chosen(window: Desk) -> None:
    mila = desk.user("mila", teams=[desk.team()], manager=True)
    now = database_now()
    app = registration_save(actor=mila, slug="email", given={}, now=now)
    page: Page = window.page
    signed_in(page.context, window.url, mila)
    window.open(reverse("account_connect_network", args=["email"]))
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    window.fits()
    assert violations(page) == []
    attempt = ConnectAttempt.objects.create(
        user=mila, app=app, remembered={}, found={"accounts": [FOUND]}, created_at=now,
        session_hash=hashlib.sha256(_session(page).encode()).hexdigest(), expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    window.open(reverse("account_connect_choose", args=["email", attempt_name(attempt)]))
    assert page.locator("select[name=done_folder] option").count() == 5
    window.fits()
    assert violations(page) == []
    assert window.complaints == []


def _session(page: Page) -> str:
    return next(
        str(one.get("value"))
        for one in page.context.cookies()
        if one.get("name") == settings.SESSION_COOKIE_NAME
    )
