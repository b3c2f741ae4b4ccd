"""What tests of the policy's pages share: a page as it is read, its form as a browser sends it, the draft after it."""

from __future__ import annotations

import html
from typing import Any

from django.test import Client

from priority.edits import entry_of
from priority.selectors import draft_current, policy_current
from tests.priority.form_reader import largest_form


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def typed_in(client: Client, url: str) -> dict[str, Any]:
    return dict(largest_form(client.get(url).content.decode()))


def save(client: Client, url: str, **typed: Any) -> dict[str, Any]:
    """The draft's document after the page was saved with these fields typed anew; that in force where none stands."""
    sent = typed_in(client, url)
    sent.update({name.replace("__", "-"): value for name, value in typed.items()})
    answer = client.post(url, {"what": "save", **sent})
    assert answer.status_code == 302, html.unescape(answer.content.decode())
    draft = draft_current()
    return dict(draft.document if draft is not None else policy_current().document)


def category(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry_of(document, "categories", key)
    assert found is not None
    return found


def rule(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry_of(document, "rules", key)
    assert found is not None
    return found
