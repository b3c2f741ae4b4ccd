"""From an empty desk to the first acknowledged post, by pressing what is shown: the desk's buttons, and those of the
network's own page at the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Organisation, Team, User
from accounts.services.invitations import password_link_make, person_invite
from sandbox.client import Sandbox
from sandbox.server import RunningSandbox, start
from tests import desk
from tests.browser.axe import violations
from tests.browser.test_connecting import desk_reads
from tickets.clock import database_now
from tickets.models import ChannelAccount, OutboundReply

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "three blue bicycles"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    sandbox = start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def town(running: RunningSandbox) -> Iterator[Sandbox]:
    made = Sandbox(running.base_url)
    made.reset()
    made.create_app()
    made.create_account("MerendamHelpt", "Gemeente Merendam", "nl")
    made.create_user("anouk", "Anouk de Wit")
    yield made
    # Nothing may be on its way to this desk's webhook once its database is taken away.
    made.reset()
    made.close()


@pytest.fixture(params=["wide", "narrow"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    size = {"width": 1440, "height": 900} if request.param == "wide" else {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, locale="en-GB", color_scheme="dark")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def printed(url: str) -> str:
    """The address that the terminal prints, at this server."""
    said = StringIO()
    call_command("desk_setup", "--first-run", stdout=said)
    return url + str(re.findall(r"(/first-run/claim/\S+)", said.getvalue())[0])


def fits(page: Page) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], page.url
    assert violations(page) == [], page.url


def press(page: Page, words: str, *, to: str) -> None:
    page.get_by_role("button", name=words).click()
    page.wait_for_url(f"**{to}")
    fits(page)


def test_from_empty_to_the_first_acknowledged_post(
    page: Page, live_server: LiveServer, running: RunningSandbox, town: Sandbox, settings: Any
) -> None:
    settings.NETWORKS_MAY_BE_PRIVATE = True
    settings.PUBLIC_URL = live_server.url
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(printed(live_server.url))
    fits(page)
    for field, typed in {
        "display_name": "Ilse Vermeer",
        "username": "ilse",
        "password": PASSWORD,
        "again": PASSWORD,
    }.items():
        page.fill(f"#f-{field}", typed)
    press(page, "Make it mine", to="/first-run/organisation/")
    page.fill("#f-name", "Gemeente Merendam")
    page.fill("#f-sign_off", "^Merendam")
    press(page, "Save and go on", to="/first-run/team/")
    page.fill("#f-name", "Front desk")
    press(page, "Save and go on", to="/first-run/hours/")
    # Left, and gone on with from the desk.
    page.get_by_role("link", name="Go on later").click()
    page.wait_for_url(live_server.url + "/")
    page.get_by_role("link", name="Go on with it").click()
    page.wait_for_url("**/first-run/hours/")
    # A way back, and what was said there.
    page.get_by_role("link", name="Back").click()
    page.wait_for_url("**/first-run/team/")
    assert page.input_value("#f-name") == "Front desk"
    press(page, "Save and go on", to="/first-run/hours/")
    press(page, "Save and go on", to="/first-run/policy/")
    assert "3 working days" in page.inner_text("main")
    press(page, "Go on", to="/first-run/channel/")

    page.get_by_role("link", name="Connect an account").click()
    page.wait_for_url("**/accounts/connect/")
    page.click(".networks a:has-text('X')")
    page.wait_for_load_state("networkidle")
    app = town.state()["apps"][0]
    town.register_callback(app["id"], page.locator("code.copy").first.inner_text())
    for name in ("client_id", "client_secret", "consumer_key", "consumer_secret", "bearer_token"):
        page.fill(f"#r-{name}", app[name])
    page.fill("#r-base_url", running.base_url)
    page.click("text=Store the registration")
    page.wait_for_load_state("networkidle")
    page.click("button:has-text('Begin')")
    page.wait_for_load_state("networkidle")
    page.click("text=Go to X")
    page.click("text=Authorize app")
    page.wait_for_selector("#choose")
    assert page.input_value("#c-sign") == "^Merendam"
    page.check("input[name=how][value=released]")
    page.click("text=Connect, and take a first look")
    page.wait_for_selector("#health")

    page.get_by_role("link", name="Go on with it").click()
    page.wait_for_url("**/first-run/channel/")
    press(page, "Go on", to="/first-run/test/")
    assert "nobody has written yet" in page.inner_text("#heard")

    said = town.post("anouk", "@MerendamHelpt the ticket machine at Central swallowed my card")
    desk_reads(ChannelAccount.objects.get(), by="webhook")
    (reply,) = town.wait_for_reply(said["id"])
    # The page looks by itself.
    page.wait_for_selector("text=That is all there is to it.", timeout=15_000)
    heard = page.inner_text("#heard")
    assert "swallowed my card" in heard
    assert reply["text"].removeprefix("@anouk ")[:40] in heard
    assert "^Merendam" in reply["text"]
    fits(page)
    press(page, "To the desk", to="/")
    assert page.goto(live_server.url + "/first-run/test/").status == 404  # type: ignore[union-attr]

    assert OutboundReply.objects.get().state == "sent"
    ilse = User.objects.get()
    assert (ilse.is_admin, ilse.is_manager, [team.name for team in Team.objects.all()]) == (
        True, True, ["Front desk"],
    )  # fmt: skip
    assert Organisation.objects.get().done_at is not None
    assert [each for each in complaints if "404" not in each and "favicon" not in each] == []


def test_every_step_works_without_script(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    page = context.new_page()

    def press(page: Page, words: str, *, to: str) -> None:
        page.get_by_role("button", name=words).click()
        page.wait_for_url(f"**{to}")

    page.goto(printed(live_server.url))
    for field, typed in {
        "display_name": "Ilse", "username": "ilse", "password": "short", "again": "short", "email": "i@example.org",
    }.items():  # fmt: skip
        page.fill(f"#f-{field}", typed)
    page.get_by_role("button", name="Make it mine").click()
    assert "too short" in page.inner_text("main")
    assert page.input_value("#f-email") == "i@example.org"
    page.fill("#f-password", PASSWORD)
    page.fill("#f-again", PASSWORD)
    press(page, "Make it mine", to="/first-run/organisation/")
    page.fill("#f-name", "Gemeente Merendam")
    press(page, "Save and go on", to="/first-run/team/")
    page.fill("#f-name", "Front desk")
    press(page, "Save and go on", to="/first-run/hours/")
    page.uncheck("input[name=friday-open]")
    press(page, "Save and go on", to="/first-run/policy/")
    press(page, "Go on", to="/first-run/channel/")
    press(page, "Go on without one", to="/first-run/test/")
    page.get_by_role("link", name="Look again").click()
    page.wait_for_url("**/first-run/test/")
    press(page, "Finish without a test", to="/")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_invitation_and_a_new_password(browser: Browser, live_server: LiveServer, theme: Any) -> None:
    desk.seeded()
    ada = desk.user("ada", teams=[desk.team("front")], admin=True)
    now = database_now()
    invited = person_invite(
        actor=ada, name="Kim", is_manager=False, is_admin=False, teams={desk.team("front").pk: False},
        language="nl", now=now,
    )  # fmt: skip
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=theme)
    page = context.new_page()
    page.goto(f"{live_server.url}/join/{invited.token}/")
    fits(page)
    page.fill("#f-username", "kim")
    page.fill("#f-password", PASSWORD)
    page.fill("#f-again", PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(live_server.url + "/")
    forgotten = password_link_make(actor=ada, user_id=User.objects.get(username="kim").pk, now=now)
    page.goto(f"{live_server.url}/join/{forgotten.token}/")
    fits(page)
    context.clear_cookies()
    page.goto(f"{live_server.url}/join/{forgotten.token}/")
    fits(page)
    context.close()
