"""Medians, percentiles and spread, and how they are written."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The figures of several rounds: their median, smallest and largest."""

    median: float
    low: float
    high: float

    def words(self, form: str = ".0f") -> str:
        return f"{self.median:{form}} ({self.low:{form}} to {self.high:{form}})"


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def middle(whole: Sequence[float]) -> float:
    """The median of figures that were cut to whole units, each taken as lying anywhere in the unit around it.

    The difference of two moments cut to milliseconds is off by less than one, either way alike. Half of the floor's
    figures being "6" and half "7" is 6.5, and not 6 in one run and 7 in the next: that was 15 % of a ratio.
    """
    return statistics.median_grouped(whole, 1)


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that `share` of all are not above. `share` from 0 to 1."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
