"""A patient's verdict, clause by clause: what was found, and what is needed to pass."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from feasibility.cohort import UNDATED_DAYS, Cohort
from feasibility.logic import FALSE, TRUE, UNKNOWN
from feasibility.rules.nodes import (
    All,
    AnyOf,
    Compare,
    Condition,
    Constant,
    Count,
    Egfr,
    Exposed,
    Field,
    Label,
    Not,
    Occurred,
    Pick,
    Possible,
    Quantity,
    Statistic,
    Visit,
    Which,
)
from feasibility.rules.sentence import INVERSE, ORDINALS, STATISTICS, Speaker, subject_first, without_limit
from feasibility.screening.evaluate import variables_of
from feasibility.screening.explain import Clause, CriterionFound, Days, LimbFound, Seen, Span
from feasibility.screening.screen import FAIL, PASS
from feasibility.variables import Catalogue, Kind
from feasibility.wording.numbers import several

VERDICTS: Mapping[int, str] = {int(FAIL): "fails", int(UNKNOWN): "unknown", int(PASS): "passes"}
NEEDED = {">=": "≥ ", ">": "> ", "<": "< ", "<=": "≤ ", "==": "", "!=": "other than "}
MOST_RECORDS = 3
NOTHING_KNOWN = (-math.inf, math.inf)


def index_day(cohort: Cohort) -> date | None:
    """The day at which all patients are screened; None where it is not one and the same, or not known."""
    return cohort.index_dates[0] if cohort.index_dates is not None and cohort.index_dates[0] == cohort.index_dates[1] else None


def reason(found: CriterionFound, catalogue: Catalogue, index: date | None) -> str:
    """What decides a criterion for one patient: ``UACR 870 mg/g on 2026-01-12, needs > 1000``."""
    deciding = [limb for limb in found.limbs if limb.met == found.outcome]
    if not deciding:
        return f"no column shows {' or '.join(found.not_shown)}" if found.not_shown else ""
    joined = "; or " if found.outcome == FAIL and not found.all_limbs else "; "
    return joined.join(_limb(limb, _Teller(catalogue, index, found.no_column), deciding=True) for limb in deciding)


def limbs_said(found: CriterionFound, catalogue: Catalogue, index: date | None) -> tuple[tuple[str, str, str], ...]:
    """The whole of a criterion for one patient: each limb, whether it is met, and what was found; those that no column shows at the end."""
    teller = _Teller(catalogue, index, found.no_column)
    shown = [(limb.label, VERDICTS[limb.met], _limb(limb, teller, deciding=False)) for limb in found.limbs]
    return (*shown, *((label, "not in the data", "no column shows it") for label in found.not_shown))


def _limb(limb: LimbFound, teller: _Teller, *, deciding: bool) -> str:
    text = teller.clause(limb.clause, deciding)
    against = f"; no record of {' or '.join(teller.label(name) for name in limb.against)} counts against the patient" if limb.against else ""
    return text + against


@dataclass(frozen=True)
class _Teller:
    catalogue: Catalogue
    index: date | None
    no_column: tuple[str, ...]

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.catalogue)

    def label(self, variable: str) -> str:
        return self.speaker.label(variable)

    def clause(self, clause: Clause, deciding: bool) -> str:
        text = self._clause(clause, deciding)
        return f"exception: {text}" if clause.exception else text

    def _clause(self, clause: Clause, deciding: bool) -> str:
        if (limits := _limits(clause)) is not None:
            return self.comparison(clause, limits)
        match clause.condition:
            case Not():
                return self.clause(clause.parts[0], deciding)
            case Possible(condition=inner):
                doubt = f"the matter stays open because {self.speaker.condition(inner, nested=True)}"
                return doubt if clause.parts[0].truth == TRUE else self.clause(clause.parts[0], deciding)
            case Occurred() | Exposed():
                return self.event(clause, clause.condition)
            case Visit():
                return self.visit(clause, clause.condition)
            case AnyOf(conditions=(All(conditions=(_, Not(condition=doubt))), Possible(condition=same))) if doubt == same:
                stated, open_ = clause.parts
                return self.clause(stated.parts[0] if open_.truth == FALSE else open_, deciding)
        if not clause.parts:
            return "settled by a switch"
        parts = [part for part in clause.parts if not isinstance(part.condition, Possible) or part.truth != FALSE] or list(clause.parts)
        if deciding:
            parts = [part for part in parts if part.met == clause.met] or parts
        each_needed = isinstance(clause.condition, All) == (clause.wanted == TRUE)
        return ("; " if each_needed else "; or ").join(dict.fromkeys(self.clause(part, deciding) for part in parts))

    # Comparisons

    def comparison(self, clause: Clause, limits: Sequence[tuple[str, Quantity]]) -> str:
        """Limits on one quantity, said of it once."""
        leaf = _first_leaf(clause)
        left, _, right = subject_first(_comparison(leaf.condition))
        thresholds = [limit.value for _, limit in limits if isinstance(limit, Constant) and isinstance(limit.value, (int, float))]
        found = self.found(left, leaf.values[0], leaf.seen, thresholds)
        both = isinstance(clause.condition, All) == (clause.wanted == TRUE)
        if not isinstance(right, (Constant, Label)):
            return f"{found}, needs {NEEDED[limits[0][0]]}{self.found(right, leaf.values[1], (), ())}"
        unit = self.speaker.unit(left)
        unit = "" if f" {unit}" in found else unit
        needs = [f"{NEEDED[operator]}{self.limit(left, limit, unit)}" for operator, limit in limits]
        return f"{found}, needs {(' and ' if both else ' or ').join(needs)}" if needs else found

    def limit(self, left: Quantity, limit: Quantity, unit: str) -> str:
        named = self.speaker.limit(left, limit)
        return f"{limit.value:g} {unit}".rstrip() if isinstance(limit, Constant) and named[:1].isdigit() else named

    def found(self, quantity: Quantity, span: Span, seen: tuple[Seen, ...], limits: Sequence[float]) -> str:
        """What was found of a quantity."""
        match quantity:
            case Count(variable=name):
                if span == NOTHING_KNOWN:
                    return f"no column for {self.label(name)}" if name in self.no_column else f"how many records of {self.label(name)} is not known"
                return f"{self.amount(span, limits, '')} {'record' if span == (1, 1) else 'records'} of {self.label(name)}"
            case Egfr():
                return self.rate(quantity, span, seen, limits)
            case Pick():
                return self.pick(quantity, span, seen, limits)
            case Constant() | Label() | Field():
                return self.speaker.quantity(quantity)

    def pick(self, pick: Pick, span: Span, seen: tuple[Seen, ...], limits: Sequence[float]) -> str:
        label, last = self.label(pick.variable), int(pick.last) if isinstance(pick.last, (int, float)) else 1
        if not seen and pick.variable in self.no_column:
            return f"no column for {label}" + ("" if span == NOTHING_KNOWN else f", taken as {self.value(pick.variable, span, limits)}")
        if not seen:
            return f"{label} not recorded{self.speaker.window(pick.window)}"
        if last > 1:
            assert isinstance(pick.rank, (int, float))
            ordinal = ORDINALS.get(int(pick.rank), f"{pick.rank:g}th ")
            subject = f"{label}, {ordinal}{STATISTICS[pick.statistic]} of the last {last}:"
        else:
            subject = label if pick.statistic is Statistic.LATEST else f"{STATISTICS[pick.statistic]} {label}"
        few = f", only {len(seen)} of {last} recorded" if last > len(seen) and seen else ""
        value = "not certain" if span == NOTHING_KNOWN else self.value(pick.variable, span, limits)
        if len(seen) == 1 and seen[0].values[0][1] == span:
            return f"{subject} {value}{self.when(seen[0].days)}{few}"
        return f"{subject} {value}{self.in_brackets(self.value(pick.variable, each.values[0][1], limits) + self.when(each.days) for each in seen)}{few}"

    def rate(self, egfr: Egfr, span: Span, seen: tuple[Seen, ...], limits: Sequence[float]) -> str:
        """The eGFR with the sample it is of, and the inputs that are not known."""
        known = {each.values[0][0]: each for each in seen if each.values[0][1] != NOTHING_KNOWN}
        inputs = [f"{self.label(name)} {self.value(name, each.values[0][1], ())}{self.when(each.days)}" for name, each in known.items() if each.days]
        lacking = [name for name in variables_of(egfr) if name not in known]
        inputs += [f"no column for {self.label(name)}" if name in self.no_column else f"{self.label(name)} not recorded" for name in lacking]
        return f"eGFR {'not known' if span == NOTHING_KNOWN else self.amount(span, limits, self.speaker.unit(egfr))}{self.in_brackets(inputs)}"

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
        lo, hi = (f"{_number(end, limits)} {unit}".rstrip() for end in span)
        if span[0] == span[1]:
            return lo
        if math.isinf(span[0]):
            return f"{hi} or less"
        return f"{lo} or more" if math.isinf(span[1]) else f"{_number(span[0], limits)} to {hi}"

    # Events and visits

    def event(self, clause: Clause, term: Occurred | Exposed) -> str:
        label, long_enough = self.label(term.event), ""
        if isinstance(term, Exposed) and isinstance(term.longer_than, (int, float)):
            long_enough = f" for more than {several(int(term.longer_than), 'day')}"
        one, filters = "one" if clause.wanted == TRUE else "none", self.speaker.filters(term.where, term.excepting)
        needs = f"needs {one}{long_enough}{self.speaker.window(term.window)}{filters}"
        counts = [each for each in clause.seen if FALSE not in (each.inside, each.meant) and each.excepted != TRUE]
        shown = counts if clause.truth != FALSE and counts else list(clause.seen)
        if shown:
            more = f"; {len(shown) - MOST_RECORDS} more" if len(shown) > MOST_RECORDS else ""
            return f"{label} {'; '.join(self.happened(each, term) for each in shown[:MOST_RECORDS])}{more}, {needs}"
        if term.event in self.no_column:
            return f"no column for {label}, {needs}"
        return f"{label} not recorded{'' if clause.truth == FALSE else ', which leaves it open'}, {needs}"

    def happened(self, seen: Seen, term: Occurred | Exposed) -> str:
        """``recorded on 2025-08-02 (biopsy result NDRD), outside the window``."""
        said = "recorded" if dict(seen.values)[term.event] == (1.0, 1.0) else "perhaps"
        said += self.period(seen) if seen.ended is not None else self.when(seen.days)
        fields = [f"{self.label(name)} {self.value(name, span, ())}" for name, span in seen.values if name != term.event]
        said += f" ({', '.join(fields)})" if fields else ""
        if seen.inside == FALSE:
            return f"{said}, outside the window"
        if seen.excepted == TRUE:
            return f"{said}, excepted"
        return f"{said}, not one of those meant" if seen.meant == FALSE else said

    def visit(self, clause: Clause, term: Visit) -> str:
        latest, held = term.which is Which.LATEST, [each for each in clause.seen if each.meant == TRUE]
        which = f"{'' if clause.wanted == TRUE else 'not '}{'the latest visit with' if latest else 'a visit with'}"
        needs = f"needs {which} {self.at_one_visit(term.condition)}{self.speaker.window(term.window)}"
        shown = held[:1] if clause.truth == TRUE and not latest else list(clause.seen)[: 1 if latest else None]
        if not shown:
            return f"{self.catalogue.visits[term.record]} not recorded, {needs}"
        more = f"; {len(shown) - MOST_RECORDS} more" if len(shown) > MOST_RECORDS else ""
        return f"{'; '.join(self.values_of(each) for each in shown[:MOST_RECORDS])}{more}, {needs}"

    def values_of(self, visit: Seen) -> str:
        return ", ".join(f"{self.label(name)} {self.value(name, span, ())}" for name, span in visit.values) + self.when(visit.days)

    def at_one_visit(self, condition: Condition) -> str:
        """``systolic blood pressure ≤ 160 mmHg and diastolic blood pressure ≤ 100 mmHg``."""
        match condition:
            case All(conditions=inners):
                return " and ".join(self.at_one_visit(inner) for inner in inners)
            case Compare():
                left, operator, right = subject_first(condition)
                return f"{self.speaker.quantity(left)} {NEEDED[operator]}{self.speaker.limit(left, right)}"
            case _:
                return self.speaker.condition(condition, nested=True)

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


def _comparison(condition: object) -> Compare:
    assert isinstance(condition, Compare)
    return condition


def _first_leaf(clause: Clause) -> Clause:
    return _first_leaf(clause.parts[0]) if clause.parts else clause


def _limits(clause: Clause) -> list[tuple[str, Quantity]] | None:
    """The limits that a clause sets on one and the same quantity, as they have to be for the patient to pass; None where it says anything else.

    A limit that is lifted is none.
    """
    if isinstance(clause.condition, Compare):
        _, operator, right = subject_first(clause.condition)
        limit = (operator if clause.wanted == TRUE else INVERSE[operator], right)
        return [] if without_limit(clause.condition) else [limit]
    if not clause.parts or isinstance(clause.condition, Possible):
        return None
    found = [_limits(part) for part in clause.parts]
    subjects = {subject_first(_comparison(_first_leaf(part).condition))[0] for part, limits in zip(clause.parts, found, strict=True) if limits is not None}
    nested = any(len(part.parts) > 1 for part in clause.parts)
    if nested or None in found or len(subjects) > 1:
        return None
    return [limit for limits in found if limits is not None for limit in limits]


def _number(value: float, limits: Sequence[float]) -> str:
    """As few digits, from four on, as leave it on the side of each limit where it is."""
    if math.isinf(value):
        return ""
    for digits in range(4, 10):
        shown = float(f"{value:.{digits}g}")
        if all((shown < limit, shown > limit) == (value < limit, value > limit) for limit in limits):
            break
    return f"{shown:.9g}"
