"""`python -m servicedesk.translations`: is every marked string translated, and is every compiled file the newest?

1. The strings are collected anew into a temporary copy of locale/ (makemessages), so nothing in the clone changes.
2. A string that is missing, empty or fuzzy in a language is named. 3. A .mo older in content than its .po is named.
Exit code 1 with the list. 1 and 2 need gettext; without it a line says that they were not checked (in CI that is an
error). `python -m servicedesk.translations build` compiles each .po into its .mo, by Babel alone.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from servicedesk.settings import BASE_DIR, LANGUAGE_CODE, LANGUAGES

LOCALE = BASE_DIR / "locale"
APPS = ("accounts", "priority", "tickets", "channels_social", "reports", "servicedesk", "templates")


def run(*argv: str, cwd: Path) -> str:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def count(listing: str) -> list[str]:
    return [line for line in listing.splitlines() if line.startswith("msgid ") and line != 'msgid ""']


def catalogue(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def compiled(language: str) -> bytes:
    """The .mo of a language's .po. Raises ValueError where a translation has other gaps than its source, or more."""
    with catalogue(language).open("rb") as file:
        found = read_po(file, locale=language)
    wrong = [f"{message.id!r}: {error}" for message, errors in found.check() for error in errors]
    if wrong:
        raise ValueError("\n".join(wrong))
    made = io.BytesIO()
    write_mo(made, found)
    return made.getvalue()


def build() -> int:
    for language in translated():
        catalogue(language).with_suffix(".mo").write_bytes(compiled(language))
    return 0


def translated() -> list[str]:
    return [language for language, _ in LANGUAGES if language != LANGUAGE_CODE]


def stale(language: str) -> list[str]:
    """What is wrong with the files as they stand, one line each."""
    source = catalogue(language)
    if not source.exists():
        return [f"{language}: {source.relative_to(BASE_DIR)} is missing; run make messages"]
    try:
        wanted = compiled(language)
    except ValueError as error:
        return [f"{language}: {line}" for line in str(error).splitlines()]
    there = source.with_suffix(".mo")
    if not there.exists() or there.read_bytes() != wanted:
        return [f"{language}: {there.relative_to(BASE_DIR)} is not what its .po gives; run make messages"]
    return []


def untranslated(language: str, scratch: Path) -> list[str]:
    """Strings that the code marks and the language has no words for, one line each."""
    new = scratch / "locale" / language / "LC_MESSAGES" / "django.po"
    run(
        sys.executable, str(scratch / "manage.py"), "makemessages", "-l", language, "--no-obsolete", cwd=scratch
    )  # fmt: skip
    found = []
    for kind, option in (("not translated", "--untranslated"), ("fuzzy", "--only-fuzzy")):
        listing = run("msgattrib", option, "--no-wrap", "--no-obsolete", str(new), cwd=scratch)
        found += [f"{language}: {kind}: {line}" for line in count(listing)]
    return found


def main() -> int:
    if sys.argv[1:] == ["build"]:
        return build()
    found = [line for language in translated() for line in stale(language)]
    if shutil.which("xgettext") is None:
        if os.environ.get("CI"):
            found.append("gettext is not installed; CI must look for new strings")
        else:
            sys.stdout.write("New strings NOT looked for: gettext is not installed.\n")
    else:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            shutil.copy(BASE_DIR / "manage.py", scratch)
            for name in (*APPS, "locale"):
                if (BASE_DIR / name).is_dir():
                    hidden = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(BASE_DIR / name, scratch / name, ignore=hidden)
            (scratch / "static").mkdir()
            found += [line for language in translated() for line in untranslated(language, scratch)]
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
