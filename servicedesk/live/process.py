"""Sockets, Redis and PostgreSQL around `Rooms`. One event loop; what asks PostgreSQL does so in a few threads.

Changes are told together, `TURN` seconds apart, the first after a rest at once. Pages are pinged; one that does not
answer is gone within `PING_EVERY + GONE_AFTER` seconds, and whoever had it open with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import resource
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from socket import SO_LINGER, SO_SNDBUF, SOL_SOCKET
from struct import pack
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.db import Error, close_old_connections
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from channels_social.visitors import visitors_seen
from servicedesk.live import door, frames, guests
from servicedesk.live.door import Entrant
from servicedesk.live.frames import Bucket, Unfit
from servicedesk.live.hearing import Hearing
from servicedesk.live.rooms import Guest, Page, Rooms
from tickets.clock import database_now
from tickets.news import News
from tickets.selectors_live import sight
from tickets.services.presence import staff_seen

log = logging.getLogger(__name__)

STAFF, GUESTS, HEALTH = "/ws", "/ws/chat", "/healthz"
#: Seconds between two turns. With the pause of whoever publishes (`wake.NEWS_PAUSE`) it is a quarter of a second.
TURN = 0.23
PING_EVERY, GONE_AFTER = 10.0, 15.0
#: Who left is missed after this: a page that is loaded anew is back by then.
MISSED_AFTER = 1.5
#: That people and visitors are here is written down so often; whether they still may be is asked so often.
SEEN_EVERY, RECHECK_EVERY = 15.0, 20.0
#: After an error of PostgreSQL.
DATABASE_PAUSE = 1.0
#: Open windows of one person, of one visitor, and those that have not said yet whose they are.
PAGES_MOST, WINDOWS_MOST, UNPROVEN_MOST = 30, 5, 200
#: Of all visitors together; at most three quarters of what the process may open, so that staff always come in.
GUESTS_MOST = 5_000
#: Seconds for a visitor's first frame, and between two notes that they type.
TOKEN_WITHIN, TYPES_EVERY = 5.0, 2.0
#: Bytes that a page has not read, from which on it is dropped: it comes again and looks at everything.
UNREAD_MOST = 64 * 1024
THREADS = 3
#: Files that the process needs for itself.
OWN_FILES = 50

P = ParamSpec("P")
R = TypeVar("R")


class Live:
    """Made and run in an event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.rooms = Rooms()
        self.something = asyncio.Event()
        self.is_away = True
        self.unproven = 0
        self.guests = 0
        self.typing: set[int] = set()
        self.admitted: WeakKeyDictionary[ServerConnection, Entrant] = WeakKeyDictionary()
        self.closing: set[asyncio.Task[None]] = set()
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        self.most = _files_allowed() - OWN_FILES

    async def run(
        self, host: str, port: int, *, stopped: asyncio.Event, ready: Callable[[int], None]
    ) -> None:
        """Until `stopped`. `ready` is told the port. Raises OSError where it cannot be had."""
        hearing = Hearing(self._from_thread(self._hear), self._from_thread(self._here))
        async with (
            serve(
                self._meet,
                host,
                port,
                process_request=self._admit,
                compression=None,
                max_size=frames.MOST_BYTES,
                max_queue=4,
                # Never paused: who does not read is dropped before (`UNREAD_MOST`).
                write_limit=UNREAD_MOST * 16,
                ping_interval=PING_EVERY,
                ping_timeout=GONE_AFTER,
                open_timeout=10,
                close_timeout=2,
                server_header=None,
                logger=logging.getLogger("servicedesk.live.sockets"),
            ) as server,
            asyncio.TaskGroup() as group,
        ):
            work = [
                group.create_task(self._turns()),
                group.create_task(self._every(SEEN_EVERY, self.seen)),
                group.create_task(self._every(RECHECK_EVERY, self.recheck)),
            ]
            ready(server.sockets[0].getsockname()[1])
            await stopped.wait()
            hearing.stop()
            for one in work:
                one.cancel()
            # Pages connect again by themselves; nobody waits for the slowest.
            for socket in server.connections:
                socket.transport.close()

    # -- PostgreSQL, Redis ------------------------------------------------------------------------------------------
    async def _ask(self, call: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
        return await self.loop.run_in_executor(self.pool, partial(_with_connection, call, *given, **named))

    def _from_thread(self, call: Callable[[R], None]) -> Callable[[R], None]:
        def called(given: R) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self.loop.call_soon_threadsafe(call, given)

        return called

    def _hear(self, told: News) -> None:
        pending = self.rooms.pending
        pending.tickets.update(told.get("tickets", ()))
        pending.typing.update(told.get("visitor_typing", ()))
        pending.bells.update(told.get("users", ()))
        pending.visitors.update(told.get("visitors", ()))
        pending.agents.update(told.get("agent_typing", {}))
        if "look" in told:
            self.rooms.look()
        self.something.set()

    def _here(self, is_here: bool) -> None:
        """Redis is there, over a line that may have missed something, or away."""
        if self.is_away == is_here:
            self.is_away = not is_here
            self._send([*self.rooms.every_page(), *self.rooms.every_guest()], _away(self.is_away))
        if is_here:
            self.rooms.look()
            self.something.set()

    # -- turns ------------------------------------------------------------------------------------------------------
    async def _turns(self) -> None:
        while True:
            await self.something.wait()
            self.something.clear()
            ends = self.loop.time() + TURN
            await self.turn()
            if self.rooms.pending.is_something:
                self.something.set()
            await asyncio.sleep(ends - self.loop.time())

    async def turn(self) -> None:
        """Tell all of what has come."""
        taken = self.rooms.take()
        self.rooms.tell_of_them(taken, self._send)
        typing, self.typing = self.typing, set()
        try:
            if typing:
                await self._ask(guests.guests_type, typing)
            if taken.needs_sight and self.rooms.pages:
                ids, viewers = taken.tickets | taken.typing, list(self.rooms.pages)
                seen = await self._ask(sight, viewers, ids=ids, references=taken.references)
                self.rooms.tell_of_tickets(taken, seen, self._send)
        except Error as trouble:
            log.warning("the database does not answer: %s", type(trouble).__name__)
            self.rooms.pending.again(taken)
            await asyncio.sleep(DATABASE_PAUSE)

    def _send(self, windows: Iterable[Page | Guest], frame: str) -> None:
        sockets = []
        for one in windows:
            if one.socket.transport.get_write_buffer_size() > UNREAD_MOST:
                _cut(one.socket)
            else:
                sockets.append(one.socket)
        broadcast(sockets, frame)

    # -- chores -----------------------------------------------------------------------------------------------------
    async def _every(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await do()
            except Error as trouble:
                log.warning("the database does not answer: %s", type(trouble).__name__)

    async def seen(self) -> None:
        """That people and visitors are here."""
        if people := list(self.rooms.pages):
            await self._ask(lambda: staff_seen(people, now=database_now()))
        if visitors := list(self.rooms.guests):
            await self._ask(lambda: visitors_seen(visitors, now=database_now()))

    async def recheck(self) -> None:
        """Whoever is signed out, blocked or gone loses their sockets; the others' tickets are asked about again."""
        pages = list(self.rooms.every_page())
        entrants = {page.entrant for page in pages}
        still = await self._ask(lambda: door.still_in(entrants, now=database_now()))
        for page in pages:
            now = still.get(page.entrant)
            if now is not None:
                page.entrant = now
            else:
                self._close(page.socket, CloseCode.POLICY_VIOLATION, "signed out")
        known = list(self.rooms.guests)
        let_in = await self._ask(lambda: guests.still_guests(known, now=database_now())) if known else set()
        for visitor_id in set(known) - let_in:
            for guest in list(self.rooms.guests.get(visitor_id, ())):
                self._close(guest.socket, CloseCode.POLICY_VIOLATION, "not let in")
        self.rooms.ask_again()
        self.something.set()

    def _close(self, socket: ServerConnection, code: CloseCode, words: str) -> None:
        task = asyncio.create_task(socket.close(code, words))
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    # -- sockets ----------------------------------------------------------------------------------------------------
    async def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        """None for who may come in; else what they are told instead."""
        path = request.path.partition("?")[0]
        # What the kernel keeps for one that does not read.
        socket.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, UNREAD_MOST)
        if path == HEALTH:
            return socket.respond(HTTPStatus.OK, "ok\n")
        if path not in (STAFF, GUESTS):
            return socket.respond(HTTPStatus.NOT_FOUND, "There is nothing here.\n")
        origins = request.headers.get_all("Origin")
        if len(origins) != 1 or not door.origin_is_ours(origins[0]):
            return socket.respond(HTTPStatus.FORBIDDEN, "Only pages of this desk may connect.\n")
        if len(socket.server.connections) >= self.most:
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Too many are connected.\n")
        if path == GUESTS:
            if self.guests >= min(self.most * 3 // 4, GUESTS_MOST):
                return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Too many visitors are connected.\n")
            if self.unproven >= UNPROVEN_MOST:
                return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Too many are connecting.\n")
            return None
        key = door.session_key_of(request.headers.get_all("Cookie"))
        try:
            entrant = await self._ask(lambda: door.entrant_of(key, now=database_now()))
        except Error:
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer.\n")
        if entrant is None:
            return socket.respond(HTTPStatus.UNAUTHORIZED, "Sign in first.\n")
        if len(self.rooms.pages.get(entrant.user_id, ())) >= PAGES_MOST:
            return socket.respond(HTTPStatus.TOO_MANY_REQUESTS, "You have too many pages open.\n")
        self.admitted[socket] = entrant
        return None

    async def _meet(self, socket: ServerConnection) -> None:
        entrant = self.admitted.pop(socket, None)
        try:
            await (self._guest(socket) if entrant is None else self._page(socket, entrant))
        except Unfit as what:
            await socket.close(CloseCode.POLICY_VIOLATION, str(what))
        except ConnectionClosed:
            pass  # gone without a word, or pinged in vain

    async def _page(self, socket: ServerConnection, entrant: Entrant) -> None:
        page, bucket = Page(socket, entrant), Bucket()
        self.rooms.enter(page)
        if self.is_away:
            self._send([page], _away(True))
        try:
            async for message in socket:
                if not bucket.take():
                    raise Unfit("too much")
                frame = frames.read(message)
                if "show" in frame:
                    self.rooms.show(page, frames.shown_of(frame))
                if "open" in frame:
                    reference, writing = frames.open_of(frame)
                    self.rooms.open(page, reference, writing=writing)
                if self.rooms.pending.is_something:
                    self.something.set()
        finally:
            if missed := self.rooms.leave(page):
                self.loop.call_later(MISSED_AFTER, self._miss, missed)

    def _miss(self, reference: str) -> None:
        self.rooms.pending.here.add(reference)
        self.something.set()

    async def _guest(self, socket: ServerConnection) -> None:
        self.guests += 1
        try:
            await self._welcomed(socket)
        finally:
            self.guests -= 1

    async def _welcomed(self, socket: ServerConnection) -> None:
        bucket = Bucket()
        guest = await self._proven(socket)
        if guest is None:
            return
        self.rooms.welcome(guest)
        if self.is_away:
            self._send([guest], _away(True))
        # Since it was loaded something may have come. A page of ours asks that by itself.
        self.rooms.pending.looks[guest] = None
        self.something.set()
        typed = 0.0
        try:
            async for message in socket:
                if not bucket.take():
                    raise Unfit("too much")
                if frames.read(message).get("typing") is True and self.loop.time() - typed >= TYPES_EVERY:
                    typed = self.loop.time()
                    self.typing.add(guest.visitor_id)
                    self.something.set()
        finally:
            self.rooms.farewell(guest)

    async def _proven(self, socket: ServerConnection) -> Guest | None:
        """The visitor whose token comes first; None where it is nobody's, and then the socket is closed."""
        self.unproven += 1
        try:
            async with asyncio.timeout(TOKEN_WITHIN):
                token = frames.token_of(frames.read(await socket.recv()))
                visitor_id = await self._ask(lambda: guests.guest_of(token, now=database_now()))
        except TimeoutError:
            raise Unfit("token") from None
        except Error:
            await socket.close(CloseCode.TRY_AGAIN_LATER, "the database does not answer")
            return None
        finally:
            self.unproven -= 1
        if visitor_id is None:
            raise Unfit("token")
        if len(self.rooms.guests.get(visitor_id, ())) >= WINDOWS_MOST:
            raise Unfit("too many windows")
        return Guest(socket, visitor_id)


def _cut(socket: ServerConnection) -> None:
    """At once, and with it whatever the kernel still keeps for it."""
    socket.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
    socket.transport.abort()


def _away(is_away: bool) -> str:
    return json.dumps({"away": is_away}, separators=(",", ":"))


def _with_connection(call: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """In a thread of ours, whose connection outlives the call unless it broke."""
    close_old_connections()
    try:
        return call(*given, **named)
    finally:
        close_old_connections()


def _files_allowed() -> int:
    """As many as this process may ever have open; a socket is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
