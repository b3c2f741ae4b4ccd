"""Folders and secrets that only their owner may read; created without following links, never changed outside."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path


class EmbeddedError(RuntimeError):
    """The laptop's servers cannot be started; the message says what to do."""


def private_folder(
    path: Path, *, uid: int | None = None, gid: int | None = None, traversable: bool = False
) -> None:
    """Make `path` a folder of `uid` (default: ours) with mode 0700, or 0711 where `traversable`.

    One that exists is taken only as it is: a folder, no link, of that owner, closed to others. Its mode is set again
    only where it is ours and more open than wanted. Raises EmbeddedError.
    """
    mode = 0o711 if traversable else 0o700
    owner = os.geteuid() if uid is None else uid
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        raise EmbeddedError(f"{path.parent} does not exist; make it first.") from None
    except OSError as error:
        raise EmbeddedError(f"{path} cannot be made: {error.strerror}.") from None
    else:
        if uid is not None and gid is not None and uid != os.geteuid():
            os.chown(path, uid, gid, follow_symlinks=False)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise EmbeddedError(f"{path} is not a folder; move it away.")
    if found.st_uid != owner:
        raise EmbeddedError(f"{path} belongs to user {found.st_uid}, not to {owner}; move it away.")
    if owner == os.geteuid():
        if stat.S_IMODE(found.st_mode) != mode:
            os.chmod(path, mode)
    elif stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(f"{path} is open to other users; move it away.")


def secret_file(path: Path, make: Callable[[], str]) -> str:
    """The text in `path` (0600), made by `make` the first time. Written whole or not at all."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        write_private(path, make())
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(fd, encoding="ascii") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise EmbeddedError(
                f"{path} is readable by other users; run chmod 600 on it, or remove the folder."
            )
        value = file.read().strip()
    if not value:
        raise EmbeddedError(f"{path} is empty; remove the folder {path.parent} to begin anew.")
    return value


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a 0600 file with `text`, atomically."""
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:  # whatever ends it, half a secret is not left lying there
        os.unlink(temporary)
        raise
