"""Partials that a page holds dozens of, drawn by Jinja: it compiles a template to Python, and Django's engine walks
through one. A row of the queue costs a sixth of what it did.

They are called `….jinja.html`, lie beside the others and speak of the same things: every filter and every tag of the
desk's own libraries is there under its name. What is to be translated stands in `_("…")`, which makemessages finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.template.backends.django import get_installed_libraries
from django.template.defaultfilters import capfirst
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, FileSystemLoader

from tickets.display.phrases import one_language
from tickets.drawn_code import Here, Writer

LIBRARIES = ("desk", "channel_words", "people")


def draw(name: str, context: Mapping[str, Any]) -> SafeString:
    """The partial of this name with what stands in the context."""
    known = environment()
    template = known.get_template(name)
    with one_language() as words:
        # In one step; `render` copies what stands in the context three times, and a page draws seven partials.
        here = template.new_context({**known.globals, **context, "_": words.__getitem__}, shared=True)
        try:
            drawn = known.concat(template.root_render_func(here))
        except Exception:  # noqa: BLE001 - raised again, with the template's lines in its traceback
            known.handle_exception()
    return mark_safe(drawn)  # noqa: S308 - what is put in was escaped


class _Environment(Environment):
    code_generator_class = Writer
    context_class = Here


@cache
def environment() -> Environment:
    made = _Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        trim_blocks=True,
        auto_reload=settings.DEBUG,
        cache_size=-1,
    )
    made.globals.update(url=_url, url_with_gap=_url_with_gap, static=cache(static))
    made.filters["capfirst"] = capfirst
    for path in (path for name, path in get_installed_libraries().items() if name in LIBRARIES):
        module = import_module(path)
        made.filters.update(module.register.filters)
        made.globals.update(
            {name: getattr(module, name) for name in module.register.tags if hasattr(module, name)}
        )
    return made


def _url(name: str, *args: str) -> str:
    return reverse(name, args=args) if args else _fixed_url(name, settings.ROOT_URLCONF, get_script_prefix())


@cache
def _fixed_url(name: str, _urls: str, _prefix: str) -> str:
    return reverse(name)


_GAP = "0000-0000"


def _url_with_gap(name: str, *args: str) -> str:
    """An address with `%s` for its last part, which is letters, digits and hyphens: asked once for many rows."""
    return reverse(name, args=[*args, _GAP]).replace("%", "%%").replace(_GAP, "%s")
