"""A table as the lines of a CSV file (RFC 4180), piece by piece, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

#: What a spreadsheet would take for a formula, were it the first sign of a cell (OWASP, "CSV injection").
_BEGINS = ("=", "+", "-", "@", "\t", "\r")
_LINES = 200


def safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_BEGINS) else cell


def csv_lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """First a byte order mark, by which spreadsheets know UTF-8; then up to _LINES lines at a time."""
    held = StringIO()
    writer = csv.writer(held)
    held.write("\ufeff")
    writer.writerow([safe(each) for each in heads])
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe(each) for each in row])
        if number % _LINES == 0:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()
