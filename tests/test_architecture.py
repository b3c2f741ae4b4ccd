"""The house's rules that a machine can see: arrows between folders, names of networks, length of files, settings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"accounts": 0, "priority": 1, "tickets": 2, "channels_social": 3, "reports": 3, "servicedesk": 4}
LONGEST_FILE = 500
CODE = [
    "servicedesk",
    "accounts",
    "priority",
    "tickets",
    "channels_social",
    "reports",
    "sandbox",
    "tests",
    "bench",
]
CORE = ["servicedesk", "accounts", "priority", "tickets", "reports", "templates", "static", "channels_social"]
# "x" alone is also a letter; as a name it stands in quotes, in a path, or as an address.
NETWORKS = re.compile(
    r"\b(twitter|tweet|tweets|tweepy|facebook|instagram|whatsapp|telegram|mastodon|bluesky|linkedin|tiktok|youtube|"
    r"reddit|threads\.net|messenger)\b|x\.com\b|adapters[./]x\b",
    re.IGNORECASE,
)
#: One network is called by a letter, which is a key on every keyboard, too: in these files it is that.
LETTER = re.compile(r"['\"]x['\"]", re.IGNORECASE)
OF_KEYS = {"static/js/keys.js", "static/js/queue.js", "tickets/display/keys.py"}


def arrow_points_up(source: str, target: str) -> bool:
    """True where `source` may not know `target`: a higher floor, or another house on the same one."""
    if source == target or source not in FLOORS or target not in FLOORS:
        return False
    return FLOORS[target] >= FLOORS[source]


def tracked(*folders: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_no_foreign_key_points_up() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and isinstance(field.related_model, type)
        and arrow_points_up(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert wrong == []


def test_no_migration_depends_upwards() -> None:
    loader = MigrationLoader(None)
    assert {app for app, _ in loader.disk_migrations} >= {
        "accounts",
        "priority",
        "tickets",
        "channels_social",
    }
    wrong = [
        f"{app}.{name} -> {dependency}"
        for (app, name), migration in loader.disk_migrations.items()
        for dependency in migration.dependencies
        if arrow_points_up(app, dependency[0])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "target", "up"),
    [
        ("tickets", "channels_social", True),
        ("channels_social", "tickets", False),
        ("channels_social", "reports", True),
        ("tickets", "auth", False),
    ],
)
def test_the_walk_sees_an_arrow_that_points_up(source: str, target: str, up: bool) -> None:
    assert arrow_points_up(source, target) is up


def may_name_a_network(path: Path) -> bool:
    inside = path.relative_to(ROOT).as_posix()
    if inside.startswith("priority/learned/"):  # what people wrote, and what was learned of it
        return path.suffix in {".json", ".jsonl"}
    return inside.startswith(("channels_social/adapters/", "channels_social/demo/")) or path.suffix in {
        ".svg",
        ".woff2",
    }


def test_no_network_is_named_outside_its_adapter() -> None:
    looked_at = [path for path in tracked(*CORE) if not may_name_a_network(path)]
    assert len(looked_at) > 50
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in looked_at
        if path.suffix not in {".mo", ".png", ".ico", ".gz", ".wav"}
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if NETWORKS.search(line) or (LETTER.search(line) and path.relative_to(ROOT).as_posix() not in OF_KEYS)
    ]
    assert found == []


@pytest.mark.parametrize("line", ['slug == "x"', "import tweepy", "a Facebook Page", "https://x.com/i/1"])
def test_the_search_knows_a_network_when_it_sees_one(line: str) -> None:
    assert NETWORKS.search(line) or LETTER.search(line)


@pytest.mark.parametrize("line", ["max(x, y)", "axis of x", "the mailbox"])
def test_the_search_lets_ordinary_words_pass(line: str) -> None:
    assert not NETWORKS.search(line)
    assert not LETTER.search(line)


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    files = [path for path in tracked(*CODE) if path.suffix in {".py", ".html", ".js", ".css"}]
    assert len(files) > 100
    long = {
        str(path.relative_to(ROOT)): length
        for path in files
        if "migrations" not in path.parts and (length := len(path.read_bytes().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_every_setting_stands_in_the_example_and_the_reverse() -> None:
    read = set(
        re.findall(
            r'env_(?:str|bool|int|list|secret|choice|url|socket_origin)\(\s*"([A-Z_]+)"',
            (ROOT / "servicedesk/settings.py").read_text(),
        )
    )
    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert len(read) > 10
    assert explained == read


def test_nothing_names_this_machine_or_a_package_index() -> None:
    # Put together here, so that this file does not find itself.
    wrong = re.compile(
        "|".join(
            [
                "--(extra-)?index-" + "url [^-]",
                "find-" + "links [^-]",
                "/wo" + "rk/",
                "/fa" + "rm/",
                "pythonhosted" + r"\.",
            ]
        )
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked(".")
        if path.suffix not in {".mo", ".png", ".ico", ".gz", ".woff2"}
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if wrong.search(line)
    ]
    assert found == []
