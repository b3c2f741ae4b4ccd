"""A date that moves because the policy was changed says so, in every language and form of address."""

from __future__ import annotations

import pytest

from channels_social.delivery import deliver
from tests.tickets import policies
from tests.tickets.test_policy_rollout_told import a_ticket
from tickets.clock import database_now
from tickets.models import OutboundReply, Ticket
from tickets.texts.document import seed
from tickets.texts.render import line


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "We've set new times for things like this."),
        ("nl", "We hebben onze termijnen hiervoor aangepast."),
    ],
)
def test_a_longer_duration_is_told_as_our_own_change(language: str, sentence: str) -> None:
    ticket, _promise = a_ticket()
    Ticket.objects.update(language=language)
    policies.published(policies.duration("P3", resolution=2400))
    policies.rolled(database_now())
    deliver(ticket.account_id)
    row = OutboundReply.objects.get(kind="date_changed_notice")
    assert (row.state, row.tells_reason) == ("sent", "policy_changed")
    assert sentence in row.text


@pytest.mark.parametrize("manner", ["short", "conversational", "letter"])
@pytest.mark.parametrize("form", ["", "je", "u"])
def test_it_addresses_nobody_so_it_fits_every_form(manner: str, form: str) -> None:
    found = line(
        seed(), "reasons.policy_changed", language="nl", manner=manner, form=form, values={}  # type: ignore[arg-type]
    )  # fmt: skip
    assert found == "We hebben onze termijnen hiervoor aangepast."
