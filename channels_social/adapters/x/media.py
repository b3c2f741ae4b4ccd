"""Pictures that go with a post. Each is uploaded first and gets an id, which the post then names.

What was uploaded stands nowhere, and ends by itself within a day: where an upload fails, however it fails, nothing was
posted. Sources: docs.x.com, media upload (2026-08): one call takes a JPEG, PNG or WEBP of at most 5 MB; films and
moving GIFs need another way, and are not offered. A post has up to four pictures.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from channels_social import crash_points
from channels_social.adapters.x.client import Client, Failed
from channels_social.adapters.x.outcome import of_answer, of_network
from tickets.contract import NotSent, OutboundAttachment, Permanent, SendOutcome, Unclear

MOST = 4
MOST_BYTES = 5_000_000
TYPES = ("image/jpeg", "image/png", "image/webp")


def uploaded(client: Client, files: Sequence[OutboundAttachment]) -> list[str]:
    """Their ids, in their order; all within one deadline. Raises NotSent, Permanent or Reauthorise."""
    if not files:
        return []
    with client.one_deadline():
        ids = [_one(client, each) for each in files]
    crash_points.reached("files_uploaded")
    return ids


def _one(client: Client, file: OutboundAttachment) -> str:
    with file.open() as opened:
        content = opened.read()
    try:
        answer = client.upload(content, file.content_type)
    except Failed as failed:
        raise _outcome(failed) from failed
    data = answer.get("data")
    media_id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(media_id, str) or not media_id.isascii() or not media_id.isdigit():
        raise NotSent("X answered an upload with a success that names no picture", code="upload")
    return media_id


def _outcome(failed: Failed) -> SendOutcome:
    """As of a send, with nothing left open; a refusal of the picture or of uploading at all stops no other message."""
    if failed.error is not None:
        outcome = of_network(failed.error)
    else:
        outcome = of_answer(failed.status, failed.headers, failed.body, after_unclear=False, now=time.time())
    if isinstance(outcome, Unclear):
        return NotSent(outcome.words, code="upload")
    if isinstance(outcome, NotSent) and outcome.code == "rate_limit":
        return NotSent(outcome.words, retry_after=outcome.retry_after, code="upload")
    if failed.status == 403 and not (isinstance(outcome, NotSent) and outcome.code == "restricted"):
        return Permanent("files_not_permitted", outcome.words)
    return Permanent("file_refused", outcome.words) if isinstance(outcome, Permanent) else outcome
