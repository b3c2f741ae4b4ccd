"""Every contract test runs for every channel, and for each file of its fixture folder."""

from __future__ import annotations

import pytest

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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    channels = cases.all_channels()
    for argument, kind in KINDS.items():
        if argument in metafunc.fixturenames:
            found = [
                (channel, path) for slug, channel in channels.items() for path in cases.files(slug, kind)
            ]
            ids = [f"{channel.slug}-{path.stem}" for channel, path in found]
            metafunc.parametrize(("kind", argument), found, ids=ids)
            return
    if "outcome" in metafunc.fixturenames:
        sends = [(channel, told) for slug, channel in channels.items() for told in cases.outcomes(slug)]
        ids = [f"{channel.slug}-{told['name']}" for channel, told in sends]
        metafunc.parametrize(("kind", "outcome"), sends, ids=ids)
    elif "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", list(channels.values()), ids=list(channels))
