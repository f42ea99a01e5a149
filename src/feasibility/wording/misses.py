"""Near misses, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from feasibility.cohort import Cohort
from feasibility.parameters import Number, decimals, unit_for, worded
from feasibility.protocol import Protocol
from feasibility.results.near import Elsewhere, NearCounts, NearMiss, NearMisses, OneFailed
from feasibility.results.nearest_move import NearestMove
from feasibility.scenario import Scenario, changes
from feasibility.screening.explain import CriterionFound, Span
from feasibility.variables import Catalogue
from feasibility.wording.criteria import name, title
from feasibility.wording.explained import VERDICTS, limbs_said, reason
from feasibility.wording.files import cohort_line
from feasibility.wording.numbers import NO_LIMIT, count, listed, patients
from feasibility.wording.recorded import as_recorded

NEAR_ROW = ("Patient", "Criterion", "Values", "Verdict", "Own value", "Threshold now", "How far off", "Would pass at", "Unknown from")
NEAR_ASKED = NEAR_ROW[:4]
"""The columns of a list of near misses: those it can have, and those it has unless others are asked for."""

NEAR_NUMBERS = (
    "Parameter", "Threshold now (number)", "Own value (number)", "Own value minus threshold", "Threshold moved to", "Threshold moved by", "Unit",
    "Moved by, share of threshold", "Then",
)  # fmt: skip
NEAR_FILE = (*NEAR_ROW, *NEAR_NUMBERS)
"""The columns of a file: what a list can have, and its values and distances once more, as numbers to reckon with."""

NEAR_EXPLAINED = {
    "Own value": "The patient's own value, or how long ago it was, where a single one decides; all that was found stands under “Values”.",
    "Threshold now": "The number of the criterion that would have to move least, as it is in the scenario.",
    "How far off": "How far the patient's own value lies over or under it.",
    "Would pass at": "The nearest value of that threshold, on its steps and within its range, at which the patient passes.",
    "Unknown from": "Where none passes: the nearest value from which on it is unknown whether the patient does.",
}

DIGITS = 9  # as values are held
MONTHS_AND_YEARS = ("months", "years")
NO_VALUE_ENOUGH = "fails throughout its range"

NEAR_SHOWN = {
    Elsewhere.PASSED: ("Patient", "Criterion", *NEAR_ROW[4:], "Values"),
    Elsewhere.UNKNOWN: ("Patient", "Verdict", *NEAR_ROW[4:], "Values"),
}
"""On the page, from left to right: the verdict names the criterion where it says on which others they are unknown."""

ELSEWHERE = {Elsewhere.PASSED: "pass all others", Elsewhere.UNKNOWN: "are unknown on another"}

NEAR_HEAD = "Near misses"
NEAR_LINE = ("Fails only", "Clear", "Open")
NEAR_COUNTS_EXPLAINED = ("Fail this criterion only, and pass all others.", "Fail this criterion only, and are unknown on another.")
VERDICT_LINE = ("Criterion", "Outcome", "Explanation")
VERDICT_FILE = ("Patient", *VERDICT_LINE)
NEAR_ORDER = (
    "Nearest first, by how far one number would have to move, in its steps, as a share of the threshold; then by the value itself. Where nothing stands under "
    "“Would pass at”, no single number that has a looser side would let them pass within its range; with “Unknown from” it would leave them undetermined, for "
    "something else that is asked is not known."
)
LIST_SINGLE = "List single patients"
NEAR_ASKED_FOR = "Single patients are listed only when asked for; the list is not kept."
NOT_LISTED = "Single patients are not listed while small counts are hidden."
NEAR_WHO, NEAR_OF, NEAR_OF_ALL = "Those who fail one criterion and", "Criteria", "all"
NEAR_SAVE, NEAR_ALL_SAVED = ("CSV", "XLSX"), "The files hold all who were found, each with the whole verdict."
NEAR_SAVED = (
    "The CSV has behind this table a column a criterion, with its outcome and why; the XLSX has these on a second sheet, a row each, and on a third of which "
    "protocol, cohort and scenario it is."
)
NEAR_KEPT = "Exact counts and single patients of a file can be saved only with “Save exact counts” on, here or under Share on the workbench."
NEAR_CHOOSE = "Choose a row to see that patient's whole verdict, clause by clause."


def near_line(found: OneFailed, protocol: Protocol) -> tuple[str, int, int]:
    """A line of the table of counts."""
    return name(protocol[found.id]), found.passed, found.unknown


def near_found(found: NearMisses, elsewhere: Elsewhere, criteria: Sequence[str]) -> str:
    """How many of how many, and who was asked for: of all ``criteria`` where none are named."""
    of = f"only {criteria[0] if len(criteria) == 1 else f'one of {listed(criteria)}'}" if criteria else "one criterion only"
    return f"{count(found.found)} of {patients(found.patients)} fail {of} and {ELSEWHERE[elsewhere]}."


def near_listed(found: NearMisses) -> str:
    """How many of those found are listed here; nothing where all are."""
    return f"The nearest {count(len(found.shown))} are listed here." if found.found > len(found.shown) else ""


def near_about(protocol: Protocol, cohort: Cohort, scenario: Scenario, found: str) -> tuple[str, ...]:
    """What a file of near misses says of itself."""
    changed = listed([each.text for each in changes(protocol, scenario)]) or "as written"
    return title(protocol), cohort_line(cohort), f"Scenario: {changed}", found


def near_explained(found: NearMisses, most: int) -> str:
    """Of how many the files hold the whole verdict, if they are so many at most; nothing where that is all of them."""
    return f"The files hold all who were found, the nearest {count(most)} with the whole verdict." if found.found > most else ""


def verdict_line(found: CriterionFound, protocol: Protocol, catalogue: Catalogue, index: date | None) -> tuple[str, str, tuple[str, ...]]:
    """One criterion in a patient's whole verdict: its name, its outcome, and what each of its limbs found; several say whether they are met."""
    limbs = limbs_said(found, catalogue, index)
    said = (limbs[0][2],) if len(limbs) == 1 else tuple(f"{label} ({met}): {text}" for label, met, text in limbs)
    return name(protocol[found.id]), VERDICTS[int(found.outcome)], said


