"""What must not stand in a log is taken out on its way there."""

from __future__ import annotations

import logging
import re

_KEY = re.compile(r"(/(?:hooks/[^/\s]+|join|first-run/claim|s)/)[^/\s?]+")


class WithoutHookKeys(logging.Filter):
    """The key in a webhook's address lets nobody in without a signature, but it is nobody's business either; that of an
    invitation, of an empty desk or of a caller's page lets whoever reads it in."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if any(each in message for each in ("/hooks/", "/join/", "/first-run/", "/s/")):
            record.msg, record.args = _KEY.sub(r"\1…", message), ()
        return True
