"""How the partials of tickets/drawn.py become Python: as Jinja writes it, less what it does again for each of the some
thousand values that a page of the queue shows.

Jinja makes an object of its own of each value that it has escaped, so that filters behind it know; what is written out
next is only joined. Before each call it asks whether what it calls wants the context; here nothing does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.safestring import SafeString
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup, escape
from markupsafe import _escape_inner as _escaped  # type: ignore[attr-defined]  # of a plain str, as a plain str

_SAFE = frozenset({Markup, SafeString})


def shown(value: object) -> str:
    """What `escape` gives, as the text that stands in the page."""
    kind = type(value)
    if kind is str:
        return _escaped(value)  # type: ignore[arg-type]
    return value if kind in _SAFE else escape(value)  # type: ignore[return-value]


class Writer(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        self.writeline(f"from {__name__} import shown")
        super().visit_Template(node, frame)

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("shown(")


class Here(Context):
    def call(
        self,
        to_call: Callable[..., Any],
        *args: Any,
        _loop_vars: object = None,
        _block_vars: object = None,
        **named: Any,
    ) -> Any:
        """`to_call(…)`: no filter, tag or macro of ours asks for Jinja's context."""
        return to_call(*args, **named)
