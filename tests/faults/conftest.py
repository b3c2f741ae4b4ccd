"""Forked workers and scenes; every test here works on a database that others can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults.scene import Scene
from tests.faults.workers import Zygote, environment


@pytest.fixture(scope="module")
def zygote(django_db_setup: None) -> Iterator[Zygote]:
    made = Zygote(environment())
    yield made
    made.close()


@pytest.fixture
def scene(transactional_db: None) -> Iterator[Scene]:
    made = Scene.make()
    yield made
    made.close()


@pytest.fixture
def scene_with(transactional_db: None) -> Iterator[Callable[[int], Scene]]:
    """A scene whose network shows a post for certain after so many seconds."""
    made: list[Scene] = []

    def make(delay: int) -> Scene:
        made.append(Scene.make(delay=delay))
        return made[-1]

    yield make
    for one in made:
        one.close()
