"""Statements that PostgreSQL plans once per connection, for the few that stand before every reply.

Planning a join of five tables takes it about 1 ms, answering it by keys a tenth of that. A statement is prepared when
a connection first asks for it and forgotten with that connection. Behind a pooler (DATABASE_BEHIND_POOLER), where the
next transaction may be on another connection, it goes as it is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from tickets.line import Line, Row, Values, line

_PLACE = re.compile(r"%\((\w+)\)s|%s")


class Prepared:
    """One statement. Its values are `%(name)s`, with `types` by name, or `%s`, with `types` in their order; each type
    is PostgreSQL's word. Use: `ask(STATEMENT, values)`, or `cursor.execute(STATEMENT.ready(), values)`."""

    def __init__(self, text: str, types: Mapping[str, str] | Sequence[str]) -> None:
        if isinstance(types, Mapping):
            numbers = {name: f"${number}" for number, name in enumerate(types, 1)}
            numbered = _PLACE.sub(lambda found: numbers[found[1]], text)
            words, places = list(types.values()), [f"%({name})s" for name in types]
        else:
            count = iter(range(1, len(types) + 1))
            numbered = _PLACE.sub(lambda _: f"${next(count)}", text)
            words, places = list(types), ["%s"] * len(types)
        self.text = text
        self.name = f"desk_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        of, given = (f" ({', '.join(words)})", f" ({', '.join(places)})") if words else ("", "")
        self._prepare = f"PREPARE {self.name}{of} AS {numbered}"
        self._execute = f"EXECUTE {self.name}{given}"

    def ready(self) -> str:
        """What to execute, once, with the values: this connection has it prepared then."""
        return self.on(line())

    def on(self, mine: Line) -> str:
        """The same, for who has the connection at hand."""
        if mine.wrapper.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
            return self.text
        if self.name not in mine.known:
            # Past Django's wrappers: writes that wait together (`bulk.together`) need not go before it.
            mine.carry(self._prepare)
            mine.known.add(self.name)
        return self._execute


def ask(statement: Prepared | str, values: Values) -> list[Row]:
    """What comes back, if anything. Raises Django's database errors."""
    mine = line()
    return mine.ask(statement if isinstance(statement, str) else statement.on(mine), values)
