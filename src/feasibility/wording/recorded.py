"""What is recorded of a patient, in words: values as intervals with their units, and days."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from feasibility.cohort import UNDATED_DAYS
from feasibility.rules.sentence import Speaker
from feasibility.screening.explain import Days, Seen, Span
from feasibility.variables import Catalogue, Kind
from feasibility.wording.numbers import several

NEEDED = {">=": "≥ ", ">": "> ", "<": "< ", "<=": "≤ ", "==": "", "!=": "other than "}
MOST_RECORDS = 3
NOTHING_KNOWN = (-math.inf, math.inf)


@dataclass(frozen=True)
class Recorded:
    """How the records of one patient are said: in the words of the ``catalogue``, with dates where all are screened on one ``index`` day.

    ``no_column``: variables that no column of the file shows.
    """

    catalogue: Catalogue
    index: date | None
    no_column: tuple[str, ...]

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.catalogue)

    def label(self, variable: str) -> str:
        return self.speaker.label(variable)

    def in_brackets(self, words: Iterable[str]) -> str:
        """The first few; nothing for none."""
        listed = list(words)
        more = [f"{len(listed) - MOST_RECORDS} more"] if len(listed) > MOST_RECORDS else []
        return f" ({'; '.join([*listed[:MOST_RECORDS], *more])})" if listed else ""

    def value(self, variable: str, span: Span, limits: Sequence[float]) -> str:
        """``870 mg/g``, ``1500 mg/g or less``, ``positive``, ``II or III``."""
        entry = self.catalogue[variable]
        if span == NOTHING_KNOWN:
            return "not known"
        exact = [name for name, held in entry.values.items() if all(math.isclose(*ends) for ends in zip(held, span, strict=True))]
        if exact:
            return exact[0]
        if entry.kind is Kind.CATEGORY:
            return " or ".join(name for name, (lo, hi) in entry.values.items() if lo == hi and span[0] <= lo <= span[1])
        return self.amount(span, limits, entry.unit)

    def amount(self, span: Span, limits: Sequence[float], unit: str) -> str:
        lo, hi = (f"{as_recorded(end, limits)} {unit}".rstrip() for end in span)
        if span[0] == span[1]:
            return lo
        if math.isinf(span[0]):
            return f"{hi} or less"
        return f"{lo} or more" if math.isinf(span[1]) else f"{as_recorded(span[0], limits)} to {hi}"

    # Days

    def when(self, days: Days | None) -> str:
        """`` on 2026-01-12``, `` 19 days before the index date``, `` between 2025-08-01 and 2025-08-31``; nothing without a date."""
        if days is None:
            return ""
        if days[1] >= UNDATED_DAYS:
            return ", date not known"
        if days[0] == days[1]:
            return f" on {self.day(days[0])}" if self.index is not None else f" {self.day(days[0])}"
        return f" between {self.day(days[1])} and {self.day(days[0])}"

    def undated(self, seen: Seen) -> bool:
        """Whether nothing is known of when it was, nor of when it ended."""
        ended = seen.ended is not None and seen.ended[0] > -UNDATED_DAYS
        return not ended and (seen.days is None or bool(seen.days[1] >= UNDATED_DAYS))

    def has_no_end(self, seen: Seen) -> bool:
        """Whether it is known on which day it was, and the file has no ends."""
        return seen.ended is None and seen.days is not None and seen.days[0] == seen.days[1]

    def period(self, seen: Seen) -> str:
        """`` from 2025-12-20 to 2026-01-10``, `` on 2025-12-20, end not known``."""
        assert seen.ended is not None
        if seen.ended[0] <= -UNDATED_DAYS or seen.days is None:
            return f"{self.when(seen.days)}, end not known"
        if seen.days[1] >= UNDATED_DAYS:
            return f", ended{self.when(seen.ended)}"
        if seen.days[0] != seen.days[1] or seen.ended[0] != seen.ended[1]:
            return f", begun{self.when(seen.days)}, ended{self.when(seen.ended)}"
        return f" from {self.day(seen.days[0])} to {self.day(seen.ended[0])}"

    def day(self, days: int) -> str:
        if self.index is not None:
            return (self.index - timedelta(days)).isoformat()
        if days == 0:
            return "on the index date"
        return f"{several(abs(days), 'day')} {'before' if days > 0 else 'after'} the index date"


def as_recorded(value: float, limits: Sequence[float]) -> str:
    """As few digits, from four on, as leave it on the side of each limit where it is."""
    if math.isinf(value):
        return ""
    for digits in range(4, 10):
        shown = float(f"{value:.{digits}g}")
        if all((shown < limit, shown > limit) == (value < limit, value > limit) for limit in limits):
            break
    return f"{shown:.9g}"
