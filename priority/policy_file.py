"""A policy as a file, out and in: the document in JSON, to be read by people too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import Refused

#: A policy with 25,000 words is below a megabyte.
BYTES_MOST = 4_000_000


def file_of(document: Mapping[str, Any]) -> bytes:
    """UTF-8, keys sorted, so that two files of one policy are the same and two policies can be compared by line."""
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def document_of_file(content: bytes) -> dict[str, Any]:
    """The document in a file. Raises Refused with a sentence that says where it is broken and what to do.

    That it is a policy is not looked at here.
    """
    if not content.strip():
        raise Refused("file", _("The file is empty: choose the file that was saved from a policy's page."))
    if len(content) > BYTES_MOST:
        most = BYTES_MOST // 1_000_000
        raise Refused("file", _("The file is larger than %(most)d MB: that is no policy.") % {"most": most})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            "file",
            _("The file is no text in UTF-8, from byte %(byte)d on: save it as UTF-8.")
            % {"byte": error.start},
        ) from None
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        words = _(
            "The file is no JSON: look at line %(line)d, place %(column)d. Mend it, or save it anew from its page."
        )
        raise Refused("file", words % {"line": error.lineno, "column": error.colno}) from None
    except RecursionError:
        raise Refused("file", _("The file is nested too deep to be a policy.")) from None
    except ValueError as error:
        # A key that stands twice (said by _once), or a number with thousands of digits.
        raise Refused("file", str(error)) from None
    if not isinstance(document, dict):
        raise Refused("file", _("The file is JSON, and no policy: that begins with { and has named parts."))
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(
                _("“%(key)s” stands twice in one part of the file: take one of them out.") % {"key": key[:60]}
            )
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(_("%(name)s stands in the file: a policy holds whole numbers only.") % {"name": name})
