"""Run by that environment's Python: take every mail of a folder in, in order of its name; print the seconds it took."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from helpdesk.email import extract_email_metadata  # type: ignore[import-not-found]
    from helpdesk.models import FollowUp, Queue  # type: ignore[import-not-found]

    queue, _made = Queue.objects.get_or_create(
        title="Desk", slug="desk", defaults={"allow_email_submission": True, "email_address": ""}
    )
    mails = [path.read_text("utf-8") for path in sorted(Path(sys.argv[1]).glob("*.eml"))]
    log = logging.getLogger("bench")
    before = FollowUp.objects.count()
    began = time.perf_counter()
    for mail in mails:
        extract_email_metadata(mail, queue, log)
    took = time.perf_counter() - began
    print(json.dumps({"seconds": took, "taken": FollowUp.objects.count() - before}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
