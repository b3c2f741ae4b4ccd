"""Every recorded mail, read: sender, subject, words, place, kind, bounce and what hangs on it."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from channels_social.adapters.email.reading import mail_read
from tests.channels_social.email.corpus import (
    NAMES,
    NOW,
    OUR_DESK,
    collapsed,
    expected,
    mail_of,
    number_of,
    placed,
    raw_of,
)

#: Mails whose words are not told apart as a person would. Each is one of the five in a hundred.
MISSED: dict[str, str] = {}

every_mail = pytest.mark.parametrize("name", NAMES)


def shown(name: str) -> str:
    """What the desk shows first: all words of a mail that begins a conversation, the new ones of an answer."""
    mail = mail_of(name)
    return mail.full_text if placed(name)[0] == "new" else mail.text


@every_mail
def test_it_is_read_whole_and_cut_anywhere(name: str) -> None:
    raw = raw_of(name)
    for end in range(0, len(raw), max(len(raw) // 40, 1)):
        mail_read(raw[:end], OUR_DESK, received_at=NOW)


@every_mail
def test_sender_and_subject(name: str) -> None:
    mail, wanted = mail_of(name), expected(name)
    assert mail.sender.address == wanted["from"]
    if not wanted.get("name_free"):
        assert mail.sender.name == wanted["name"]
    if not wanted.get("subject_free"):
        assert mail.subject == collapsed(wanted["subject"])
    assert "\0" not in mail.subject + mail.full_text + mail.sender.name
    if "reply_to" in wanted:
        assert mail.reply_to.address == wanted["reply_to"]


@every_mail
def test_time(name: str) -> None:
    mail, wanted = mail_of(name), expected(name)
    if wanted.get("date") == "arrival":
        assert mail.sent_at == NOW
    elif line := next((line for line in raw_of(name).split(b"\n") if line.lower().startswith(b"date:")), b""):
        assert mail.sent_at == parsedate_to_datetime(line[5:].decode().strip()).astimezone(UTC)


@every_mail
def test_words(name: str, request: pytest.FixtureRequest) -> None:
    if name in MISSED:
        request.applymarker(pytest.mark.xfail(reason=MISSED[name], strict=True))
    wanted, found = expected(name), collapsed(shown(name))
    if not wanted["text_free"]:
        assert found == collapsed(wanted["text"])
    assert [phrase for phrase in wanted["never"] if collapsed(phrase) in found] == []


def test_words_of_at_most_five_in_a_hundred_are_missed() -> None:
    assert len(MISSED) <= len(NAMES) * 0.05


@every_mail
def test_nothing_new_is_lost(name: str) -> None:
    found = collapsed(shown(name))
    assert [phrase for phrase in expected(name)["must"] if collapsed(phrase) not in found] == []


@every_mail
def test_everything_is_kept(name: str) -> None:
    full = collapsed(mail_of(name).full_text)
    assert [phrase for phrase in expected(name)["must"] if collapsed(phrase) not in full] == []


@every_mail
def test_place(name: str) -> None:
    wanted = expected(name)
    how, number, _ = placed(name)
    assert how == wanted["thread"]
    assert number == number_of(name if how == "new" else wanted["after"][0])


@every_mail
def test_machine(name: str) -> None:
    mail, wanted = mail_of(name), expected(name)
    assert (mail.machine, mail.acknowledge) == (wanted["machine"], wanted["acknowledge"])


@every_mail
def test_bounce(name: str) -> None:
    mail, wanted = mail_of(name), expected(name)["bounce"]
    if wanted is None:
        assert mail.failures == ()
        return
    _, number, desk = placed(name)
    found = [(one.address or desk.senders[number], one.status, one.lasting) for one in mail.failures]
    first: dict[str, Any] = wanted
    others: list[dict[str, Any]] = wanted.get("also", [])
    assert found[0] == (first["address"], first["status"], first["lasting"])
    assert found[1:] == [(one["address"], one["status"], one["lasting"]) for one in others]
    assert mail.reported == wanted["ours"]


@every_mail
def test_what_hangs_on_it(name: str) -> None:
    mail, wanted = mail_of(name), expected(name)
    found = sorted((one.name, one.content_type, one.kind == "inline") for one in mail.attachments)
    assert all(one.name for one in mail.attachments)
    asked: list[dict[str, Any]] = wanted["attachments"]
    if wanted.get("attachments_free"):
        assert {one["type"] for one in asked} <= {kind for _, kind, _ in found}
        return
    # '' is any name that makes sense.
    named = {one["name"] for one in asked}
    assert sorted((one["name"], one["type"], one["inline"]) for one in asked) == sorted(
        (told if told in named else "", kind, inline) for told, kind, inline in found
    )
    if inside := wanted.get("tnef_inside"):
        assert [list(one.inside) for one in mail.attachments] == [inside]


@every_mail
def test_first_sender(name: str) -> None:
    assert mail_of(name).forwarded_from.address == expected(name).get("forwarded_from", "")
