"""Cells into calendar days: whole dates, partial ones as intervals, and an order of day and month that is never guessed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.calendars import EPOCH, FIRST_YEAR, LAST_YEAR, NUMERIC, SERIAL, YEAR_AND_MONTH, Days, Written, clean, day_number, days_of, in_order
from feasibility.intake.converted import Ints, cell_texts, encoded, taken, text_of, texts_at
from feasibility.intake.mapping import DateNumbers, DateOrder
from feasibility.intake.places import Place, counted, values_said
from feasibility.intake.words import MISSING, NO_RESULT, UNKNOWN, token
from feasibility.logic import Bools
from feasibility.problems import MOST_CELLS, Found, Problem

NO_DAY = np.int32(-(2**31))
"""Stands for a date of which nothing is known."""

_TYPED_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:"
_OTHER_ERA = re.compile(r"^\s*2[4-6]\d\d(?:\D|$)|[-/. ]2[4-6]\d\d\s*$|民国|令和|平成|昭和|พ\.ศ")
USUAL_YEARS = (1985, 2030)
LIFE = 110
"""Years before the last of the usual years from which nothing that happened to anybody alive can date."""


@dataclass(frozen=True, eq=False)
class Dates:
    """Days since 1970-01-01, from ``lo`` to ``hi`` (one array where all are exact); ``NO_DAY`` where the cell is empty or could not be read."""

    lo: Ints
    hi: Ints
    unreadable: Bools | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def known(self) -> Bools:
        known: Bools = self.lo != NO_DAY
        return known

    def said(self, rows: NDArray[np.intp]) -> list[str]:
        """The dates in some rows, a partial one by its first and last day; as far as the cells of a problem are kept."""
        ends = [[date.fromordinal(int(day) + EPOCH).isoformat() for day in end[rows[:MOST_CELLS]]] for end in (self.lo, self.hi)]
        return [first if first == last else f"{first} to {last}" for first, last in zip(*ends, strict=True)]

    @property
    def partial(self) -> int:
        return 0 if self.lo is self.hi else int(np.count_nonzero(self.lo != self.hi))


def read_dates(
    column: pa.ChunkedArray,
    order: DateOrder | None,
    place: Place,
    years: tuple[int, int] = USUAL_YEARS,
    numbers: DateNumbers | None = None,
    sentinels: Collection[str] = (),
) -> Dates:
    """The dates of a column. Where day and month cannot be told apart and ``order`` is None, the whole column is set aside with an error.

    ``years`` are those its dates usually lie in, by which two figures of a year and numbers that count days are told; ``sentinels`` mean missing.
    """
    kind = column.type
    none = _no_dates(sentinels)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        typed = _without(_days(column.cast(pa.timestamp("us"), safe=False).cast(pa.date32(), safe=False)), none)
        return _with_unusual(column, _bounded(column, typed, place), years, place)
    texts, which = encoded(column)
    if numbers is None and (days := _iso_days(texts)) is not None:
        return _with_unusual(column, _bounded(column, _without(np.append(days, NO_DAY), none)[which], place), years, place)
    how, codes = Written(order, years, numbers), {token(sentinel) for sentinel in sentinels}
    return _with_unusual(column, _by_text(column, texts.to_pylist(), which, how, codes, place), years, place)


def _with_unusual(column: pa.ChunkedArray, dates: Dates, years: tuple[int, int], place: Place) -> Dates:
    """The dates, with a warning of those that lie where no date of the kind usually does."""
    first, last = (date(year, 1, 1).toordinal() - EPOCH for year in (years[1] - LIFE, years[1] + 1))
    rows = np.flatnonzero(dates.known & ((dates.hi < first) | (dates.lo >= last)))
    if not len(rows):
        return dates
    message = f"{counted(len(rows), 'date')} outside the usual years {years[1] - LIFE} to {years[1]}, kept: {texts_at(column, rows)}."
    problem = place.cells("warning", rows, message, "Check them, and whether they stand for missing (sentinels in the mapping).")
    return replace(dates, problems=(*dates.problems, problem))


def _no_dates(sentinels: Collection[str]) -> list[int]:
    """The days that mean missing."""
    return [date.fromisoformat(text).toordinal() - EPOCH for text in sentinels if re.match(r"^\d{4}-\d{2}-\d{2}$", text)]


def _without(days: Ints, none: list[int]) -> Ints:
    return np.where(np.isin(days, none), NO_DAY, days) if none else days


def _iso_days(texts: pa.Array) -> Ints | None:
    """The days of texts that are all written 2025-01-31, perhaps with a time of day; None if any is not."""
    for candidate in (texts, pc.utf8_slice_codeunits(texts, 0, 10)):
        try:
            return _days(candidate.cast(pa.date32()))
        except pa.ArrowInvalid:
            if not pc.all(pc.match_substring_regex(texts, _TYPED_TIME)).as_py():
                return None
    return None


def _days(column: pa.ChunkedArray | pa.Array) -> Ints:
    days: Ints = pc.fill_null(column.cast(pa.int32()), int(NO_DAY)).to_numpy(zero_copy_only=False)
    return days


def _bounded(column: pa.ChunkedArray, days: Ints, place: Place) -> Dates:
    first, last = (date(year, 1, 1).toordinal() - EPOCH for year in (FIRST_YEAR, LAST_YEAR))
    wrong = (days != NO_DAY) & ((days < first) | (days >= last))
    if not wrong.any():
        return Dates(days, days)
    days = np.where(wrong, NO_DAY, days)
    return Dates(days, days, wrong, (_set_aside(column, wrong, place),))


def _set_aside(column: pa.ChunkedArray, wrong: Bools, place: Place) -> Problem:
    rows = np.flatnonzero(wrong)
    era = ""
    if any(_OTHER_ERA.search(text) for text in text_of(taken(column, rows[:50])).to_pylist()):
        era = " Years of another calendar (Buddhist, Minguo, Japanese) are not converted."
    expected = "a date such as 2025-01-31, 2025-01 or 2025"
    message = f"{counted(len(rows), 'date')} set aside: found {texts_at(column, rows)}; expected {expected}.{era}"
    each, texts = "cannot be read as a date: set aside", cell_texts(column, rows)
    return place.cells("warning", rows, message, "Correct the cells.", found=Found.UNREADABLE, values=texts, each=each, expected=expected)


def _by_text(column: pa.ChunkedArray, texts: list[str], which: NDArray[np.int64], how: Written, sentinels: set[str], place: Place) -> Dates:
    tokens = [token(text) for text in texts]
    empty = [not text or text in MISSING or text in UNKNOWN or text in NO_RESULT or text in sentinels for text in tokens]
    cleaned = ["" if blank else clean(text) for text, blank in zip(texts, empty, strict=True)]
    problems: list[Problem] = []
    if how.order is None and any(NUMERIC.match(text) for text in cleaned):
        order, problem = order_of(cleaned, place, how.years)
        how = replace(how, order=order)
        problems.append(problem)
    settled = how.order is not None or not problems
    how = replace(how, months=_year_and_month(cleaned))
    counting = how if how.numbers is not None else None
    counts = set(cleaned) if counting is not None else set(counts_in(cleaned))
    if counts and counting is None:
        found = counted_from(counts, how.years)
        problems.append(_said_of_counts(sorted(counts)[0], found, place))
        counting = replace(how, numbers=found[0]) if is_settled(found) else None
    known: dict[str, Days | None] = {"": None}
    for text in cleaned:
        if text not in known:
            known[text] = days_of(text, counting if counting is not None and text in counts else how)
    if shortened := [text for text in cleaned if known[text] is not None and _two_figures(text)]:
        last = how.years[1]
        problems.append(place.whole("note", f"years of two figures, as in {values_said(shortened[:3])}, are read as {last - 99} to {last}."))
    spans = [known[text] for text in cleaned]
    table = np.array([(NO_DAY, NO_DAY) if span is None else span for span in spans] + [(NO_DAY, NO_DAY)], dtype=np.int32)
    lo, hi = table[which, 0], table[which, 1]
    wrong = np.array([span is None and not blank for span, blank in zip(spans, empty, strict=True)] + [False])[which]
    if wrong.any() and settled:
        problems.append(_set_aside(column, wrong, place))
    return Dates(lo, lo if (lo == hi).all() else hi, wrong if wrong.any() else None, tuple(problems))


def _two_figures(text: str) -> bool:
    return re.search(r"(?:^|\D)\d{4}(?:\D|$)", text) is None and re.search(r"\D\d{2}$", text) is not None


def _year_and_month(texts: Iterable[str]) -> bool:
    """Whether six figures are a year and a month in this column: all can be that, and one of them can be no day with a year of two figures."""
    found = [match for text in texts if (match := YEAR_AND_MONTH.match(text))]
    if not all(FIRST_YEAR <= int(match[1]) < LAST_YEAR and 1 <= int(match[2]) <= 12 for match in found):
        return False
    return any(not 1 <= int(match[1][2:]) <= 12 for match in found)


def counts_in(texts: Iterable[str]) -> list[str]:
    """The cleaned texts that are numbers and no dates by themselves."""
    return [text for text in texts if SERIAL.match(text) and not YEAR_AND_MONTH.match(text) and days_of(text, Written()) is None]


def counted_from(counts: Iterable[str], years: tuple[int, int]) -> list[DateNumbers]:
    """What numbers may count, so that their median lies in the years usual for such dates. The Macintosh's way is never among them."""
    median = float(np.median([float(text) for text in counts]))
    size = [DateNumbers.EXCEL, DateNumbers.SAS, DateNumbers.UNIX_DAYS] if abs(median) < 1e6 else [DateNumbers.SAS_SECONDS, DateNumbers.UNIX]
    size = [DateNumbers.STATA, DateNumbers.UNIX_MS] if abs(median) >= 1e11 else size
    return [counted for counted in size if (day := day_number(median, counted)) and years[0] <= date.fromordinal(day[0] + EPOCH).year <= years[1]]


