"""Who looks at what, and what each of them is told. No socket and no database: `Live` brings both.

A page says which references it shows and which one it has open. That counts once PostgreSQL has said that its reader
may see them (`Pending.asked`), and no longer than that: what was decided is asked again with each change and each
`Live.recheck`. So nobody is told of a ticket that they do not see, whatever their page claims.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from servicedesk.live.door import Entrant
from tickets.selectors_live import Seen, Sight

#: Pages that are asked in one turn to look at everything again: each of them asks the web process.
LOOKS_AT_ONCE = 50
#: Of more tickets than these a page looks at everything again instead of reading which.
MOST_CHANGED = 200
LOOK = '{"look":true}'
BELL = '{"bell":true}'


@dataclass(eq=False, slots=True)
class Page:
    """An open page of somebody who works here. shown: what a queue shows; None for a page that has not said it is one.
    opened: the ticket whose page it is. seen: of these, what its reader may see. told: who it was told is there."""

    socket: Any
    entrant: Entrant
    shown: frozenset[str] | None = None
    opened: str = ""
    writing: bool = False
    seen: set[str] = field(default_factory=set)
    told: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def user_id(self) -> int:
        return self.entrant.user_id

    @property
    def is_queue(self) -> bool:
        """Whether it is told of every ticket that its reader sees: one that it does not show may come to it."""
        return bool(self.shown) or (self.shown is not None and not self.opened)

    def shows(self, reference: str) -> bool:
        return reference == self.opened or (self.shown is not None and reference in self.shown)


@dataclass(eq=False, slots=True)
class Guest:
    """An open window of a chat's visitor."""

    socket: Any
    visitor_id: int


#: One frame to several windows.
Send: TypeAlias = Callable[[Iterable[Page | Guest], str], None]


@dataclass(slots=True)
class Pending:
    """What is to be told with the next turn. asked: references that a page shows anew. here: where the list of who is
    there may be another."""

    tickets: set[int] = field(default_factory=set)
    typing: set[int] = field(default_factory=set)
    here: set[str] = field(default_factory=set)
    asked: dict[Page, set[str]] = field(default_factory=dict)
    bells: set[int] = field(default_factory=set)
    looks: dict[Page | Guest, None] = field(default_factory=dict)
    visitors: set[int] = field(default_factory=set)
    agents: dict[int, str] = field(default_factory=dict)

    @property
    def references(self) -> set[str]:
        return self.here.union(*self.asked.values())

    @property
    def needs_sight(self) -> bool:
        return bool(self.tickets or self.typing or self.here or self.asked)

    @property
    def is_something(self) -> bool:
        return self.needs_sight or bool(self.bells or self.looks or self.visitors or self.agents)

    def again(self, failed: Pending) -> None:
        """What could not be asked, beside what has come since. Who types is no news any more."""
        self.tickets |= failed.tickets
        self.here |= failed.here
        for page, references in failed.asked.items():
            self.asked.setdefault(page, set()).update(references)


