"""Reading a mailbox of a real server: nothing lost, nothing twice, whatever happens to the folder meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels_social.adapter import AccountView, PollFailed, RawEvent
from channels_social.adapters.email import imap, marking
from channels_social.adapters.email.inbound import opened
from channels_social.net import Net
from tests.channels_social import dovecot as real
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot, mail

#: In the past of every mail that is put there.
BEFORE = {"since": "2020-01-01T00:00:00+00:00", "unread": "yes"}


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    real.here()
    server = Dovecot().start()
    yield server
    server.close()


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    """With an empty mailbox, and the first password."""
    running.person(USER, PASSWORD)
    running.admin("expunge", "-u", USER, "mailbox", "*", "all")
    return running


class Reader:
    """Somebody who polls as the desk does, and keeps what was handed over."""

    def __init__(self, server: Dovecot, cursor: Mapping[str, str] = BEFORE, **settings: str) -> None:
        self.server, self.cursor = server, dict(cursor)
        self.settings = {**server.settings, **settings}
        self.password, self.deadline = PASSWORD, 20.0
        self.events: dict[str, RawEvent] = {}
        self.handed_over = 0
        self.now = datetime.now(UTC)

    def poll(self) -> bool:
        net = Net(
            deadline=timedelta(seconds=self.deadline),
            allow_private=True,
            read_credentials=lambda: {"password": self.password},
            rotate=lambda _old, new: new,
        )
        account = AccountView(1, USER, USER, "Desk", "nl", self.settings)
        events, cursor, more = imap.poll(net, account, self.cursor, now=self.now)
        self.handed_over += len(events)
        self.events |= {one.dedupe_key: one for one in events}
        self.cursor = cursor
        return more

    def all(self) -> Reader:
        while self.poll():
            pass
        return self

    def subjects(self) -> list[str]:
        found = []
        for one in self.events.values():
            raw = opened(one.body)[1]
            found.append(raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode())
        return found


def test_what_is_new_is_handed_over_once_and_marked_when_it_is_stored(server: Dovecot) -> None:
    for number in (1, 2):
        server.put(mail(number))
    reader = Reader(server)
    assert reader.poll()
    assert reader.subjects() == ["Lamp 1", "Lamp 2"]
    assert opened(next(iter(reader.events.values())).body)[1] == mail(1)
    # Nobody knows yet that it is stored.
    assert server.count(what="SEEN") == 0
    assert not reader.poll()
    assert server.count(what="SEEN") == 2
    server.put(mail(3))
    reader.all()
    assert (reader.handed_over, server.count(what="SEEN")) == (3, 3)
    assert reader.cursor["folder"] == "INBOX"


def test_a_crash_before_it_was_stored_reads_it_again(server: Dovecot) -> None:
    server.put(mail(1))
    reader = Reader(server)
    before = dict(reader.cursor)
    reader.poll()
    reader.cursor = before
    reader.all()
    assert (reader.handed_over, len(reader.events)) == (2, 1)


def test_the_time_of_arrival_is_the_servers(server: Dovecot) -> None:
    with server.other() as box:
        box.append("INBOX", "", '"22-Nov-2026 23:30:00 +0100"', mail(1))
    reader = Reader(server).all()
    (event,) = reader.events.values()
    assert opened(event.body)[0].received_at == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert opened(event.body)[0].folder == "INBOX"


def test_mails_of_before_are_read_only_where_nobody_has(server: Dovecot) -> None:
    with server.other() as box:
        box.append("INBOX", r"\Seen", '"01-Nov-2026 12:00:00 +0000"', mail(1))
        box.append("INBOX", "", '"01-Nov-2026 12:00:00 +0000"', mail(2))
    asked = [Reader(server, {}).all(), Reader(server, {}, begin_with="all").all()]
    assert [one.subjects() for one in asked] == [["Lamp 2"], ["Lamp 1", "Lamp 2"]]
    late = Reader(server, {}, begin_with="new")
    late.now += timedelta(hours=1)
    assert late.all().subjects() == []
    # What somebody moves here later is new, however old.
    with server.other() as box:
        box.append("INBOX", r"\Seen", '"01-Nov-2026 12:00:00 +0000"', mail(3))
    assert late.all().subjects() == ["Lamp 3"]
    assert Reader(server, imap.cursor_at(datetime.now(UTC) + timedelta(hours=1))).all().subjects() == []


def test_another_uidvalidity_reads_all_again_and_doubles_nothing(server: Dovecot) -> None:
    for number in range(1, 6):
        server.put(mail(number))
    reader = Reader(server).all()
    validity = int(reader.cursor["validity"])
    server.admin("mailbox", "update", "--uid-validity", str(validity + 7), "-u", USER, "INBOX")
    server.put(mail(6))
    reader.all()
    assert reader.cursor["validity"] == str(validity + 7)
    # All six are looked at once more; by their keys they are the same.
    assert (len(reader.events), reader.handed_over) == (6, 11)


def test_moved_while_reading(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 5):
        server.put(mail(number))
    facts = imap._facts

    def moved_away(box: Any, uids: Any) -> Any:
        found = facts(box, uids)
        with server.other() as somebody:
            somebody.create("Elsewhere")
            kind, _ = somebody.uid("MOVE", ",".join(map(str, sorted(found)[1:3])), "Elsewhere")
            assert kind == "OK"
        monkeypatch.setattr(imap, "_facts", facts)
        return found

    monkeypatch.setattr(imap, "_facts", moved_away)
    reader = Reader(server).all()
    assert reader.subjects() == ["Lamp 1", "Lamp 4"]
    with server.other("Elsewhere") as somebody:
        uids = somebody.uid("SEARCH", "ALL")[1][0].decode().replace(" ", ",")
        somebody.uid("MOVE", uids, "INBOX")
    assert sorted(reader.all().subjects()) == ["Lamp 1", "Lamp 2", "Lamp 3", "Lamp 4"]
    server.admin("mailbox", "delete", "-u", USER, "Elsewhere")


def test_what_was_read_is_moved_away_into_a_folder_that_is_made(server: Dovecot) -> None:
    server.put(mail(1))
    reader = Reader(server, done_folder="Gedaan & gelezen é").all()
    server.put(mail(2))
    reader.all()
    assert server.count() == 0
    listed = server.admin("mailbox", "list", "-u", USER)
    assert "Gedaan & gelezen é" in listed
    assert reader.handed_over == 2
    server.admin("mailbox", "delete", "-u", USER, "Gedaan & gelezen é")


def test_a_full_mailbox_is_read_and_said(server: Dovecot) -> None:
    server.put(mail(1, size=4_000))
    server.put(mail(2, size=4_000))
    server.admin("mailbox", "create", "-u", USER, "Done")
    server.person(USER, PASSWORD, "userdb_quota_rule=*:storage=5K")
    reader = Reader(server, done_folder="Done").all()
    # Within one mailbox moving takes no more room.
    assert (reader.handed_over, server.count(), server.count("Done")) == (2, 0, 2)

    with pytest.raises(AssertionError, match="OVERQUOTA"):
        server.put(mail(3, size=4_000))
    server.person(USER, PASSWORD)
    server.admin("mailbox", "delete", "-u", USER, "Done")


def test_a_move_that_is_refused_keeps_no_mail_from_being_read(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        marking, "_moved", lambda *_: ("NO", [b"[OVERQUOTA] Quota exceeded (mailbox for user is full)"])
    )
    reader = Reader(server, done_folder="Done")
    server.put(mail(1))
    reader.poll()
    server.put(mail(2))
    assert reader.poll()
    assert reader.handed_over == 2
    with pytest.raises(PollFailed, match="vol") as failed:
        reader.poll()
    assert not failed.value.reauthorise
    monkeypatch.undo()
    reader.all()
    assert (reader.handed_over, server.count()) == (2, 0)
    server.admin("mailbox", "delete", "-u", USER, "Done")


def test_another_password_needs_a_person_in_words(server: Dovecot) -> None:
    reader = Reader(server).all()
    server.person(USER, "second password")
    with pytest.raises(PollFailed) as failed:
        reader.poll()
    assert failed.value.reauthorise
    assert "wachtwoord" in failed.value.words
    assert "AUTHENTICATIONFAILED" in failed.value.words
    assert "first password" not in failed.value.words
    reader.password = "second password"
    server.put(mail(1))
    assert reader.all().handed_over == 1


def test_a_folder_that_is_not_there(server: Dovecot) -> None:
    with pytest.raises(PollFailed, match="Nowhere") as failed:
        Reader(server, folder="Nowhere").poll()
    assert not failed.value.reauthorise


def test_more_than_one_batch_holds(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "BATCH_MAILS", 7)
    monkeypatch.setattr(imap, "BATCH_BYTES", 20_000)
    server.fill([mail(number, size=9_000 if number % 5 == 0 else 0) for number in range(60)])
    reader = Reader(server)
    polls = 1
    while reader.poll():
        polls += 1
    assert (reader.handed_over, len(reader.events)) == (60, 60)
    assert polls > 9
    assert server.count(what="UNSEEN") == 0


def test_of_a_mail_that_is_too_large_the_beginning(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "WHOLE_MOST", 20_000)
    monkeypatch.setattr(imap, "BEGINNING", 5_000)
    server.put(mail(1, size=30_000))
    server.put(mail(2))
    reader = Reader(server).all()
    assert reader.subjects() == ["Lamp 1", "Lamp 2"]
    large, small = (opened(one.body) for one in reader.events.values())
    assert (len(large[1]), large[0].cut) == (5_000, len(mail(1, size=30_000)))
    assert small[0].cut == 0


@pytest.mark.slow
def test_ten_thousand_mails(server: Dovecot) -> None:
    server.fill([mail(number) for number in range(10_000)])
    reader = Reader(server).all()
    assert (reader.handed_over, len(reader.events)) == (10_000, 10_000)
    assert server.count(what="UNSEEN") == 0
    server.put(mail(10_001))
    assert reader.all().handed_over == 10_001
