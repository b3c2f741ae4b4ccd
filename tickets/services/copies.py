"""A post that names several of our accounts is one message: at the first that it names. At the others it is a copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tickets import bulk
from tickets.contract import InboundMessage, MessageEdited, MessageRemoved, Parsed
from tickets.models import ChannelAccount, MessageCopy
from tickets.services.intake_known import Known

OUTCOME = "copy"


def copies_apart(
    account: ChannelAccount, parsed: Sequence[Parsed], known: Known, outcomes: list[str], *, now: datetime
) -> list[Parsed]:
    """Note the outcome of copies and of what concerns them, and store which are new; the rest of the batch is returned.

    The first account is the first named one of ours that answers anybody. What was a message here before stays one,
    whatever a later version names, and a copy stays a copy. A removal goes on: it leaves its tombstone here, too.
    """
    new: dict[str, MessageCopy] = {}
    for item in parsed:
        if isinstance(item, InboundMessage) and item.external_id not in known.messages:
            first = next(
                (name for name in item.named_accounts if name in known.accounts), account.external_id
            )
            if first != account.external_id:
                new[item.external_id] = MessageCopy(
                    account=account,
                    external_id=item.external_id,
                    first_account_id=known.accounts[first],
                    received_at=now,
                )
    copies = known.copies | new.keys()
    if not copies:
        return list(parsed)
    bulk.insert(
        [row for external_id, row in sorted(new.items()) if external_id not in known.copies],
        ignore_conflicts=True,
    )
    rest: list[Parsed] = []
    for position, item in enumerate(parsed):
        if getattr(item, "external_id", None) in copies:
            if isinstance(item, InboundMessage | MessageEdited | MessageRemoved):
                outcomes[position] = OUTCOME
            if isinstance(item, InboundMessage | MessageEdited):
                continue
        rest.append(item)
    return rest