class Rooms:
    def __init__(self) -> None:
        self.pages: dict[int, set[Page]] = defaultdict(set)
        self.guests: dict[int, set[Guest]] = defaultdict(set)
        self.looking: dict[str, set[Page]] = defaultdict(set)
        self.pending = Pending()

    # -- who comes, goes, and turns to something else ---------------------------------------------------------------
    def enter(self, page: Page) -> None:
        self.pages[page.user_id].add(page)

    def leave(self, page: Page) -> str:
        """The reference at which it is missed now, or ''. Telling that is the caller's: a page that is loaded anew is
        there again within a second."""
        _discard(self.pages, page.user_id, page)
        missed = page.opened if page.opened in page.seen else ""
        page.shown, page.opened = None, ""
        for reference in list(page.seen):
            self._forget(page, reference)
        self.pending.asked.pop(page, None)
        self.pending.looks.pop(page, None)
        return missed

    def show(self, page: Page, references: Iterable[str]) -> None:
        page.shown = frozenset(references)
        self._turned(page, page.shown)

    def open(self, page: Page, reference: str, *, writing: bool) -> None:
        if (page.opened, page.writing) == (reference, writing):
            return
        before, page.opened, page.writing = page.opened, reference, writing
        if before in page.seen:
            self.pending.here.add(before)
        self._turned(page, {reference} if reference else set())
        if reference in page.seen:
            self.pending.here.add(reference)

    def _turned(self, page: Page, to: Collection[str]) -> None:
        for reference in [one for one in page.seen if not page.shows(one)]:
            self._forget(page, reference)
        if new := {one for one in to if one not in page.seen}:
            self.pending.asked.setdefault(page, set()).update(new)

    def _forget(self, page: Page, reference: str) -> None:
        page.seen.discard(reference)
        page.told.pop(reference, None)
        _discard(self.looking, reference, page)
        if page.opened == reference:
            self.pending.here.add(reference)

    def ask_again(self) -> None:
        """Whether everybody may still see what they were found to see."""
        for page in self.every_page():
            if page.seen:
                self.pending.asked.setdefault(page, set()).update(page.seen)

    def look(self) -> None:
        """Something may have been missed: everything is to be looked at."""
        self.pending.looks.update(dict.fromkeys(self.every_page()))
        self.pending.looks.update(dict.fromkeys(self.every_guest()))

    def welcome(self, guest: Guest) -> None:
        self.guests[guest.visitor_id].add(guest)

    def farewell(self, guest: Guest) -> None:
        _discard(self.guests, guest.visitor_id, guest)
        self.pending.looks.pop(guest, None)

    def every_page(self) -> Iterator[Page]:
        for pages in list(self.pages.values()):
            yield from list(pages)

    def every_guest(self) -> Iterator[Guest]:
        for guests in list(self.guests.values()):
            yield from list(guests)

    # -- what they are told ----------------------------------------------------------------------------------------
    def take(self) -> Pending:
        """What is to be told now; of those who look at everything again only some, the others with the next turn."""
        taken, self.pending = self.pending, Pending()
        for one in list(taken.looks)[LOOKS_AT_ONCE:]:
            del taken.looks[one]
            self.pending.looks[one] = None
        return taken

    def tell_of_them(self, taken: Pending, send: Send) -> None:
        """What is about people and windows, whatever they see of tickets."""
        if bells := [page for pk in taken.bells for page in self.pages.get(pk, ())]:
            send(bells, BELL)
        looks = taken.looks | dict.fromkeys(
            guest for pk in taken.visitors for guest in self.guests.get(pk, ())
        )
        if looks:
            send(looks, LOOK)
        for pk, name in taken.agents.items():
            if guests := self.guests.get(pk):
                send(guests, _worded({"typing": name}))

    def tell_of_tickets(self, taken: Pending, sight: Sight, send: Send) -> None:
        """To all whom it concerns as they look now: some may have gone while PostgreSQL was asked."""
        by_reference = {ticket.reference: ticket for ticket in sight.tickets}
        by_id = {ticket.pk: ticket for ticket in sight.tickets}
        fresh = self._look_in(taken, sight, by_reference)
        changed = [by_id[pk] for pk in sorted(taken.tickets) if pk in by_id]
        self._lose(changed, sight)
        self._tell_changed(changed, sight, send)
        self._tell_here(taken.here, fresh, by_reference, sight, send)
        self._tell_typing([by_id[pk] for pk in sorted(taken.typing) if pk in by_id], sight, send)

    def _look_in(
        self, taken: Pending, sight: Sight, by_reference: Mapping[str, Seen]
    ) -> dict[Page, set[str]]:
        """What pages show anew and may see; by page."""
        fresh: dict[Page, set[str]] = {}
        for page, references in taken.asked.items():
            for reference in references:
                ticket = by_reference.get(reference)
                if ticket is None or page.user_id not in sight.viewers(ticket):
                    if reference in page.seen:
                        self._forget(page, reference)
                        self.pending.looks[page] = None
                elif page.shows(reference) and reference not in page.seen:
                    page.seen.add(reference)
                    self.looking[reference].add(page)
                    fresh.setdefault(page, set()).add(reference)
                    if reference == page.opened:
                        taken.here.add(reference)
        return fresh

    def _lose(self, changed: Iterable[Seen], sight: Sight) -> None:
        """Whose page shows what they may see no longer: not which, but that they look."""
        for ticket in changed:
            viewers = sight.viewers(ticket)
            for page in list(self.looking.get(ticket.reference, ())):
                if page.user_id not in viewers:
                    self._forget(page, ticket.reference)
                    self.pending.looks[page] = None

    def _tell_changed(self, changed: Collection[Seen], sight: Sight, send: Send) -> None:
        if not changed:
            return
        everybodys = [ticket for ticket in changed if ticket.by is None]
        of_teams: dict[int, list[Seen]] = {}
        for ticket in changed:
            for pk in ticket.by or ():
                of_teams.setdefault(pk, []).append(ticket)
        queues: dict[tuple[str, ...], list[Page]] = {}
        tickets: dict[str, list[Page]] = {}
        by_key: dict[tuple[str, ...], list[Seen]] = {}
        for pk in sight.active if everybodys else of_teams:
            theirs = everybodys + of_teams.get(pk, [])
            key = tuple(ticket.reference for ticket in theirs)
            by_key[key] = theirs
            for page in self.pages.get(pk, ()):
                if page.is_queue:
                    queues.setdefault(key, []).append(page)
                elif page.opened in key:
                    tickets.setdefault(page.opened, []).append(page)
        for key, pages in queues.items():
            if len(key) > MOST_CHANGED:
                self.pending.looks.update(dict.fromkeys(pages))
            else:
                send(pages, _changed(by_key[key]))
        for ticket in changed:
            if pages := tickets.get(ticket.reference, []):
                send(pages, _changed([ticket]))

    def _tell_here(
        self,
        references: Iterable[str],
        fresh: Mapping[Page, Collection[str]],
        by_reference: Mapping[str, Seen],
        sight: Sight,
        send: Send,
    ) -> None:
        wanted: dict[Page, set[str]] = {page: set(some) for page, some in fresh.items()}
        for reference in references:
            for page in self.looking.get(reference, ()):
                wanted.setdefault(page, set()).add(reference)
        frames: dict[str, list[Page]] = {}
        for page, some in wanted.items():
            told = {}
            for reference in sorted(some & page.seen):
                ticket = by_reference.get(reference)
                if ticket is None or page.user_id not in sight.viewers(ticket):
                    continue
                people = self._people(ticket, sight, but=page.user_id)
                if people != page.told.get(reference, ()):
                    page.told[reference] = people
                    told[reference] = [
                        {"name": name, "initials": initials, "writing": writing}
                        for name, initials, writing in people
                    ]
            if told:
                frames.setdefault(_worded({"here": told}), []).append(page)
        for frame, pages in frames.items():
            send(pages, frame)

    def _people(self, ticket: Seen, sight: Sight, *, but: int) -> tuple[tuple[str, str, bool], ...]:
        """Who has it open and may see it: name, initials, whether they write; by name."""
        writing: dict[Entrant, bool] = {}
        viewers = sight.viewers(ticket)
        for page in self.looking.get(ticket.reference, ()):
            if page.opened == ticket.reference and page.user_id != but and page.user_id in viewers:
                one = next((known for known in writing if known.user_id == page.user_id), page.entrant)
                writing[one] = writing.get(one, False) or page.writing
        return tuple(sorted((one.name, one.initials, is_writing) for one, is_writing in writing.items()))

    def _tell_typing(self, tickets: Iterable[Seen], sight: Sight, send: Send) -> None:
        by_page: dict[Page, list[str]] = {}
        for ticket in tickets:
            for page in self.looking.get(ticket.reference, ()):
                if page.user_id in sight.viewers(ticket):
                    by_page.setdefault(page, []).append(ticket.reference)
        for page, references in by_page.items():
            send([page], _worded({"typing": references}))


def _changed(tickets: Iterable[Seen]) -> str:
    return _worded({"changed": [[ticket.reference, ticket.version] for ticket in tickets]})


def _worded(frame: Mapping[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _discard(kept: dict[Any, set[Any]], key: Any, one: Any) -> None:
    some = kept.get(key)
    if some is not None:
        some.discard(one)
        if not some:
            del kept[key]
