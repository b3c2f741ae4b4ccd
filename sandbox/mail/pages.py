"""A townsperson's mail in a browser: what they wrote to the desk and what came back. Works without a script."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sandbox import paper
from sandbox.ids import iso
from sandbox.mail import writing
from sandbox.mail.office import INBOX, SENT, NoSuchPlace
from sandbox.mail.records import Letter
from sandbox.network import Network
from sandbox.records import User
from sandbox.saying import age, initials, when
from sandbox.tongue import language_of
from sandbox.wire import Reply, Request

MOST = 20_000


def answer(network: Network, request: Request) -> Reply | None:
    """None when the path is none of ours."""
    if request.path != "/mail" or not network.office.smtp_port:
        return None
    if request.method == "GET":
        box = request.query.get("box", "")
        if box in _colleagues(network):
            return paper.html(200, "mail.html", _of_colleague(network, box, network.facebook.now()))
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
            answers=answers,
        )
        network.office.deliver(bytes(mail), writing.recipients(mail))
        network.office.put(writing.address_of(person.username), SENT, bytes(mail), ["\\Seen"])
    except (NoSuchPlace, ValueError) as problem:
        return paper.html(400, "mail.html", _page(network, chosen, str(problem), said, subject))
    return Reply(303, headers={"Location": f"/mail?as={quote(person.username)}#latest"})


def _sender(network: Network, chosen: str, said: str) -> User:
    person = _person(network, chosen)
    if person is None:
        raise ValueError("There is nobody of that name in town.")
    if not said or len(said) > MOST:
        raise ValueError(f"Say something first, in at most {MOST} characters.")
    return person


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


def _colleagues(network: Network) -> list[str]:
    """Addresses of the town hall to which mail came that is no caller's: of those who work there."""
    found = {
        each.box
        for each in network.office.letters.values()
        if each.folder == INBOX and each.box.endswith(f"@{writing.TOWN_HALL}") and each.box != writing.DESK
    }
    return sorted(found)


def _of_colleague(network: Network, box: str, now: int) -> dict[str, Any]:
    """The page, reading the mail of somebody who works at the town hall: one only reads there."""
    page = _page(network, "")
    letters = network.office.of(box, INBOX)
    return {**page, "box": box, "talk": [_mail(each, now) for each in letters], "chosen": ""}


def _page(
    network: Network, chosen: str, problem: str = "", draft: str = "", subject: str = ""
) -> dict[str, Any]:
    people, now = _people(network), network.facebook.now()
    person = _person(network, chosen) or (people[0] if people else None)
    return {
        "desk_url": network.desk_url,
        "desk": writing.DESK,
        "people": [_other(network, each, person, now) for each in people],
        "person": person and {"name": person.name, "initials": initials(person.name)},
        "address": writing.address_of(person.username) if person else "",
        "chosen": person.username if person else "",
        "talk": [_mail(each, now) for each in _letters(network, person)] if person else [],
        "colleagues": _colleagues(network),
        "box": "",
        "problem": problem,
        "draft": draft,
        "subject": subject,
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
        "said": writing.own_words(writing.read(last))[:60] if last else "",
    }


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
