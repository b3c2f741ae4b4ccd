"""axe-core on a page, and what else is asked of every page: nothing of another host, nothing wider than the window.

The file axe.min.js (MPL 2.0) comes inside the package axe-playwright-python and is read from there: nothing is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

_RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${(node.failureSummary || "").replace(/\\s+/g, " ")}`));
}"""
_WIDER = "[document.documentElement.scrollWidth, window.innerWidth]"


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe has against the page as it stands: rule, place and why, one each."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_axe())  # told to the browser itself: the page's CSP stays as it is
    found: list[str] = page.evaluate(_RUN)
    return found


@dataclass
class Watch:
    """Of one page's window: what it asked of other hosts, and what the console said against it."""

    host: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, page: Page, url: str) -> Watch:
        watch = cls(urlsplit(url).netloc)
        page.on("request", lambda asked: watch._asked(asked.url))
        page.on("console", lambda said: watch.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        return watch

    def _asked(self, url: str) -> None:
        if url.startswith("http") and urlsplit(url).netloc != self.host:
            self.strangers.append(url)


def wrong_with(page: Page, watch: Watch) -> list[str]:
    """All that is wrong with the page in the window; what was watched begins anew."""
    found = violations(page)
    found += [f"another host: {url}" for url in watch.strangers]
    found += [f"the console: {said}" for said in watch.complaints if not _is_wanted(said)]
    wide: list[Any] = page.evaluate(_WIDER)
    if wide[0] > wide[1]:
        found.append(f"{wide[0]} px wide in a window of {wide[1]}")
    watch.strangers.clear()
    watch.complaints.clear()
    return found


def _is_wanted(said: str) -> bool:
    """A page that answers 404 or 422 on purpose is named in the console, too."""
    return said.startswith("Failed to load resource: the server responded with a status of 4")
