"""The server is killed while somebody writes, and started again: what was kept is there, the rest follows."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from tests import desk
from tests.browser.conftest import signed_in
from tests.browser.test_composer import WORDS, until
from tests.faults.processes import Desk
from tests.tickets.said import acknowledge, hear
from tickets.models import Draft

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_a_restarted_server_loses_no_words(browser: Browser) -> None:
    desk.seeded()
    noor = desk.user("noor", teams=[desk.team("front")])
    ticket = hear(desk.account(), 1)
    acknowledge(ticket)
    with Desk() as running:
        killed = running.web()
        where = running.url + reverse("ticket", args=[ticket.shown_reference])
        context = browser.new_context(locale="en-GB")
        signed_in(context, running.url, noor)
        page = context.new_page()
        page.goto(where)
        page.fill(WORDS, "Before it went.")
        until(lambda: Draft.objects.filter(text="Before it went.").exists(), page)
        running.kill_all(killed)
        until(lambda: running.group.has_ended("web"), page, "the end of the server")
        page.fill(WORDS, "Before it went. While it was away.")
        page.get_by_text("Kept in this browser").wait_for()
        assert Draft.objects.get().text == "Before it went."
        running.web()
        until(lambda: Draft.objects.get().text == "Before it went. While it was away.", page, "the next try")
        other = browser.new_context(locale="en-GB")
        signed_in(other, running.url, noor)
        second = other.new_page()
        second.goto(where)
        assert second.input_value(WORDS) == "Before it went. While it was away."
        context.close()
        other.close()
