"""Dutch is complete: every string has its words, with the same gaps to fill, and the compiled file is the newest."""

from __future__ import annotations

import ast
import gettext
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR, "locale", "nl", "LC_MESSAGES")
GAPS = re.compile(r"%\((\w+)\)")


def entries(text: str) -> list[dict[str, str]]:
    """The entries of a .po file as keyword: text."""
    found = []
    for block in text.split("\n\n")[1:]:
        entry: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#"):
                entry["marks"] = entry.get("marks", "") + line
                continue
            head = re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line)
            if head:
                keyword, line = head[1], head[2]
                entry[keyword] = ""
            entry[keyword] += ast.literal_eval(line)
        if "msgid" in entry:
            found.append(entry)
    return found


ENTRIES = entries((FOLDER / "django.po").read_text(encoding="utf-8"))


def test_there_are_entries() -> None:
    assert len(ENTRIES) > 300


def test_every_string_has_its_dutch_words_with_the_same_gaps() -> None:
    for entry in ENTRIES:
        assert "fuzzy" not in entry.get("marks", ""), entry["msgid"]
        sources = [entry["msgid"], entry.get("msgid_plural", entry["msgid"])]
        for keyword, words in entry.items():
            if keyword.startswith("msgstr"):
                assert words.strip(), entry["msgid"]
                assert set(GAPS.findall(words)) in [set(GAPS.findall(source)) for source in sources], entry[
                    "msgid"
                ]


def test_the_compiled_file_says_what_the_source_says() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in ENTRIES:
        if "msgid_plural" in entry:
            for number, keyword in ((1, "msgstr[0]"), (2, "msgstr[1]")):
                assert compiled.ngettext(entry["msgid"], entry["msgid_plural"], number) == entry[keyword]
        elif "msgctxt" in entry:
            assert compiled.pgettext(entry["msgctxt"], entry["msgid"]) == entry["msgstr"]
        else:
            assert compiled.gettext(entry["msgid"]) == entry["msgstr"]


@pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="gettext is not installed: new strings are not looked for"
)
def test_no_string_of_the_code_is_missing() -> None:
    known = {entry["msgid"] for entry in ENTRIES}
    files = [
        str(path.relative_to(settings.BASE_DIR))
        for app in ("accounts", "channels_social", "priority", "reports", "servicedesk", "tickets")
        for path in sorted(Path(settings.BASE_DIR, app).rglob("*.py"))
    ]
    marks = ["--keyword=gettext_lazy", "--keyword=_", "--keyword=ngettext:1,2", "--keyword=pgettext:1c,2"]
    found = subprocess.run(
        [
            shutil.which("xgettext") or "",
            "--language=Python",
            "--from-code=UTF-8",
            "--output=-",
            *marks,
            *files,
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    missing = {entry["msgid"] for entry in entries(found.stdout)} - known
    assert missing == set()


def test_what_stands_inside_an_expression_of_jinja_is_in_the_catalogue() -> None:
    """makemessages finds what a block says, and of an expression only what it begins with: the rest has to be found
    elsewhere, or be put into a block."""
    known = {entry["msgid"] for entry in ENTRIES}
    missing = [
        (path.name, words)
        for path in sorted(Path(settings.BASE_DIR, "templates").rglob("*.jinja.html"))
        for expression in re.findall(r"\{\{(.*?)\}\}", path.read_text(encoding="utf-8"), re.DOTALL)
        for words in re.findall(r'_\("(.*?)"\)', expression.strip().removeprefix("_("))
        if words not in known
    ]
    assert missing == []
