"""Discovery of channels, and what is said of a file that is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels_social.registry import BadChannel, UnknownChannel, also, channel, channels, discover

TOY = Path(__file__).parents[1] / "toy_channel" / "toy.py"
Package = Callable[[dict[str, str]], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Writes files into a new package and returns its name."""
    made: list[str] = []
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(files: dict[str, str]) -> str:
        name = f"boards_{len(made)}_{tmp_path.name}"
        (tmp_path / name).mkdir()
        for file, text in {"__init__.py": "", **files}.items():
            (tmp_path / name / file).write_text(text)
        made.append(name)
        return name

    yield write
    for module in [one for one in sys.modules if one.split(".")[0] in made]:
        del sys.modules[module]


def toy(old: str = "", new: str = "") -> str:
    text = TOY.read_text()
    assert old in text
    return text.replace(old, new) if old else text


def test_our_channels_are_found_by_their_module_name() -> None:
    assert channels()
    for slug, kind in channels().items():
        assert kind.slug == slug
        assert channel(slug) is kind


def test_an_unknown_slug_names_those_that_exist() -> None:
    with pytest.raises(UnknownChannel, match=r"no channel 'pigeon'; there are: .*" + next(iter(channels()))):
        channel("pigeon")


def test_one_more_package_for_a_while(package: Package) -> None:
    with also(package({"toy.py": toy(), "_helper.py": "1/0"})):
        assert channel("toy").label == "Toy board"
        assert len(channels()) >= 2
    with pytest.raises(UnknownChannel):
        channel("toy")


def test_a_slug_that_is_taken(package: Package) -> None:
    with (
        also(package({"toy.py": toy()})),
        also(package({"toy.py": toy()})),
        pytest.raises(BadChannel, match="'toy' is taken by"),
    ):
        channels()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'slug: ClassVar[str] = "toy"',
            'slug: ClassVar[str] = "board"',
            "slug is 'board', but the file is called 'toy'",
        ),
        ('label: ClassVar[str] = "Toy board"', 'label: ClassVar[str] = ""', "label is missing"),
        ("def may_reply", "def may_not_reply", "must still define may_reply"),
        ("def poll", "def pull", r"capabilities say polling, but poll\(\) is not defined"),
        (", polling=True", "", r"poll\(\) is defined, but capabilities say no polling"),
        ("webhooks=True, polling=True", "splits=True", "then nothing can come in"),
        ("public=True", "public=False", "then nothing can be said on it"),
        ("max_length=200", "max_length=0", "max_length is 0"),
        ("max_length=200", "max_length=200, private_reply=True", "needs both public and private"),
        ("max_length=200", "max_length=200, max_length_private=9", "max_length_private needs private"),
        ("private=False", "private=True, max_length_private=0", "max_length_private is 0"),
        ("private=False", "private=True, person_window=timedelta(days=7)", "and needs one"),
        ('manner="conversational"', 'manner="loud"', "short, conversational or letter"),
        ('(FormField("token", "Token"', '(FormField("hook_secret", "Token"', "the same name"),
        ("class ToyChannel(Channel):", "class ToyChannel:", "no subclass of Channel"),
    ],
)
def test_what_contradicts_itself_is_said(package: Package, old: str, new: str, words: str) -> None:
    with pytest.raises(BadChannel, match=words):
        discover(package({"toy.py": toy(old, new)}))


def test_two_channels_in_one_file(package: Package) -> None:
    twice = toy() + "\n\nclass Second(ToyChannel):\n    pass\n"
    with pytest.raises(BadChannel, match=r"holds 2 channels \(Second, ToyChannel\)"):
        discover(package({"toy.py": twice}))


def test_a_module_is_no_package() -> None:
    with pytest.raises(BadChannel, match="looked for in a package"):
        discover("channels_social.registry")
