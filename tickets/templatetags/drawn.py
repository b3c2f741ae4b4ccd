"""`{% drawn "tickets/_rows.jinja.html" rows=queue.late %}`: a partial of tickets/drawn.py, with the page's context."""

from __future__ import annotations

from typing import Any, cast

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from tickets.drawn import draw

register = template.Library()


@register.simple_tag(takes_context=True)
def drawn(context: Context, name: str, **more: Any) -> SafeString:
    page = cast("dict[str, Any]", context.flatten())
    return draw(name, {**page, **more} if more else page)
