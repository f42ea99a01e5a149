"""A comparison for one patient, in words: what was found of the quantity asked about, and the limits it is held to."""

from __future__ import annotations

from collections.abc import Sequence

from feasibility.logic import TRUE
from feasibility.rules.nodes import All, Compare, Constant, Count, Egfr, Field, Label, Pick, Possible, Quantity, Statistic
from feasibility.rules.sentence import INVERSE, ORDINALS, STATISTICS, subject_first, without_limit
from feasibility.screening.evaluate import variables_of
from feasibility.screening.explain import Clause, Seen, Span
from feasibility.wording.recorded import NEEDED, NOTHING_KNOWN, Recorded


def comparison_found(of: Recorded, clause: Clause, limits: Sequence[tuple[str, Quantity]]) -> str:
    """Limits on one quantity, said of it once, before the records it rests on; of two quantities what was found of each."""
    leaf = _first_leaf(clause)
    left, _, right = subject_first(_comparison(leaf.condition))
    if not isinstance(right, (Constant, Label)):
        between = [(end + end_of_other) / 2 for end in leaf.values[0] for end_of_other in leaf.values[1]]
        one, other = ("".join(_found(of, *side, between)) for side in zip((left, right), leaf.values, leaf.behind, strict=True))
        return f"{one}, needs {NEEDED[limits[0][0]]}{other}"
    thresholds = [limit.value for _, limit in limits if isinstance(limit, Constant) and isinstance(limit.value, (int, float))]
    found, records = _found(of, left, leaf.values[0], leaf.behind[0], thresholds)
    both = isinstance(clause.condition, All) == (clause.wanted == TRUE)
    unit = of.speaker.unit(left)
    unit = "" if f" {unit}" in found + records else unit
    needs = [f"{NEEDED[operator]}{_limit(of, left, limit, unit)}" for operator, limit in limits]
    return f"{found}, needs {(' and ' if both else ' or ').join(needs)}{records}" if needs else found + records


def limits_of(clause: Clause) -> list[tuple[str, Quantity]] | None:
    """The limits that a clause sets on one and the same quantity, as they have to be for the patient to pass; None where it says anything else.

    A limit that is lifted is none.
    """
    if isinstance(clause.condition, Compare):
        _, operator, right = subject_first(clause.condition)
        limit = (operator if clause.wanted == TRUE else INVERSE[operator], right)
        return [] if without_limit(clause.condition) else [limit]
    if not clause.parts or isinstance(clause.condition, Possible):
        return None
    found = [limits_of(part) for part in clause.parts]
    subjects = {subject_first(_comparison(_first_leaf(part).condition))[0] for part, limits in zip(clause.parts, found, strict=True) if limits is not None}
    nested = any(len(part.parts) > 1 for part in clause.parts)
    together = [limit for limits in found if limits is not None for limit in limits]
    of_two = len(found) > 1 and any(not isinstance(limit, (Constant, Label)) for _, limit in together)
    return None if nested or None in found or len(subjects) > 1 or of_two else together


def _limit(of: Recorded, left: Quantity, limit: Quantity, unit: str) -> str:
    named = of.speaker.limit(left, limit)
    return f"{limit.value:g} {unit}".rstrip() if isinstance(limit, Constant) and named[:1].isdigit() else named


def _found(of: Recorded, quantity: Quantity, span: Span, seen: tuple[Seen, ...], limits: Sequence[float]) -> tuple[str, str]:
    """What was found of a quantity, and in brackets the records it rests on where it does not name them itself."""
    match quantity:
        case Count(variable=name):
            if span == NOTHING_KNOWN:
                return (f"no column for {of.label(name)}" if name in of.no_column else f"how many records of {of.label(name)} is not known"), ""
            return f"{of.amount(span, limits, '')} {'record' if span == (1, 1) else 'records'} of {of.label(name)}", ""
        case Egfr():
            return _rate(of, quantity, span, seen, limits)
        case Pick():
            return _pick(of, quantity, span, seen, limits)
        case Constant() | Label() | Field():
            return of.speaker.quantity(quantity), ""


def _pick(of: Recorded, pick: Pick, span: Span, seen: tuple[Seen, ...], limits: Sequence[float]) -> tuple[str, str]:
    label, last = of.label(pick.variable), int(pick.last) if isinstance(pick.last, (int, float)) else 1
    if not seen and pick.variable in of.no_column:
        return f"no column for {label}" + ("" if span == NOTHING_KNOWN else f", taken as {of.value(pick.variable, span, limits)}"), ""
    if not seen:
        return f"{label} not recorded{of.speaker.window(pick.window)}", ""
    if last > 1:
        assert isinstance(pick.rank, (int, float))
        ordinal = ORDINALS.get(int(pick.rank), f"{pick.rank:g}th ")
        subject = f"{label}, {ordinal}{STATISTICS[pick.statistic]} of the last {last}:"
    else:
        subject = label if pick.statistic is Statistic.LATEST else f"{STATISTICS[pick.statistic]} {label}"
    few = f", only {len(seen)} of {last} recorded" if last > len(seen) and seen else ""
    value = "not certain" if span == NOTHING_KNOWN else of.value(pick.variable, span, limits)
    if len(seen) == 1 and seen[0].values[0][1] == span:
        return f"{subject} {value}{of.when(seen[0].days)}{few}", ""
    return f"{subject} {value}{few}", of.in_brackets(of.value(pick.variable, each.values[0][1], limits) + of.when(each.days) for each in seen)


def _rate(of: Recorded, egfr: Egfr, span: Span, seen: tuple[Seen, ...], limits: Sequence[float]) -> tuple[str, str]:
    """The eGFR with the sample it is of, and the inputs that are not known."""
    known = {each.values[0][0]: each for each in seen if each.values[0][1] != NOTHING_KNOWN}
    inputs = [f"{of.label(name)} {of.value(name, each.values[0][1], ())}{of.when(each.days)}" for name, each in known.items() if each.days]
    lacking = [name for name in variables_of(egfr) if name not in known]
    inputs += [f"no column for {of.label(name)}" if name in of.no_column else f"{of.label(name)} not recorded" for name in lacking]
    return f"eGFR {'not known' if span == NOTHING_KNOWN else of.amount(span, limits, of.speaker.unit(egfr))}", of.in_brackets(inputs)


def _comparison(condition: object) -> Compare:
    assert isinstance(condition, Compare)
    return condition


def _first_leaf(clause: Clause) -> Clause:
    return _first_leaf(clause.parts[0]) if clause.parts else clause
