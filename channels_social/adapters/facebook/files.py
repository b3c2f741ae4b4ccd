"""Files that go out: one photo with a comment, in the comment's own request; any file in Messenger, as a message of its
own that names what was uploaded before.

Sources: developers.facebook.com, Graph API, /{object-id}/comments (`source`: a photo as form data; one of them);
Messenger Platform, attachment upload API (25 MB; what was uploaded and not sent is seen by nobody), 2026-04.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels_social import crash_points
from channels_social.adapters.facebook.graph import Graph, GraphError
from channels_social.adapters.facebook.outcome import of_answer, of_network
from channels_social.adapters.facebook.values import identifier
from channels_social.net import NetError
from tickets.contract import NotSent, OutboundAttachment, SendOutcome, Unclear

_KINDS = ("image", "video", "audio")


def photo_put(graph: Graph, below: str, words: str, photo: OutboundAttachment) -> Mapping[str, Any]:
    """A comment with a photo. One request: nothing of it stands before all of it does."""
    with photo.open() as opened:
        answer: Mapping[str, Any] = graph.put_photo(
            (photo.name, opened, photo.content_type), album_path=f"{below}/comments", message=words
        )
    return answer


def uploaded(graph: Graph, page: str, file: OutboundAttachment) -> dict[str, Any]:
    """What a message has to say to bring this file: it is uploaded now. Raises NotSent, Permanent or Reauthorise:
    whatever goes wrong, nothing was sent."""
    kind = file.content_type.partition("/")[0]
    kind = kind if kind in _KINDS else "file"
    said = {"attachment": {"type": kind, "payload": {"is_reusable": True}}}
    try:
        with file.open() as opened:
            answer = graph.request(
                f"{graph.version}/me/message_attachments",
                post_args={"message": said},
                files={"filedata": (file.name, opened, file.content_type)},
            )
    except GraphError as error:
        raise _outcome(of_answer(error, page, after_unclear=False)) from error
    except NetError as error:
        raise _outcome(of_network(error)) from error
    attachment_id = identifier(answer.get("attachment_id"))
    if not attachment_id:
        raise NotSent("Facebook answered an upload with a success that names no file", code="upload")
    crash_points.reached("files_uploaded")
    return {"attachment": {"type": kind, "payload": {"attachment_id": attachment_id}}}


def _outcome(outcome: SendOutcome) -> SendOutcome:
    return NotSent(outcome.words, code="upload") if isinstance(outcome, Unclear) else outcome
