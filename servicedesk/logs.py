"""What must not stand in a log is taken out on its way there."""

from __future__ import annotations

import logging
import re

_HOOK = re.compile(r"(/hooks/[^/\s]+/)[^/\s?]+")


class WithoutHookKeys(logging.Filter):
    """The key in a webhook's address lets nobody in without a signature, but it is nobody's business either."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/hooks/" in message:
            record.msg, record.args = _HOOK.sub(r"\1…", message), ()
        return True