def is_settled(found: list[DateNumbers]) -> bool:
    """Whether numbers count days in the one way of a workbook or of SAS; seconds are always asked about."""
    return len(found) == 1 and found[0] in (DateNumbers.EXCEL, DateNumbers.SAS)


def as_days(text: str, found: Iterable[DateNumbers]) -> str:
    """What a number would be in each way of counting, in words."""
    spans = ((counted, day_number(float(text), counted)) for counted in found)
    return " or ".join(f"{COUNTED[counted]} ({date.fromordinal(span[0] + EPOCH)})" for counted, span in spans if span is not None)


COUNTED = {
    DateNumbers.EXCEL: "a workbook's days",
    DateNumbers.EXCEL_1904: "a workbook's days since 1904",
    DateNumbers.SAS: "days since 1960 (SAS)",
    DateNumbers.UNIX_DAYS: "days since 1970",
    DateNumbers.SAS_SECONDS: "seconds since 1960 (SAS)",
    DateNumbers.UNIX: "seconds since 1970",
    DateNumbers.STATA: "milliseconds since 1960 (Stata)",
    DateNumbers.UNIX_MS: "milliseconds since 1970",
}


def _said_of_counts(example: str, found: list[DateNumbers], place: Place) -> Problem:
    if is_settled(found):
        return place.whole("note", f"numbers such as '{example}' are read as {as_days(example, found)}: only so do they lie in the usual years.")
    said = f"may be {as_days(example, found)}" if found else "are no dates in any usual way of counting days"
    ways = ", ".join(f"'{counted}'" for counted in DateNumbers)
    return place.whole("error", f"numbers such as '{example}' {said}: set aside.", f"Say date_numbers = one of {ways} for this column in the mapping.")


