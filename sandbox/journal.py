"""Keeps the records in one SQLite file, so that a restarted demo forgets no post (a missing post means
deleted)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sandbox.records import CLASSES, Record, to_dict


class Journal:
    """Every write is committed before the call returns; WAL without fsync survives a killed process.

    Calls come from many threads but only under the world's lock.
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

    def put(self, record: Record) -> None:
        if self._keep:
            body = json.dumps(to_dict(record))
            self._db.execute(
                "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
                (record.KIND, str(record.id), body),
            )

    def remove(self, record: Record) -> None:
        self._db.execute(
            "DELETE FROM record WHERE kind = ? AND id = ?",
            (record.KIND, str(record.id)),
        )

    def note(self, name: str, value: object) -> None:
        """Keep one loose value, such as the settings."""
        if self._keep:
            self._db.execute(
                "INSERT OR REPLACE INTO record VALUES ('note', ?, ?)",
                (name, json.dumps(value)),
            )

    def noted(self, name: str) -> object:
        row = self._db.execute("SELECT body FROM record WHERE kind = 'note' AND id = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def records(self) -> Iterator[Record]:
        """All records; posts in the order of their ids."""
        for kind, body in self._db.execute("SELECT kind, body FROM record ORDER BY kind, length(id), id"):
            if kind in CLASSES:
                yield CLASSES[kind](**json.loads(body))

    def clear(self) -> None:
        self._db.execute("DELETE FROM record")

    def close(self) -> None:
        self._db.close()
