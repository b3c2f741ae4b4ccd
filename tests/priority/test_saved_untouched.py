"""A page of the policy that is saved as it was opened changes nothing, and says so."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from priority.models import PolicyDraft
from tests.priority.typed import save, typed_in

pytestmark = pytest.mark.django_db

MATRIX = "/policy/matrix/"
PAGES = [
    "/policy/matrix/",
    "/policy/levels/",
    "/policy/durations/",
    "/policy/periods/",
    "/policy/calendars/",
    "/policy/calendars/desk/",
    "/policy/categories/",
    "/policy/categories/waste/",
    "/policy/rules/",
    "/policy/rules/many_hit/",
    "/policy/words/",
    "/policy/words/chatter/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_saved_untouched_says_so_and_opens_no_draft(client: Client, path: str) -> None:
    """With and without a draft that stands: its version, by which others know what was saved, stays."""
    for _standing in range(2):
        before = typed_in(client, MATRIX)["version"]
        answer = client.post(path, {"what": "save", **typed_in(client, path)}, follow=True)
        shown = html.unescape(answer.content.decode())
        assert "Nothing was changed, so nothing was saved." in shown
        assert "Saved in the draft" not in shown
        assert typed_in(client, MATRIX)["version"] == before
        assert PolicyDraft.objects.count() == _standing
        if not _standing:
            save(client, MATRIX, cell__medium__medium="P2")