ORDERS = {DateOrder.DAY_MONTH: "day/month/year", DateOrder.MONTH_DAY: "month/day/year", DateOrder.YEAR_FIRST: "year/month/day"}


def order_of(texts: Iterable[str], place: Place, years: tuple[int, int] = USUAL_YEARS) -> tuple[DateOrder | None, Problem]:
    """The order of day, month and year that the dates themselves settle, and what to say of it.

    A year of two figures may stand first or last: what an order makes of it must lie in the usual years. With points the month never stands first,
    and a year of four figures makes the day the first.
    """
    found = [(text, match) for text in texts if (match := NUMERIC.match(clean(text)))]
    found = [(text, match) for text, match in found if any(in_order(match, order) for order in ORDERS)] or found
    against = {order: [text for text, match in found if in_order(match, order) is None] for order in ORDERS}
    fitting = [order for order, misfits in against.items() if not misfits]
    if not fitting:
        conflict = list(dict.fromkeys(misfits[0] for misfits in reversed(against.values())))
        message = f"dates in two orders, as in {values_said(conflict[-2:])}: the column is set aside."
        return None, place.whole("error", message, "Write all dates as year-month-day.")
    example = values_said([text for text, _ in found[:1]])
    if len(fitting) == 1:
        others = [misfits for order, misfits in against.items() if order is not fitting[0]]
        both = set(others[1])
        proof = [text for text in others[0] if text in both][:1] or [misfits[0] for misfits in others]
        said = f"dates are read as {ORDERS[fitting[0]]}, as {values_said(proof)} can only be that."
        return fitting[0], place.whole("note", said)
    if DateOrder.DAY_MONTH in fitting and all(match[2] == "." for _, match in found):
        fitting = [order for order in fitting if order is not DateOrder.MONTH_DAY]
        if len(fitting) == 1:
            return fitting[0], place.whole("note", f"dates such as {example} are read as day.month.year, as dates with points are written.")
    usual = [order for order in fitting if all(_in_years(match, order, years) for _, match in found)]
    if len(usual) == 1:
        said = f"dates such as {example} are read as {ORDERS[usual[0]]}: only so do they all lie in the years {years[0]} to {years[1]}."
        return usual[0], place.whole("note", said)
    fitting = usual or fitting
    open_orders = [ORDERS[order] if DateOrder.YEAR_FIRST in fitting else ORDERS[order].removesuffix("/year") for order in fitting]
    message = f"dates such as {example} may be {' or '.join(open_orders)}: the column is set aside."
    return None, place.whole("error", message, f"Say date_order = {' or '.join(repr(str(order)) for order in fitting)} for this column in the mapping.")


def _in_years(match: re.Match[str], order: DateOrder, years: tuple[int, int]) -> bool:
    parts = in_order(match, order)
    return parts is not None and (len(parts[0]) == 4 or years[0] <= Written(years=years).year(parts[0]) <= years[1])
