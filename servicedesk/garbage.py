"""Python's collector of circles, in processes that live long and hold much that never goes."""

from __future__ import annotations

import gc


def collect_less(**_: object) -> None:
    """What was imported is never looked through again, and a pass waits for more than Python's own 700 objects.

    With the collector off, the worker's part of the way from a post to its reply took about a twelfth less (measured
    once, in one process).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
