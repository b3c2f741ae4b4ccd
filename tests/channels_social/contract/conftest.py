"""Every contract test runs for every channel, and for each file of its fixture folder."""

from __future__ import annotations

import pytest

from channels_social.adapter import Channel
from tests.channels_social.contract import cases

KINDS = {
    "webhook_file": "webhook",
    "poll_file": "poll",
    "look_up_file": "look_up",
    "find_sent_file": "find_sent",
    "connect_file": "connect",
    "page_file": "page",
}


@pytest.fixture(autouse=True, scope="session")
def _warm() -> None:
    """As a worker does: what a call imports is not counted against its deadline."""
    for channel in cases.all_channels().values():
        channel.warm()


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> type[Channel]:
    """The channel. Where what goes out lies ready in this desk, the desk has those whom it is for."""
    found: type[Channel] = request.param
    if cases.has_windows(found.slug):
        cases.visitors_make(found.slug)
    return found


def _marks(channel: type[Channel]) -> list[pytest.MarkDecorator]:
    return [pytest.mark.django_db] if cases.has_windows(channel.slug) else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    channels = cases.all_channels()
    for argument, folder in KINDS.items():
        if argument in metafunc.fixturenames:
            files = [
                pytest.param(channel, path, id=f"{channel.slug}-{path.stem}", marks=_marks(channel))
                for slug, channel in channels.items()
                for path in cases.files(slug, folder)
            ]
            metafunc.parametrize(("kind", argument), files, indirect=["kind"])
            return
    if "outcome" in metafunc.fixturenames:
        sends = [
            pytest.param(channel, told, id=f"{channel.slug}-{told['name']}", marks=_marks(channel))
            for slug, channel in channels.items()
            for told in cases.outcomes(slug)
        ]
        metafunc.parametrize(("kind", "outcome"), sends, indirect=["kind"])
    elif "kind" in metafunc.fixturenames:
        kinds = [pytest.param(channel, id=slug, marks=_marks(channel)) for slug, channel in channels.items()]
        metafunc.parametrize("kind", kinds, indirect=True)