def near_said(counts: NearCounts) -> str:
    """``350 of the 1,497 ineligible fail one criterion only: 298 pass all others (clear), 52 are unknown on another (open)``."""
    clear, unsettled = (head.lower() for head in NEAR_LINE[1:])
    said = f"{count(counts.passed)} {ELSEWHERE[Elsewhere.PASSED]} ({clear}), {count(counts.unknown)} {ELSEWHERE[Elsewhere.UNKNOWN]} ({unsettled})"
    return f"{count(counts.passed + counts.unknown)} of the {count(counts.ineligible)} ineligible fail one criterion only: {said}"


def near_verdict(miss: NearMiss) -> str:
    """``fails only I4``; ``fails only I4; unknown: E3 and E5``."""
    return f"fails only {miss.criterion}" + (f"; unknown: {listed(miss.unknown)}" if miss.unknown else "")


def near_move(protocol: Protocol, moved: NearestMove) -> str:
    """``860 mg/g``; ``no limit``; nothing where no value of its range passes them."""
    return "" if moved.passes_at is None else worded(_moved(protocol, moved), moved.passes_at)


def near_open(protocol: Protocol, moved: NearestMove) -> str:
    """``4.2 mmol/L``: from where on it is unknown, if no value passes them; nothing else."""
    return "" if moved.opens_at is None or moved.passes_at is not None else worded(_moved(protocol, moved), moved.opens_at)


def near_threshold(protocol: Protocol, moved: NearestMove) -> str:
    """``UACR above 1,000 mg/g``."""
    parameter = _moved(protocol, moved)
    return f"{parameter.label} {worded(parameter, moved.now)}"


def near_own(protocol: Protocol, moved: NearestMove) -> str:
    """``163.3 mmHg``, ``10.3 years``, ``44.2 mg/g or less``; nothing where no single one is known."""
    return "" if moved.own is None else _span(protocol, moved, _known_of(moved.own), ("or more", "or less"))


def near_off(protocol: Protocol, moved: NearestMove) -> str:
    """``3.3 mmHg over``, ``at least 955.8 mg/g under``, of the value as it is said; nothing where no single one is known."""
    if moved.own is None:
        return ""
    low, high = (round(end - moved.now, _places(protocol, moved)) for end in _known_of(moved.own))
    if low == high == 0:
        return "at the threshold"
    side, near, far = ("over", low, high) if low >= 0 else ("under", -high, -low)
    if math.isinf(far):
        return f"at least {_amount(protocol, moved, near)} {side}" if near else f"at the threshold or {side}"
    return f"{_span(protocol, moved, (near, far), ('', ''))} {side}"


