"""What a form brings as files is bounded while it is read: whoever sends more fills no disk."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


class Bounded(FileUploadHandler):
    """Before the handlers that keep the bytes. Files beyond `ATTACHMENT_MOST_BYTES` of one request together are passed
    over; `too_large` then says so."""

    taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's signature
        self.taken += len(raw_data)
        if self.taken > settings.ATTACHMENT_MOST_BYTES:
            if self.request is not None:
                self.request.META[_TOO_LARGE] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - likewise
        return None


_TOO_LARGE = "desk.files_too_large"


def too_large(request: HttpRequest) -> bool:
    """Whether some of what the form brought was passed over. Ask it once the form was read."""
    return bool(request.META.get(_TOO_LARGE))
