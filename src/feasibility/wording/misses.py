"""Near misses, gaps in the data and what can be treated, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from feasibility.cohort import Cohort
from feasibility.parameters import Number, decimals, unit_for, worded
from feasibility.protocol import Protocol
from feasibility.results.gaps import Gap, Gaps, Range
from feasibility.results.near import Elsewhere, NearCounts, NearMiss, NearMisses, OneFailed
from feasibility.results.nearest_move import NearestMove
from feasibility.results.taken_as_absent import Absent
from feasibility.rules.sentence import Speaker
from feasibility.scenario import Scenario, changes
from feasibility.screening.explain import CriterionFound, Span
from feasibility.variables import Catalogue
from feasibility.wording.criteria import name, title
from feasibility.wording.explained import VERDICTS, limbs_said, reason
from feasibility.wording.files import cohort_line
from feasibility.wording.numbers import NO_LIMIT, count, listed, patients, sentences, several
from feasibility.wording.recorded import as_recorded
from feasibility.wording.titled import Titled

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


# Gaps


def gap_measured(gap: Gap, catalogue: Catalogue) -> str:
    """What is measured at once: ``LDL cholesterol``, ``blood pressure``, ``lipids``, ``kidney biopsy``."""
    if gap.name in catalogue:
        return Speaker(catalogue).label(gap.name)
    return gap.name.replace("_", " ")


def gap_said(found: Gap, catalogue: Catalogue) -> str:
    """``Measuring LDL cholesterol in 61 people could add up to 23``."""
    return f"Measuring {gap_measured(found, catalogue)} in {several(found.people, 'person', 'people')} could add up to {count(found.gained.high)}"


def gaps_not_drawn(smaller: int, idle: int) -> str:
    """How many more gaps the table has than the picture; nothing where it has none."""
    more = [f"{several(smaller, 'gap')} that could add fewer"] if smaller else []
    nobody = [f"{several(idle, 'gap')} that by {'itself' if idle == 1 else 'themselves'} could add nobody"] if idle else []
    return f"Only in the table: {listed([*more, *nobody])}." if more or nobody else ""


def range_said(counts: Range) -> str:
    """``134–157``, or one number."""
    return count(counts.low) if counts.low == counts.high else f"{count(counts.low)}–{count(counts.high)}"


NO_GAPS = "No patient is undetermined for something that could be measured."
GAP_LINE = (
    "What", "People", "Never recorded", "Only outside the window", "Recorded, not enough", "Settled for certain", "Could add", "Could lose",
    "Eligible then", "Eligible or undetermined then",
)  # fmt: skip
MOST_ABSENT = 3
MEASURING_EXPLAINED = dict(
    zip(
        GAP_LINE[:8],
        (
            "What is measured from one sample stands together where that does more than one of its parts.",
            "The undetermined for whom it is open: the next three columns are all of them.",
            "Nothing of it stands in the files.",
            "It was recorded, but not where the criteria look.",
            "One collection of two, a value known only as above a limit, a date known in part.",
            "Those of them for whom nothing else is open, so that it makes each of them eligible or ineligible.",
            "How many would become eligible, from the fewest to the most, as the values turn out.",
            "How many would become ineligible, from the fewest to the most, as the values turn out.",
        ),
        strict=True,
    )
)
"""What the columns of the table count."""


def same_patients(gaps: Gaps, catalogue: Catalogue) -> str:
    """Which gaps are of the very same patients, as a sentence each; nothing where none are."""
    measured = {each.name: gap_measured(each, catalogue) for each in gaps.gaps}
    return sentences(*(f"The very same patients are open for {listed([measured[name] for name in names])}." for names in gaps.alike))


def said_of_gaps(gaps: Gaps) -> Titled:
    """What is counted out of what, and how the bars are read."""
    possible = gaps.tally.eligible + gaps.tally.undetermined
    recorded = f"For {count(gaps.in_none)} nothing is missing: what is recorded leaves them open. " if gaps.in_none else ""
    solid = "Solid: eligible then whatever is found. " if any(each.gained.low for each in gaps.gaps) else ""
    return Titled(
        "What measuring what is missing could add",
        f"Eligible is a range: {count(gaps.tally.eligible)} to {count(possible)} of {patients(gaps.tally.patients)}, and each bar is what measuring one "
        f"thing in some of the {count(gaps.tally.undetermined)} undetermined could add.",
        f"For {count(gaps.one_settles)} of the undetermined one measurement, or what is measured from one sample, would be enough, not the "
        f"same for all. {recorded}{solid}"
        "Hatched: eligible then if what is found is in their favour. "
        "All else held, as in the scenario.",
    )


def taken_as_absent(absent: Absent, catalogue: Catalogue) -> str:
    """Which events count as a no where nothing is recorded of them, and what hangs on that; nothing where there are none."""
    found = absent.events
    if not found:
        return ""
    said = []
    label = {each: f"{catalogue[each.variable].label} ({listed(each.criteria)})" for each in found}
    if with_no := [each for each in found if each.no_recorded]:
        named = [f"{count(each.eligible)} for {label[each]}" for each in with_no[:MOST_ABSENT]]
        more = f"; {several(len(with_no) - MOST_ABSENT, 'more event')}" if len(with_no) > MOST_ABSENT else ""
        said.append(
            f"Of events of which a no is recorded too, nothing recorded counts as a no, and not as missing. Counted as unknown it would leave undetermined, "
            f"of the {count(absent.tally.eligible)} eligible (one may count in several): {', '.join(named)}{more}."
        )
    if only_yes := [each for each in found if not each.no_recorded]:
        named = [label[each] for each in only_yes[:MOST_ABSENT]]
        named += [several(len(only_yes) - MOST_ABSENT, "more event")] if len(only_yes) > MOST_ABSENT else []
        said.append(
            f"Of {listed(named)} the files never record a no: nothing recorded is taken for one there, and {count(absent.never_no)} of the "
            f"{count(absent.tally.eligible)} eligible hang on that."
        )
    return " ".join((*said, "The Criteria page says what no record means, and changes it."))


def gap_name(gap: Gap, catalogue: Catalogue) -> str:
    """``LDL cholesterol in 61 people``."""
    return f"{gap_measured(gap, catalogue)} in {several(gap.people, 'person', 'people')}" + ("" if gap.in_file else ", no column")


def gained_said(gap: Gap) -> str:
    """``up to +23``, ``+3–23`` where some are gained whatever is found, or ``nobody``."""
    if not gap.gained.high:
        return "nobody"
    return f"+{range_said(gap.gained)}" if gap.gained.low else f"up to +{count(gap.gained.high)}"


def gap_line(gaps: Gaps, gap: Gap, catalogue: Catalogue) -> tuple[str | int, ...]:
    """A line of the table of gaps."""
    ranges = gap.gained, gap.lost, gaps.lower(gap), gaps.upper(gap)
    lacking = gap.never, gap.nothing - gap.never, gap.people - gap.nothing
    return gap_measured(gap, catalogue), gap.people, *lacking, gap.settled, *(range_said(each) for each in ranges)