def _known_of(own: Span) -> Span:
    """Nothing is known of a lower end that is 0: a cell that says less than a number is read as one from 0 on where nothing can be less."""
    low, high = own
    return (-math.inf if low == 0 < high else low), high


def _span(protocol: Protocol, moved: NearestMove, span: Span, open_ended: tuple[str, str]) -> str:
    """``163.3 mmHg``, ``400 to 900 mg/g``; where only the lower end is known the first word behind it, where only the upper is the second."""
    low, high = span
    if low == high:
        return _amount(protocol, moved, low)
    if math.isinf(low) or math.isinf(high):
        return f"{_amount(protocol, moved, high if math.isinf(low) else low)} {open_ended[math.isinf(low)]}"
    return f"{low:,.{_places(protocol, moved)}f} to {_amount(protocol, moved, high)}"


def _amount(protocol: Protocol, moved: NearestMove, amount: float) -> str:
    unit = unit_for(_moved(protocol, moved).unit, amount)
    return f"{amount:,.{_places(protocol, moved)}f} {unit}".rstrip()


def _places(protocol: Protocol, moved: NearestMove) -> int:
    """As many decimals as leave the patient's own value on its side of the threshold, and no fewer than this has."""
    assert moved.own is not None
    ends, parameter = [end for end in moved.own if math.isfinite(end)], _moved(protocol, moved)
    if parameter.unit in MONTHS_AND_YEARS:  # mostly reckoned from days, so that more than a decimal means little
        fewest = 0 if all(end % 1 == 0 for end in ends) else 1
        return next((each for each in range(fewest, DIGITS) if all(_side(round(end, each), moved.now) == _side(end, moved.now) for end in ends)), DIGITS)
    return max(decimals(parameter), *(-int(Decimal(as_recorded(end, (moved.now,))).as_tuple().exponent) for end in ends))


def _moved(protocol: Protocol, moved: NearestMove) -> Number:
    parameter = protocol.parameters[moved.parameter]
    assert isinstance(parameter, Number)
    return parameter


def _held(number: float) -> float:
    """Without what subtraction in binary adds to it."""
    return float(f"{number:.{DIGITS}g}")


def _side(value: float, threshold: float) -> tuple[bool, bool]:
    return value < threshold, value > threshold


def near_rows(
    protocol: Protocol, catalogue: Catalogue, index: date | None, misses: Sequence[NearMiss], found: Sequence[CriterionFound], asked: Iterable[str] = NEAR_ASKED
) -> list[tuple[str, ...]]:
    """The rows of a list of near misses, with the columns asked for and no others, in the order of ``NEAR_ROW``; ``found``: of the criterion failed."""
    columns = [column for column in NEAR_ROW if column in set(asked)]
    rows = (_near_row(protocol, catalogue, index, miss, of) for miss, of in zip(misses, found, strict=True))
    return [tuple(row[column] for column in columns) for row in rows]


def _near_row(protocol: Protocol, catalogue: Catalogue, index: date | None, miss: NearMiss, found: CriterionFound) -> Mapping[str, str]:
    nearest = miss.moves[0] if miss.moves else None
    cells = (
        miss.identifier,
        name(protocol[miss.criterion]),
        reason(found, catalogue, index),
        near_verdict(miss),
        *("" if nearest is None else said(protocol, nearest) for said in (near_own, near_threshold, near_off, near_move, near_open)),
    )
    return dict(zip(NEAR_ROW, cells, strict=True))


def near_numbers(protocol: Protocol, miss: NearMiss) -> tuple[str | float, ...]:
    """The nearest move, in the order of ``NEAR_NUMBERS``; empty where there is none, where a limit has to be lifted and where a value is known in part."""
    if not miss.moves:
        return ("",) * len(NEAR_NUMBERS)
    moved = miss.moves[0]
    parameter = _moved(protocol, moved)
    moves, lifted = math.isfinite(moved.distance), moved.to is not None and math.isinf(moved.to)
    return (
        moved.parameter,
        moved.now,
        *("" if each is None else _held(each) for each in (moved.own_exact, moved.over)),
        "" if moved.to is None or lifted else moved.to,
        round(moved.distance, decimals(parameter)) if moves else "",
        parameter.unit,
        "" if moved.of_threshold is None else round(moved.of_threshold, 4),
        NO_VALUE_ENOUGH if moved.to is None else f"{'unknown' if moved.passes_at is None else 'passes'}{f' with {NO_LIMIT}' if lifted else ''}",
    )
