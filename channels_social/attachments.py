"""Fetching what hung on messages: the adapter finds the bytes; here they are held to size, type and scanner, and kept.

    intake writes a row that is due → woken worker or beat → claim (a lease) → adapter, into a file of this process
      (from the network, or out of the stored update)
    → first bytes, scanner → storage → the row says kept, refused or gone

Nothing a sender says decides where a file lies or what it is taken for. A crash in between leaves at most a file that
the next try takes away.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError

from channels_social.adapter import AttachmentGone, AttachmentRefused, Channel
from channels_social.connections import adapter_for, bridge_of
from channels_social.inbox import update_of
from channels_social.net import NetError
from tickets.clock import database_now
from tickets.filetypes import type_of
from tickets.scanning import NotScanned, scanned
from tickets.services.attachments import (
    Claimed,
    attachment_again,
    attachment_gone,
    attachment_kept,
    attachment_refused,
    attachments_claim,
)

log = logging.getLogger(__name__)

TURN_SECONDS = 20.0
BATCH = 5
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many came to an end of whatever kind, and whether more are due now."""

    ended: int = 0
    more: bool = False


def attachments_fetch(account_id: int, *, seconds: float = TURN_SECONDS) -> Fetched:
    """Fetch what is due for one account, for about so many seconds."""
    ends = time.monotonic() + seconds
    bridge = bridge_of(account_id)
    if bridge is None:
        return Fetched()
    adapter = adapter_for(bridge)
    ended = 0
    while claims := attachments_claim(account_id, limit=BATCH):
        for claim in claims:
            ended += _one(adapter, account_id, claim)
        if time.monotonic() > ends:
            return Fetched(ended, more=True)
    return Fetched(ended)


def _one(adapter: Channel, account_id: int, claim: Claimed) -> bool:
    """One attachment, to its end for this time. False where it is to be tried again."""
    try:
        with tempfile.NamedTemporaryFile(prefix="attachment-") as held:
            into = cast(BinaryIO, held)
            _fetch(adapter, account_id, claim, into)
            into.flush()
            _keep(account_id, claim, into)
    except AttachmentGone as gone:
        log.info("attachment %s is gone: %s", claim.pk, gone)
        attachment_gone(claim.pk, reason="not_there")
    except AttachmentRefused as refused:
        attachment_refused(claim.pk, reason=refused.code)
    except (OperationalError, InterfaceError):
        raise
    except NetError as trouble:
        log.warning("attachment %s: %s", claim.pk, type(trouble).__name__)
        attachment_again(claim.pk, reason="unreachable", now=database_now())
        return False
    except NotScanned as trouble:
        log.warning("attachment %s was not scanned: %s", claim.pk, trouble)
        attachment_again(claim.pk, reason="not_scanned", now=database_now())
        return False
    except Exception:  # an adapter's bug, or a full disk: this one waits, and the others go on
        log.exception("attachment %s could not be fetched", claim.pk)
        attachment_again(claim.pk, reason="failed", now=database_now())
        return False
    return True


def _fetch(adapter: Channel, account_id: int, claim: Claimed, into: BinaryIO) -> None:
    most = settings.ATTACHMENT_MOST_BYTES
    if not adapter.attachments_within:
        adapter.attachment(claim.source_url, claim.external_id, into, most)
        return
    event = update_of(account_id, claim.message)
    if event is None:
        raise AttachmentGone("the update that it came in is not kept any more")
    adapter.attachment_within(event, claim.source_url, into, most)


def _keep(account_id: int, claim: Claimed, file: BinaryIO) -> None:
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    head = file.read(_HEAD)
    part = head
    while part:
        digest.update(part)
        size += len(part)
        part = file.read(256 * 1024)
    if not size:
        attachment_gone(claim.pk, reason="empty")
        return
    if found := scanned(Path(file.name)):
        log.warning("attachment %s: the scanner says no (%s)", claim.pk, found)
        attachment_refused(claim.pk, reason="scanner")
        return
    wanted = f"attachments/{account_id}/{claim.pk}"
    default_storage.delete(wanted)  # of a worker that died before its row said so
    file.seek(0)
    stands = default_storage.save(wanted, File(file))
    kept = False
    try:
        kept = attachment_kept(
            claim.pk,
            storage_key=stands,
            sha256=digest.hexdigest(),
            size=size,
            content_type=type_of(head, claim.content_type),
        )
    finally:
        if not kept:
            default_storage.delete(stands)
