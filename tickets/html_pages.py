"""A message's own HTML, ready to be put before a person: out of the whole message as it came, cleaned by a process of
its own (html_cleaner.py), within a time and a size."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from tickets import html_cleaner
from tickets.channels import page_of
from tickets.filetypes import PICTURES
from tickets.models import Attachment, AttachmentKind, AttachmentState, Message

log = logging.getLogger(__name__)

#: Of the wall, where the process itself is allowed html_cleaner.SECONDS of a processor.
SECONDS = 15


@dataclass(frozen=True, slots=True)
class Look:
    """`html`: safe in a sandbox; "" where the message has no HTML. hidden: pictures that lie elsewhere, which nobody
    fetches. failed: it has some, and it could not be shown."""

    html: str = ""
    hidden: int = 0
    failed: bool = False


def original_of(rows: Sequence[Attachment]) -> Attachment | None:
    """The whole message as it came, where it is kept."""
    return next((each for each in rows if each.kind == AttachmentKind.ORIGINAL and _is_kept(each)), None)


def pictures_of(rows: Sequence[Attachment]) -> dict[str, Attachment]:
    """By the name that the message's own text has for them, those that may be shown."""
    return {
        each.inline_id: each
        for each in rows
        if each.inline_id and _is_kept(each) and each.content_type in PICTURES
    }


def look_of(message: Message, original: Attachment, addresses: Mapping[str, str]) -> Look:
    """`addresses`: of its pictures, by their names. Raises FileNotFoundError where storage has lost it."""
    with default_storage.open(original.storage_key, "rb") as file:
        html = page_of(message.account, file.read())
    if not html.strip():
        return Look()
    asked = {"html": html, "pictures": dict(addresses), "words": {"picture": _("picture")}}
    try:
        done = subprocess.run(
            [sys.executable, "-I", html_cleaner.__file__],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env={"PYTHONIOENCODING": "utf-8"},
        )
        told = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as trouble:
        log.warning("the look of message %s could not be made: %s", message.pk, type(trouble).__name__)
        return Look(failed=True)
    return Look(told["html"], told["hidden"])


def _is_kept(row: Attachment) -> bool:
    return row.state == AttachmentState.KEPT
