"""The pages of signs and of what words hit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from priority import seed
from priority.policy import parse
from priority.wording import SIGNS
from tests import desk
from tests.priority.typed import page, save
from tests.tickets import said

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_saved_untouched_are_the_same(client: Client, sign: str) -> None:
    document = save(client, reverse("policy_sign", args=[sign]))
    assert parse(document).sha256 == parse(seed.read()).sha256


def test_question_marks(client: Client) -> None:
    document = save(client, reverse("policy_words"), marks=" ? ? ¿ ")
    assert document["signs"]["question_marks"] == "?¿"
    save(client, reverse("policy_words"), marks="")
    assert "Nothing is filled in" in page(client, reverse("policy_words"))


def hits(client: Client, kind: str, key: str) -> str:
    return " ".join(page(client, f"{reverse('policy_hits')}?kind={kind}&key={key}").split())


def test_the_last_messages_that_words_hit_of_tickets_one_may_see(client: Client) -> None:
    account = desk.account(of_team=desk.team("front"))
    hidden_one = desk.account("2222", of_team=desk.team("secret", private=True))
    said.hear(account, 1, "@desk my bin was not collected, call 0612345678", by="a")
    said.hear(account, 2, "@desk the tram is late", by="b")
    said.hear(hidden_one, 3, "@desk another bin was not collected", by="c")
    shown = hits(client, "category", "waste")
    assert "1 of the last 2 messages of callers." in shown
    assert "<mark>bin</mark>" in shown
    assert "0612345678" not in shown
    assert "another" not in shown
    assert "None: the last 2 messages of callers were looked at." in hits(client, "rule", "vulnerable")
    assert "not collected" in hits(client, "sign", "fault")


def test_hits_are_those_of_the_draft_and_bad_words_are_named(client: Client) -> None:
    account = desk.account(of_team=desk.team("front"))
    said.hear(account, 1, "@desk the fountain foams again", at=desk.MONDAY + timedelta(hours=1))
    assert "None:" in hits(client, "category", "waste")
    save(client, reverse("policy_category", args=["waste"]), words__en__whole="fountain")
    assert "<mark>fountain</mark>" in hits(client, "category", "waste")
    save(client, reverse("policy_category", args=["waste"]), words__en__whole="* fountain")
    assert "can't be sought" in hits(client, "category", "waste")
    assert client.get(reverse("policy_hits"), {"kind": "category", "key": "moon"}).status_code == 404
