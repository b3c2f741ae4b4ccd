"""`python -m servicedesk.translations`: is every marked string translated, and is every compiled file the newest?

1. The strings are collected anew into a temporary copy of locale/ (makemessages), so nothing in the clone changes.
2. A string that is missing, empty or fuzzy in a language is named. 3. A .mo older in content than its .po is named.
Exit code 1 with the list. Needs gettext; without it a line says that nothing was checked (in CI that is an error).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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


def problems(language: str, scratch: Path) -> list[str]:
    """What is wrong with one language, one line each."""
    old = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not old.exists():
        return [f"{language}: {old.relative_to(BASE_DIR)} is missing; run make messages"]
    new = scratch / "locale" / language / "LC_MESSAGES" / "django.po"
    run(
        sys.executable, str(scratch / "manage.py"), "makemessages", "-l", language, "--no-obsolete", cwd=scratch
    )  # fmt: skip
    found = []
    for kind, option in (("not translated", "--untranslated"), ("fuzzy", "--only-fuzzy")):
        listing = run("msgattrib", option, "--no-wrap", "--no-obsolete", str(new), cwd=scratch)
        found += [f"{language}: {kind}: {line}" for line in count(listing)]
    compiled = old.with_suffix(".mo")
    run("msgfmt", "--check", "-o", str(scratch / "fresh.mo"), str(old), cwd=scratch)
    if not compiled.exists() or compiled.read_bytes() != (scratch / "fresh.mo").read_bytes():
        found.append(
            f"{language}: {compiled.relative_to(BASE_DIR)} is not what its .po gives; run make messages"
        )
    return found


def main() -> int:
    if shutil.which("msgfmt") is None:
        if os.environ.get("CI"):
            sys.stderr.write("gettext is not installed; CI must check the translations\n")
            return 1
        sys.stdout.write("Translations NOT checked: gettext is not installed.\n")
        return 0
    found = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        shutil.copy(BASE_DIR / "manage.py", scratch)
        for name in (*APPS, "locale"):
            if (BASE_DIR / name).is_dir():
                shutil.copytree(BASE_DIR / name, scratch / name, ignore=shutil.ignore_patterns("__pycache__"))
        (scratch / "static").mkdir()
        for language, _ in LANGUAGES:
            if language != LANGUAGE_CODE:
                found += problems(language, scratch)
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
