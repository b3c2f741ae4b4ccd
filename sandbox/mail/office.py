"""The post office: mailboxes that exist as soon as something is sent to them, folders, and who waits for new mail."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterable

from sandbox.ids import Clock
from sandbox.journal import Journal
from sandbox.mail.records import Letter

INBOX, SENT = "INBOX", "Sent"
FOLDERS = (INBOX, SENT, "Archive")
#: No address in the world ends so (RFC 2606): the one a mail comes back from. All others have a box here, whoever they
#: belong to elsewhere: nothing leaves this computer, and a mail to them is read in the town.
NOWHERE = ".invalid"
PASSWORD = "merendam-by-the-sea"  # noqa: S105 - of a make-believe mailbox
LARGEST = 30 * 1024 * 1024


class NoSuchPlace(ValueError):
    """An address that cannot be anybody's."""


class Office:
    """Calls come from the threads of SMTP, IMAP and the pages."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self.letters: dict[int, Letter] = {}
        for letter in journal.records({Letter.KIND: Letter}):
            self.letters[letter.number] = letter
        noted = journal.noted("mail_validity")
        self.validity = noted if isinstance(noted, int) else int(time.time())
        journal.note("mail_validity", self.validity)
        self.smtp_port = self.imap_port = 0

    def reset(self) -> None:
        with self.lock:
            self.letters.clear()
            self.validity += 1
            self._journal.note("mail_validity", self.validity)
            self._changed.notify_all()

    def deliver(self, raw: bytes, recipients: Iterable[str]) -> list[Letter]:
        """Into the inbox of each; an address with a plus is the one before it. Raises NoSuchPlace, and then nobody has
        it."""
        boxes = [self.box_of(each) for each in recipients]
        return [self.put(box, INBOX, raw) for box in dict.fromkeys(boxes)]

    def box_of(self, address: str) -> str:
        local, _, domain = address.strip().lower().strip("<>").rpartition("@")
        if not local or "." not in domain or f".{domain}".endswith(NOWHERE):
            raise NoSuchPlace(f"{address}: there is no such place")
        return f"{local.partition('+')[0]}@{domain}"

    def put(self, box: str, folder: str, raw: bytes, flags: Iterable[str] = ()) -> Letter:
        if len(raw) > LARGEST:
            raise ValueError("too large")
        with self.lock:
            number = max(self.letters, default=0) + 1
            letter = Letter(
                number, box, folder, base64.b64encode(raw).decode(), self._clock().timestamp(), list(flags)
            )
            self.letters[number] = letter
            self._journal.put(letter)
            self._changed.notify_all()
        return letter

    def flag(self, letter: Letter, flags: Iterable[str]) -> None:
        with self.lock:
            letter.flags = sorted(set(flags))
            self._journal.put(letter)

    def move(self, letter: Letter, folder: str) -> None:
        with self.lock:
            raw, flags = letter.body, letter.flags
            self.remove(letter)
            self.put(letter.box, folder, raw, flags)

    def remove(self, letter: Letter) -> None:
        with self.lock:
            if self.letters.pop(letter.number, None) is not None:
                self._journal.remove(letter)
                self._changed.notify_all()

    def of(self, box: str, folder: str = "") -> list[Letter]:
        """By number; of one folder, or of all."""
        with self.lock:
            return [
                each
                for number, each in sorted(self.letters.items())
                if each.box == box and folder in ("", each.folder)
            ]

    def wait(self, differs: Callable[[], bool], seconds: float) -> None:
        """Until something came or went and `differs`, for at most so long."""
        with self._changed:
            self._changed.wait_for(differs, timeout=seconds)
