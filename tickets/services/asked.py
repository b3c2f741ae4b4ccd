"""What a caller filled in beside their words (`InboundMessage.asked`): onto the ticket that it opens, and off again
with the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tickets import bulk
from tickets.asked_for import OBJECT_NUMBER
from tickets.models import Message, Ticket
from tickets.prepared import Prepared

PLACE = "place"


def asked_stored(asked: Mapping[str, str]) -> dict[str, str]:
    """As a message keeps it: one line each, what is empty left out."""
    lines = {name: _line(value) for name, value in asked.items()}
    return {name: line for name, line in lines.items() if line}


def asked_take(ticket: Ticket, asked: Mapping[str, str]) -> None:
    """Place and number, on a new ticket that is not written yet."""
    where, number = _of(ticket, asked)
    if where:
        ticket.place = where
    if number:
        ticket.custom = {**ticket.custom, OBJECT_NUMBER: number}


def asked_ends(messages: Sequence[Message]) -> None:
    """These words are gone, and with them what stands on their tickets as they put it; what somebody has corrected
    stays. Called while `Message.asked` is there still. The tickets are locked by the caller, who changes their
    version."""
    gone = [(each.ticket_id, each.asked) for each in messages if each.asked and each.ticket_id is not None]
    if gone:
        values = {
            "ids": [pk for pk, _ in gone],
            "places": [_line(asked.get(PLACE, "")) for _, asked in gone],
            "numbers": [_line(asked.get(OBJECT_NUMBER, "")) for _, asked in gone],
        }
        bulk.tell(_GONE, values)


def _of(ticket: Ticket, asked: Mapping[str, str]) -> tuple[str, str]:
    most = ticket._meta.get_field("place").max_length
    return _line(asked.get(PLACE, ""))[:most], _line(asked.get(OBJECT_NUMBER, ""))[:most]


def _line(value: str) -> str:
    return " ".join(value.replace("\0", "").split())


_GONE = Prepared(
    """
UPDATE tickets_ticket t
   SET place = CASE WHEN t.place <> '' AND t.place = left(gone.place, 200) THEN '' ELSE t.place END,
       custom = CASE WHEN t.custom->>'object_number' = left(gone.number, 200) THEN t.custom - 'object_number'
                     ELSE t.custom END
  FROM unnest(%(ids)s, %(places)s, %(numbers)s) AS gone (id, place, number)
 WHERE t.id = gone.id
""",
    {"ids": "bigint[]", "places": "text[]", "numbers": "text[]"},
)
