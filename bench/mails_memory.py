"""What a fresh worker takes at most (VmHWM, MB) while it reads a mail with 25 MB of files and keeps them: run by
bench/mails.py as a process of its own, with what a worker has loaded before its first job."""

from __future__ import annotations

import json
import os
import sys
from email.message import EmailMessage
from pathlib import Path

FILES = (15, 10)
MEGABYTE = 1024 * 1024


def mail(address: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = "Anouk de Wit <anouk@town.example>", address
    made["Message-ID"], made["Subject"] = "<large@town.example>", "Photos of the street"
    made.set_content(
        "The street light in front of our house is dark. Photos are attached, can you look at it?\n"
    )
    for size in FILES:
        made.add_attachment(
            os.urandom(size * MEGABYTE), maintype="image", subtype="jpeg", filename=f"{size}.jpg"
        )
    return made.as_bytes()


def peak() -> float:
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> int:
    account_id, path = int(sys.argv[1]), Path(sys.argv[2])
    import django

    django.setup()
    import servicedesk.celery  # noqa: F401 - what a worker has loaded
    from channels_social import inbox, registry
    from channels_social.adapters.email.inbound import Envelope, event_of
    from channels_social.attachments import attachments_fetch
    from channels_social.ingest import events_store
    from tickets.clock import database_now
    from tickets.models import Attachment, ChannelAccount

    registry.warm()
    before = peak()
    now, account = database_now(), ChannelAccount.objects.get(pk=account_id)
    event = event_of(account.external_id, path.read_bytes(), Envelope(now, folder="INBOX"))
    events_store([(account_id, event)], source="poll", now=now)
    del event
    stored = peak()
    inbox.events_process(account_id, seconds=60)
    attachments_fetch(account_id)
    kept = Attachment.objects.filter(message__account_id=account_id, state="kept").values_list(
        "size", flat=True
    )
    sizes = sorted(size or 0 for size in kept)
    print(json.dumps({"before": before, "stored": stored, "peak": peak(), "kept": sizes}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
