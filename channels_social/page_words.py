"""What a caller writes on their page (tickets/services/status_links.py): it is stored like any update of the network
before anybody is told that we have it, and read in its turn as a message of that conversation.

The network knows nothing of it, so that no adapter reads it: `words_read` does, of updates whose source is `SOURCE`.
Once on a double click: the page's key and the words make the key of the update. The same key with other words (back,
changed, sent again) is another message.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from channels_social.adapter import BadContent, RawEvent
from channels_social.ingest import events_store
from channels_social.models import EventState, InboundEvent
from tickets.contract import BESIDE, Author, InboundMessage, Parsed
from tickets.models import Conversation
from tickets.services.errors import Refused
from tickets.services.notices import rule_of
from tickets.services.status_links import Opened

SOURCE = "page"
KIND = "caller's page"
WORDS_MOST = 10_000
KEY_LENGTHS = range(16, 65)


def words_store(*, opened: Opened, text: str, key: str, now: datetime) -> None:
    """Keep what was written; on its return it is on the disk. Raises Refused.

    key: of the form, made anew for each page. Refused: nothing written, too much, a form without its key; an account
    that reads nothing now.
    """
    words = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not words:
        raise Refused("add", _("Write a few words first."))
    if len(words) > WORDS_MOST:
        raise Refused(
            "add",
            _("That is too long: %(most)s characters at most. Shorten it, please.") % {"most": WORDS_MOST},
        )
    if len(key) not in KEY_LENGTHS or not key.isalnum():
        raise Refused("form", _("The form is incomplete; reload the page and send it again."))
    account = opened.conversation.account
    if not account.receives:
        raise Refused(
            "closed", _("Nothing can be sent from this page now. Write to us where you wrote before.")
        )
    body = json.dumps(_update(opened.conversation, words, now), ensure_ascii=False).encode()
    digest = hashlib.sha256(f"{key}\n{words}".encode()).hexdigest()
    event = RawEvent(account.external_id, f"{_prefix(opened.link.pk)}{digest}", KIND, body)
    events_store([(account.pk, event)], source=SOURCE, now=now)


def words_waiting(opened: Opened) -> list[str]:
    """What was written on this page and is not read into the conversation yet, or could not be, oldest first: it is not
    lost."""
    rows = InboundEvent.objects.filter(
        account_id=opened.conversation.account_id,
        state__in=[EventState.PENDING, EventState.QUARANTINED],
        source=SOURCE,
        dedupe_key__startswith=_prefix(opened.link.pk),
    ).order_by("pk")
    return [str(json.loads(bytes(body))["text"]) for body in rows.values_list("body", flat=True) if body]


def words_read(event: RawEvent) -> list[Parsed]:
    """The update as a message. Raises BadContent."""
    try:
        said = json.loads(event.body)
        sent_at = parse_datetime(said["at"])
        if sent_at is None:
            raise BadContent(f"at is no time: {said['at']!r}")
        external_id = BESIDE + hashlib.sha256(event.dedupe_key.encode()).hexdigest()[:32]
        author = Author(said["kind"], said["external_id"], said["scope"], claims=said["claims"])
        conversation = Conversation(reply_rule=said["reply_rule"])
        return [
            InboundMessage(
                external_id=external_id,
                thread_key=said["thread_key"],
                author=author,
                text=said["text"],
                sent_at=sent_at,
                visibility=said["visibility"],
                reply_rule=rule_of(conversation),
                addressed=True,
                version_id=external_id,
                beside=True,
            )
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise BadContent(f"{type(error).__name__}: {error}") from error


def _prefix(link_id: int) -> str:
    return f"{SOURCE}:{link_id}:"


def _update(conversation: Conversation, words: str, now: datetime) -> dict[str, object]:
    who = conversation.identity
    return {
        "at": now.isoformat(),
        "thread_key": conversation.thread_key,
        "visibility": str(conversation.visibility),
        "kind": who.kind,
        "scope": who.scope,
        "external_id": who.external_id,
        "claims": who.claims,
        "reply_rule": conversation.reply_rule,
        "text": words,
    }
