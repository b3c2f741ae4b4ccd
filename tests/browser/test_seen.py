"""What one sees while a page loads, and where one is on it: nothing jumps, and every control shows its focus."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets.said import VENTING, acknowledge, hear
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db(transaction=True)

MOST_SHIFT = 0.02
_SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((seen) => {
    for (const each of seen.getEntries()) if (!each.hadRecentInput) {
      window.shifted += each.value;
      window.moved = [...(window.moved ?? []), ...each.sources.map((from) => from.node?.outerHTML?.slice(0, 80))];
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
# The element with the focus, or what stands around it, has a ring that is there to be seen. A choice whose own sign is
# not drawn shows it on its label.
_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const name = at.outerHTML.slice(0, 120);
  const hidden = getComputedStyle(at).opacity === "0" || at.getBoundingClientRect().width < 4;
  const from = hidden ? at.closest("label") : at;
  if (!from || from.getBoundingClientRect().width < 4) return [name, "out of sight"];
  for (let each = from, up = 0; each && up < 4; each = each.parentElement, up += 1) {
    const style = getComputedStyle(each);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5) return [name, ""];
  }
  return [name, "no ring"];
}"""


def _tickets() -> Ticket:
    account = desk.account()
    at = database_now() - timedelta(minutes=20)
    for number in range(8):
        hear(account, number + 10, by=f"caller{number}", at=at)
    hear(account, 30, VENTING, by="vents", at=at)
    ticket = hear(account, 1, at=at)
    acknowledge(ticket)
    words_fill()
    return ticket


def test_nothing_jumps_while_a_page_loads(window: Desk) -> None:
    ticket = _tickets()
    window.page.add_init_script(_SHIFTS)
    found = {}
    for name, path in (
        ("queue", "/"),
        ("ticket", reverse("ticket", args=[ticket.shown_reference])),
        ("panel", reverse("ticket_later", args=[ticket.shown_reference])),
        ("hold", reverse("ticket_hold", args=[ticket.shown_reference])),
        ("search", "/search/?q=card"),
        ("to triage", "/?show=triage"),
    ):
        window.open(path)
        window.page.wait_for_timeout(300)
        found[name] = window.page.evaluate("[window.shifted, window.moved]")
    window.open("/")
    window.page.keyboard.press("Control+k")
    window.page.locator("#palette").wait_for(state="visible")
    window.page.wait_for_timeout(700)
    found["do anything"] = window.page.evaluate("[window.shifted, window.moved]")
    assert {name: seen for name, seen in found.items() if seen[0] > MOST_SHIFT} == {}


def test_every_control_shows_that_it_has_the_focus(window: Desk) -> None:
    ticket = _tickets()
    wrong = []
    for path in ("/", reverse("ticket", args=[ticket.shown_reference]), "/search/?q=card", "/keys/"):
        window.open(path)
        window.page.evaluate("document.activeElement.blur()")
        stops = 0
        for _ in range(120):
            window.page.keyboard.press("Tab")
            seen = window.page.evaluate(_FOCUS)
            if seen is None:
                break
            stops += 1
            if seen[1]:
                wrong.append(f"{path}: {seen[1]}: {seen[0]}")
        assert stops > 2, path
    assert wrong == []
