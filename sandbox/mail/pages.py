"""A townsperson's mail in a browser: what they wrote to the desk and what came back. Works without a script."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sandbox import paper
from sandbox.ids import iso
from sandbox.mail import writing
from sandbox.mail.office import INBOX, PASSWORD, SENT, NoSuchPlace
from sandbox.mail.records import Letter
from sandbox.network import Network
from sandbox.places import places
from sandbox.records import User
from sandbox.saying import age, initials, when
from sandbox.tongue import language_of
from sandbox.wire import Reply, Request

MOST = 20_000
TO = re.compile(rf"[a-z0-9._-]{{1,64}}@{re.escape(writing.TOWN_HALL)}")


def answer(network: Network, request: Request) -> Reply | None:
    """None when the path is none of ours."""
    if request.path != "/mail" or not network.office.smtp_port:
        return None
    if request.method == "GET":
        box = request.query.get("box", "")
        if box in _others(network):
            return paper.html(200, "mail.html", _of_other(network, box, network.facebook.now()))
        return paper.html(200, "mail.html", _page(network, request.query.get("as", "")))
    if request.method == "POST":
        return _write(network, request.form)
    return None


def _write(network: Network, form: dict[str, str]) -> Reply:
    chosen = form.get("as", "")
    said = form.get("text", "").replace("\r\n", "\n").strip()
    subject = " ".join(form.get("subject", "").split())
    try:
        person = _sender(network, chosen, said)
        answers = _named(network, person, form.get("to", ""))
        now = datetime.fromtimestamp(network.facebook.now() / 1000, UTC)
        mail = writing.write(
            name=person.name,
            username=person.username,
            language=person.lang,
            number=max(network.office.letters, default=0) + 1,
            subject=subject[:200],
            said=said,
            at=now,
            to=_mailbox(form.get("mailbox", "")),
            answers=answers,
        )
        network.office.deliver(bytes(mail), writing.recipients(mail))
        network.office.put(writing.address_of(person.username), SENT, bytes(mail), ["\\Seen"])
    except (NoSuchPlace, ValueError) as problem:
        return paper.html(
            400, "mail.html", _page(network, chosen, str(problem), said, subject, form.get("mailbox", ""))
        )
    return Reply(303, headers={"Location": f"/mail?as={quote(person.username)}#latest"})


def _sender(network: Network, chosen: str, said: str) -> User:
    person = _person(network, chosen)
    if person is None:
        raise ValueError("There is nobody of that name in town.")
    if not said or len(said) > MOST:
        raise ValueError(f"Say something first, in at most {MOST} characters.")
    return person


def _mailbox(typed: str) -> str:
    found = typed.strip().lower() or writing.DESK
    if not TO.fullmatch(found):
        raise ValueError(f"In town one writes to a mailbox of @{writing.TOWN_HALL}.")
    return found


def _named(network: Network, person: User, number: str) -> Any:
    if not number:
        return None
    box = writing.address_of(person.username)
    found = next((each for each in network.office.of(box, INBOX) if str(each.number) == number), None)
    if found is None:
        raise ValueError("That mail is not there any more.")
    return writing.read(found)


def _people(network: Network) -> list[User]:
    return [each for each in network.world.users.values() if not each.desk]


def _person(network: Network, chosen: str) -> User | None:
    people = _people(network)
    return next((each for each in people if each.username.lower() == chosen.lower()), None)


def _others(network: Network) -> list[str]:
    """Addresses to which mail came and that are no townsperson's and not the desk's: of those who work at the town
    hall, and such as somebody left on the form or in the chat."""
    known = {writing.DESK, *(writing.address_of(each.username) for each in _people(network))}
    with network.office.lock:
        found = {each.box for each in network.office.letters.values() if each.folder == INBOX}
    return sorted(found - known)


def _is_colleague(box: str) -> bool:
    return box.endswith(f"@{writing.TOWN_HALL}")


def _of_other(network: Network, box: str, now: int) -> dict[str, Any]:
    """The page, reading the mail of somebody who is none of the townspeople: one only reads there."""
    page = _page(network, "")
    letters = network.office.of(box, INBOX)
    return {
        **page,
        "box": box,
        "is_colleague": _is_colleague(box),
        "talk": [_mail(each, now) for each in letters],
        "chosen": "",
    }


def _page(
    network: Network, chosen: str, problem: str = "", draft: str = "", subject: str = "", mailbox: str = ""
) -> dict[str, Any]:
    people, now = _people(network), network.facebook.now()
    person = _person(network, chosen) or (people[0] if people else None)
    return {
        "desk_url": network.desk_url,
        "places": places(network),
        "people": [_other(network, each, person, now) for each in people],
        "person": person and {"name": person.name, "initials": initials(person.name)},
        "address": writing.address_of(person.username) if person else "",
        "chosen": person.username if person else "",
        "talk": [_mail(each, now) for each in _letters(network, person)] if person else [],
        "colleagues": [each for each in _others(network) if _is_colleague(each)],
        "elsewhere": [each for each in _others(network) if not _is_colleague(each)],
        "box": "",
        "problem": problem,
        "draft": draft,
        "subject": subject,
        "mailbox": mailbox or writing.DESK,
        "imap_port": network.office.imap_port,
        "smtp_port": network.office.smtp_port,
        "password": PASSWORD,
        "now": when(now),
        "now_iso": iso(now),
    }


def _letters(network: Network, person: User) -> list[Letter]:
    return network.office.of(writing.address_of(person.username))


def _other(network: Network, each: User, person: User | None, now: int) -> dict[str, Any]:
    letters = _letters(network, each)
    last = letters[-1] if letters else None
    ms = int(last.at * 1000) if last else 0
    return {
        "username": each.username,
        "name": each.name,
        "initials": initials(each.name),
        "current": each is person,
        "age": age(now - ms, ms) if last else "",
        "said": _in_short(writing.own_words(writing.read(last)))[:60] if last else "",
    }


def _in_short(said: str) -> str:
    """Without the line above which one answers."""
    return said.partition("\n")[2].strip() if said.startswith("—") else said


def _mail(letter: Letter, now: int) -> dict[str, Any]:
    message = writing.read(letter)
    ms = int(letter.at * 1000)
    said = writing.own_words(message) if letter.folder == SENT else writing.words(message)
    return {
        "number": letter.number,
        "own": letter.folder != SENT,
        "subject": str(message.get("Subject", "")),
        "sender": str(message.get("From", "")),
        "said": said,
        "lang": language_of(said),
        "iso": iso(ms),
        "when": when(ms),
        "age": age(now - ms, ms),
    }
