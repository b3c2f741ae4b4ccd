"""The page of the other periods: read as they are said, kept where they cannot be read."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from priority import seed
from priority.models import PolicyDraft

pytestmark = pytest.mark.django_db
FIELDS = {
    "periods-triage": "20 min", "periods-notice_lead": "0 min", "periods-transfers_most": "2",
    "periods-too_late_to_acknowledge": "25 %", "reminders-remind_after_working_days": "3, 6",
    "caps-per_ticket": "9", "renewals-private": "1",
}  # fmt: skip


def page(client: Client) -> str:
    return html.unescape(client.get(reverse("policy_periods")).content.decode())


def save(client: Client, typed: dict[str, str]) -> dict[str, Any]:
    version = page(client).split('name="version" value="', 1)[1].split('"', 1)[0]
    assert client.post(reverse("policy_periods"), {"version": version, **typed}).status_code == 302
    document: dict[str, Any] = PolicyDraft.objects.get().document
    return document


def test_they_are_read_as_they_are_said(client: Client) -> None:
    document = save(client, FIELDS)
    assert document["periods"] == {
        **seed.read()["periods"],
        "triage": 20,
        "notice_lead": 0,
        "too_late_to_acknowledge": {"parts": 1, "of": 4},
    }
    assert document["reminders"]["remind_after_working_days"] == [3, 6]
    assert document["caps"]["per_ticket"] == 9
    assert [each["most"] for each in document["renewals"]] == [0, 1, 1]
    assert "was 15 minutes" in page(client)


def test_what_cannot_be_read_is_kept_and_told_at_its_field(client: Client) -> None:
    save(
        client,
        {"periods-triage": "soon", "at_risk-share": "some", "reminders-remind_after_working_days": "2, x"},
    )
    shown = page(client)
    for text in ("soon", "some", "2, x"):
        assert f'value="{text}"' in shown
    for sentence in ("“soon” is no amount of time", "“some” is no share", "“2, x” are no numbers of days"):
        assert sentence in shown
