"""What the composer's form says, whichever of its buttons sent it."""

from __future__ import annotations

from accounts.pages import DeskRequest
from tickets.channels import MOST_FILES
from tickets.views.composing import Typed
from tickets.views.forms import client_key_of, text_of
from tickets.views.measure import MODES, NOTE


def typed_of(request: DeskRequest) -> Typed:
    form = request.POST
    return Typed(
        text=text_of(form),
        client_key=client_key_of(form),
        then=next((mode for mode in (*MODES, NOTE) if mode == form.get("then", "")), ""),
        thread=form.get("to", "")[:40],
        saved=form.get("saved", "")[:40],
        kept=form.get("kept", "")[:40],
        files=tuple(each[:40] for each in form.getlist("file_of")[: MOST_FILES + 1]),
    )
