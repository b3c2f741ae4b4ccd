"""Python's collector of circles, in processes that live long and hold much that never goes."""

from __future__ import annotations

import gc


def collect_less(**_: object) -> None:
    """What was imported is never looked through again, and a pass waits for more than a message makes.

    A message is some 10,000 objects, nearly all freed by counting. At Python's own 700 a dozen passes fell into each
    way from a post to its reply, a fourteenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
