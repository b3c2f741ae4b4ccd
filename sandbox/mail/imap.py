"""The way out: as much of IMAP4rev1 (RFC 3501) as a mail program needs to read a mailbox, with IDLE (RFC 2177), MOVE
(RFC 6851) and UIDPLUS's expunge. One thread a connection; what is not known is answered with BAD.
"""

from __future__ import annotations

import base64
import binascii
import re
import socketserver
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes

from sandbox.mail.office import FOLDERS, LARGEST, PASSWORD, NoSuchPlace, Office
from sandbox.mail.records import Letter

CAPABILITIES = "IMAP4rev1 AUTH=PLAIN SASL-IR IDLE MOVE UIDPLUS"
_LITERAL = re.compile(rb"\{([0-9]{1,9})(\+?)\}\r?\n$")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|\(|\)|[^\s()"]+')
_PART = re.compile(r"BODY(\.PEEK)?\[\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)


class Bad(Exception):
    """A command that is none, or at the wrong time."""


class No(Exception):
    """A command that cannot be done."""


class Server(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1 only."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, office: Office, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Talk)
        self.office = office
        self.stopping = threading.Event()
        office.imap_port = self.server_address[1]


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: Server
    timeout = 1900
    box = ""
    folder = ""
    shown: Sequence[int] = ()

    @property
    def office(self) -> Office:
        return self.server.office

    def handle(self) -> None:
        self._say(f"* OK [CAPABILITY {CAPABILITIES}] the post office of Merendam")
        try:
            while (line := self._line()) is not None and self._command(line):
                pass
        except OSError:
            return

    def _command(self, line: bytes) -> bool:
        """False: they have said goodbye."""
        tag, _, rest = line.decode("utf-8", "surrogateescape").strip().partition(" ")
        name, _, told = rest.partition(" ")
        by_uid = name.upper() == "UID"
        if by_uid:
            name, _, told = told.partition(" ")
        name = name.upper()
        try:
            done = self._does(name, by_uid=by_uid)(self, told.strip())
        except Bad as error:
            self._say(f"{tag} BAD {error}")
        except No as error:
            self._say(f"{tag} NO {error}")
        else:
            self._say(f"{tag} OK {done or name + ' done'}")
        return name != "LOGOUT"

    def _does(self, name: str, *, by_uid: bool) -> _Does:
        does = _DOES.get(("UID " if by_uid else "") + name)
        if does is None:
            raise Bad(f"{name} is not known here")
        if name not in _BEFORE and not self.box:
            raise Bad("sign in first")
        return does

    # -- lines
    def _line(self) -> bytes | None:
        """One command, with the literals in it as quoted words."""
        whole = b""
        while True:
            line = self.rfile.readline(65_536)
            if not line:
                return None
            literal = _LITERAL.search(line)
            if literal is None:
                return whole + line
            size = int(literal[1])
            if size > LARGEST:
                return None
            if not literal[2]:
                self._say("+ go on")
            body = self.rfile.read(size)
            self._literal = body
            whole += line[: literal.start()] + (_quoted(body) if size < 4_000 else b'"literal"')

    _literal: bytes = b""

    def _say(self, *lines: str) -> None:
        self.wfile.write(b"".join(f"{line}\r\n".encode("utf-8", "surrogateescape") for line in lines))
        self.wfile.flush()

    # -- signing in
    def capability(self, told: str) -> str:
        self._say(f"* CAPABILITY {CAPABILITIES}")
        return ""

    def login(self, told: str) -> str:
        words = _words(told)
        if len(words) != 2:
            raise Bad("LOGIN user password")
        return self._enter(*words)

    def authenticate(self, told: str) -> str:
        how, _, given = told.partition(" ")
        if how.upper() != "PLAIN":
            raise No("[CANNOT] PLAIN only")
        if not given:
            self._say("+ ")
            given = (self._line() or b"").decode("ascii", "replace").strip()
        try:
            _, user, password = base64.b64decode(given).decode("utf-8").split("\0")
        except (binascii.Error, ValueError) as error:
            raise Bad("not as PLAIN is written") from error
        return self._enter(user, password)

    def _enter(self, user: str, password: str) -> str:
        try:
            box = self.office.box_of(user)
        except NoSuchPlace as error:
            raise No(f"[AUTHENTICATIONFAILED] {error}") from error
        if password != PASSWORD:
            raise No("[AUTHENTICATIONFAILED] user or password is wrong")
        self.box = box
        return f"[CAPABILITY {CAPABILITIES}] signed in"

    def logout(self, told: str) -> str:
        self._say("* BYE goodbye")
        return ""

    # -- folders
    def list_folders(self, told: str) -> str:
        marks = {"Sent": "\\Sent", "Archive": "\\Archive"}
        self._say(*(f'* LIST (\\HasNoChildren {marks.get(each, "")}) "/" "{each}"' for each in FOLDERS))
        return ""

    def create(self, told: str) -> str:
        raise No("[CANNOT] the folders are given: " + ", ".join(FOLDERS))

    def select(self, told: str) -> str:
        self.folder = self._folder(told)
        letters = self._letters()
        self.shown = [each.number for each in letters]
        self._say(
            "* FLAGS (\\Seen \\Deleted \\Answered \\Flagged \\Draft)",
            f"* {len(letters)} EXISTS",
            "* 0 RECENT",
            f"* OK [UIDVALIDITY {self.office.validity}] valid",
            f"* OK [UIDNEXT {max(self.office.letters, default=0) + 1}] next",
        )
        return "[READ-WRITE] open"

    def examine(self, told: str) -> str:
        return self.select(told).replace("READ-WRITE", "READ-ONLY")

    def status(self, told: str) -> str:
        name = self._folder(_words(told)[0])
        letters = self.office.of(self.box, name)
        unseen = sum("\\Seen" not in each.flags for each in letters)
        self._say(
            f'* STATUS "{name}" (MESSAGES {len(letters)} UIDNEXT {max(self.office.letters, default=0) + 1} '
            f"UIDVALIDITY {self.office.validity} UNSEEN {unseen})"
        )
        return ""

    def _folder(self, told: str) -> str:
        named = (_words(told) or [""])[0]
        found = next((each for each in FOLDERS if each.lower() == named.lower()), None)
        if found is None:
            raise No("[NONEXISTENT] there is no such folder")
        return found

    def _letters(self) -> list[Letter]:
        return self.office.of(self.box, self.folder)

    # -- mails
    def noop(self, told: str) -> str:
        if self.folder:
            self._tell()
        return ""

    def _tell(self) -> None:
        """What came and went since they were last told."""
        now = [each.number for each in self._letters()]
        for place in range(len(self.shown), 0, -1):
            if self.shown[place - 1] not in now:
                self._say(f"* {place} EXPUNGE")
        if set(now) - set(self.shown):
            self._say(f"* {len(now)} EXISTS")
        self.shown = now

    def idle(self, told: str) -> str:
        """Until they say DONE; what comes is told at once."""
        self._say("+ waiting")
        done = threading.Event()

        def listen() -> None:
            self.rfile.readline(100)
            done.set()

        threading.Thread(target=listen, daemon=True).start()
        while not done.is_set() and not self.server.stopping.is_set():
            self.office.wait(
                lambda: done.is_set() or [each.number for each in self._letters()] != self.shown, 0.2
            )
            if not done.is_set():
                self._tell()
        return "waited"

    def uid_search(self, told: str) -> str:
        fits = _criteria(_tokens(told), [each.number for each in self._letters()])
        found = [str(each.number) for each in self._letters() if fits(each)]
        self._say(" ".join(["* SEARCH", *found]))
        return ""

    def uid_fetch(self, told: str) -> str:
        uids, _, parts = told.partition(" ")
        letters = self._letters()
        wanted = _set(uids, [each.number for each in letters])
        part = _PART.search(parts)
        for place, letter in enumerate(letters, 1):
            if letter.number not in wanted:
                continue
            told_of = [f"UID {letter.number}", f"FLAGS ({' '.join(letter.flags)})"]
            told_of += [f"RFC822.SIZE {len(letter.body)}", f'INTERNALDATE "{_date(letter.at)}"']
            head = f"* {place} FETCH ({' '.join(told_of)}"
            if part is None:
                self._say(f"{head})")
                continue
            body = letter.body
            label = "BODY[]"
            if part[2] is not None:
                body, label = body[int(part[2]) : int(part[2]) + int(part[3])], f"BODY[]<{part[2]}>"
            self.wfile.write(f"{head} {label} {{{len(body)}}}\r\n".encode() + body + b")\r\n")
            self.wfile.flush()
            if not part[1]:
                self.office.flag(letter, [*letter.flags, "\\Seen"])
        return ""

    def uid_store(self, told: str) -> str:
        uids, _, rest = told.partition(" ")
        how, _, flags = rest.partition(" ")
        given = {f"\\{each.title()}" for each in re.findall(r"\\([A-Za-z]+)", flags)}
        for letter in self._of(uids):
            was = set(letter.flags)
            now = was | given if how.startswith("+") else was - given if how.startswith("-") else given
            self.office.flag(letter, now)
        return ""

    def uid_move(self, told: str) -> str:
        uids, _, to = told.partition(" ")
        folder = self._folder(to)
        for letter in self._of(uids):
            self.office.move(letter, folder)
        self._tell()
        return ""

    def uid_copy(self, told: str) -> str:
        uids, _, to = told.partition(" ")
        folder = self._folder(to)
        for letter in self._of(uids):
            self.office.put(self.box, folder, letter.body, letter.flags)
        return ""

    def uid_expunge(self, told: str) -> str:
        for letter in self._of(told):
            if "\\Deleted" in letter.flags:
                self.office.remove(letter)
        self._tell()
        return ""

    def append(self, told: str) -> str:
        folder = self._folder(told)
        letter = self.office.put(self.box, folder, self._literal, ["\\Seen"])
        return f"[APPENDUID {self.office.validity} {letter.number}] kept"

    def _of(self, uids: str) -> Iterator[Letter]:
        letters = self._letters()
        wanted = _set(uids, [each.number for each in letters])
        yield from (each for each in letters if each.number in wanted)


_Does = Callable[[Talk, str], str]
_BEFORE = frozenset({"CAPABILITY", "LOGIN", "AUTHENTICATE", "LOGOUT", "NOOP"})
_DOES: dict[str, _Does] = {
    "CAPABILITY": Talk.capability,
    "LOGIN": Talk.login,
    "AUTHENTICATE": Talk.authenticate,
    "LOGOUT": Talk.logout,
    "NOOP": Talk.noop,
    "CHECK": Talk.noop,
    "LIST": Talk.list_folders,
    "CREATE": Talk.create,
    "SELECT": Talk.select,
    "EXAMINE": Talk.examine,
    "STATUS": Talk.status,
    "IDLE": Talk.idle,
    "APPEND": Talk.append,
    "UID SEARCH": Talk.uid_search,
    "UID FETCH": Talk.uid_fetch,
    "UID STORE": Talk.uid_store,
    "UID MOVE": Talk.uid_move,
    "UID COPY": Talk.uid_copy,
    "UID EXPUNGE": Talk.uid_expunge,
}


class _Criteria:
    """The keys of a search, one after the other; each is a question about a letter."""

    def __init__(self, words: list[str], numbers: Sequence[int]) -> None:
        self.words, self.numbers = words, numbers

    def all(self) -> Callable[[Letter], bool]:
        keys = []
        while self.words:
            keys.append(self.one())
        return lambda letter: all(key(letter) for key in keys)

    def one(self) -> Callable[[Letter], bool]:
        word = self._next().upper()
        if word == "ALL":
            return lambda _: True
        if word in ("SEEN", "UNSEEN"):
            return lambda letter: ("\\Seen" in letter.flags) == (word == "SEEN")
        if word == "UID":
            wanted = _set(self._next(), self.numbers)
            return lambda letter: letter.number in wanted
        if word == "SINCE":
            since = datetime.strptime(self._next(), "%d-%b-%Y").replace(tzinfo=UTC).timestamp()
            return lambda letter: letter.at >= since
        if word == "HEADER":
            name, value = self._next(), self._next().lower()
            return lambda letter: value in str(message_from_bytes(letter.body).get(name, "")).lower()
        if word == "OR":
            first, second = self.one(), self.one()
            return lambda letter: first(letter) or second(letter)
        if word == "NOT":
            other = self.one()
            return lambda letter: not other(letter)
        raise Bad(f"a search by {word} is not known here")

    def _next(self) -> str:
        if not self.words:
            raise Bad("the search ends too soon")
        return self.words.pop(0)


def _criteria(words: list[str], numbers: Sequence[int]) -> Callable[[Letter], bool]:
    try:
        return _Criteria(words, numbers).all()
    except ValueError as error:
        raise Bad(str(error)) from error


def _set(told: str, numbers: Sequence[int]) -> set[int]:
    """1:3,7,9:* of the numbers that there are."""
    last = max(numbers, default=0)
    found: set[int] = set()
    for piece in told.split(","):
        first, _, end = piece.partition(":")
        try:
            low = last if first == "*" else int(first)
            high = low if not end else last if end == "*" else int(end)
        except ValueError as error:
            raise Bad(f"{piece} is no set of numbers") from error
        low, high = min(low, high), max(low, high)
        found |= {each for each in numbers if low <= each <= high}
    return found


def _tokens(told: str) -> list[str]:
    return [
        hit[1].replace('\\"', '"').replace("\\\\", "\\") if hit[0].startswith('"') else hit[0]
        for hit in _WORD.finditer(told)
        if hit[0] not in "()"
    ]


_words = _tokens


def _quoted(body: bytes) -> bytes:
    return (
        b'"'
        + body.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\r", b" ").replace(b"\n", b" ")
        + b'"'
    )


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d-%b-%Y %H:%M:%S +0000")


def start(office: Office, port: int = 0) -> Server:
    """Listens on 127.0.0.1; `office.imap_port` says where. Raises OSError where the port is taken."""
    server = Server(office, port)
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="imap", daemon=True
    ).start()
    return server


def stop(server: Server) -> None:
    server.stopping.set()
    server.shutdown()
    server.server_close()
