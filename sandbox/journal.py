"""Keeps the records in one SQLite file, so that a restarted demo forgets no post (a missing post means
deleted)."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from sandbox.records import to_dict


class Kept(Protocol):
    """What can be kept: a dataclass with the name of its kind and an id that is its own within the kind."""

    KIND: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str | int: ...


K = TypeVar("K", bound=Kept)


class Journal:
    """Every write is committed before the call returns; WAL without fsync survives a killed process.

    Each network keeps its own kinds here; calls come from many threads.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = str(folder / "network.sqlite3") if folder is not None else ":memory:"
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))"
            " WITHOUT ROWID"
        )
        self._keep = folder is not None
        self._lock = threading.Lock()

    def put(self, record: Kept) -> None:
        if self._keep:
            body = json.dumps(to_dict(record))
            with self._lock:
                self._db.execute(
                    "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
                    (record.KIND, str(record.id), body),
                )

    def remove(self, record: Kept) -> None:
        with self._lock:
            self._db.execute(
                "DELETE FROM record WHERE kind = ? AND id = ?",
                (record.KIND, str(record.id)),
            )

    def note(self, name: str, value: object) -> None:
        """Keep one loose value, such as the settings."""
        if self._keep:
            with self._lock:
                self._db.execute(
                    "INSERT OR REPLACE INTO record VALUES ('note', ?, ?)",
                    (name, json.dumps(value)),
                )

    def noted(self, name: str) -> object:
        with self._lock:
            found = self._db.execute("SELECT body FROM record WHERE kind = 'note' AND id = ?", (name,))
            row = found.fetchone()
        return json.loads(row[0]) if row else None

    def records(self, classes: Mapping[str, type[K]]) -> Iterator[K]:
        """All records of these kinds; within a kind in the order of their ids."""
        with self._lock:
            rows = self._db.execute("SELECT kind, body FROM record ORDER BY kind, length(id), id").fetchall()
        for kind, body in rows:
            if kind in classes:
                yield classes[kind](**json.loads(body))

    def clear(self) -> None:
        with self._lock:
            self._db.execute("DELETE FROM record")

    def close(self) -> None:
        self._db.close()
