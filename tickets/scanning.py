"""The optional scanner: a command that gets a path and ends, as clamscan does, with 0 for clean, 1 for found."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

SCAN_SECONDS = 60


class NotScanned(Exception):
    """The scanner gave no verdict."""


def scanned(path: Path) -> str:
    """The scanner's verdict on a file: '' where it is clean or nobody scans. Raises NotScanned."""
    command: list[str] = settings.ATTACHMENT_SCANNER
    if not command:
        return ""
    try:
        done = subprocess.run([*command, str(path)], capture_output=True, timeout=SCAN_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise NotScanned(type(trouble).__name__) from trouble
    if done.returncode == 0:
        return ""
    if done.returncode == 1:
        return "found"
    raise NotScanned(f"exit {done.returncode}")


def upload_scanned(file: UploadedFile) -> str:  # type: ignore[type-arg]
    """The same of what a form has just brought. Raises NotScanned."""
    if not settings.ATTACHMENT_SCANNER:
        return ""
    with tempfile.NamedTemporaryFile(prefix="reply-file-") as held:
        for chunk in file.chunks():
            held.write(chunk)
        held.flush()
        return scanned(Path(held.name))
