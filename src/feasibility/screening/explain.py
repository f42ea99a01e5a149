"""Why a patient passes or fails: what each limb and each condition of a rule found, for a few patients, who are screened by themselves.

The truths are those of screening: conditions are judged by the evaluator on the patients' own records and joined by Kleene's logic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from feasibility.cohort import Records, Times
from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Intervals, Truth, and_, between, not_, or_
from feasibility.protocol import Join, Role
from feasibility.rules.nodes import (
    All,
    AnyOf,
    Compare,
    Condition,
    Constant,
    Egfr,
    Exposed,
    Label,
    Not,
    Occurred,
    Pick,
    Possible,
    Quantity,
    Statistic,
    Visit,
    variables,
)
from feasibility.rules.sentence import subject_first
from feasibility.screening import events, rows, statistics
from feasibility.screening.asked import Asked, ResolvedLimb, necessary, outcome
from feasibility.screening.evaluate import Evaluator, Policies, variables_of
from feasibility.screening.screen import Screener, Screening
from feasibility.screening.subset import subset
from feasibility.variables import MissingPolicy

Span = tuple[float, float]
Days = tuple[int, int]
SAMPLES = ("creatinine", "cystatin_c")


@dataclass(frozen=True)
class Seen:
    """One record of the patient's: its values by variable, each an interval, and when it was and ended, in whole days before the index date.

    ``days`` and ``ended`` are closed intervals, the less first; None: it has no date. ``inside``: whether it lies where the condition looks; ``meant``:
    whether it is of those the condition speaks of; ``excepted``: whether an exception takes it out.
    """

    values: tuple[tuple[str, Span], ...]
    days: Days | None
    ended: Days | None = None
    inside: int = int(TRUE)
    meant: int = int(TRUE)
    excepted: int = int(FALSE)


@dataclass(frozen=True)
class Clause:
    """A condition with what it found for one patient: its truth, and that of its parts.

    ``wanted`` is the truth, TRUE or FALSE, that speaks for the patient. ``values``: of a comparison the interval of each quantity in it, the one asked
    about first; (−inf, inf) where nothing is known. ``behind``: the records that each of these rests on, newest first (``rows_behind``). ``seen``: of an
    event or a visit all its records; ``said_not``: one says that the event did not happen. ``exception``: it is the exception of its limb.
    """

    condition: Condition
    truth: int
    wanted: int
    parts: tuple[Clause, ...] = ()
    values: tuple[Span, ...] = ()
    behind: tuple[tuple[Seen, ...], ...] = ()
    seen: tuple[Seen, ...] = ()
    said_not: bool = False
    exception: bool = False

    @property
    def met(self) -> int:
        """FAIL, UNKNOWN or PASS: whether it is as it has to be for the patient to pass."""
        return self.truth if self.wanted == TRUE else int(TRUE) - self.truth


@dataclass(frozen=True)
class LimbFound:
    """A limb: whether the patient meets it (FAIL, UNKNOWN, PASS), and its rule. ``against``: variables of which a lack counts against the patient."""

    label: str
    met: int
    clause: Clause
    against: tuple[str, ...]


@dataclass(frozen=True)
class CriterionFound:
    """A criterion's outcome for one patient (FAIL, UNKNOWN, PASS), and its limbs that the cohort's columns can show.

    ``all_limbs``: passing takes meeting each limb; otherwise any. ``not_shown``: limbs that no column shows. ``no_column``: variables without a column.
    """

    id: str
    outcome: int
    all_limbs: bool
    limbs: tuple[LimbFound, ...]
    not_shown: tuple[str, ...]
    no_column: tuple[str, ...]


def explained(screener: Screener, screening: Screening, patients: Sequence[int], criteria: Iterable[str]) -> tuple[tuple[CriterionFound, ...], ...]:
    """For each of a few patients, by row, what each of some assessed criteria found."""
    asked = {each: screener.asked(screening.protocol, screening.scenario, each) for each in criteria}
    types = {screener.catalogue[name].of for question in asked.values() for limb in question.limbs for name in variables(limb.stands)}
    some = Screener(subset(screener.cohort, np.asarray(patients, np.intp), types), screener.catalogue)
    remembered: dict[Quantity, list[tuple[Seen, ...]]] = {}
    found = [_criterion(some, criterion_id, question, remembered) for criterion_id, question in asked.items()]
    return tuple(zip(*found, strict=True)) if found else ((),) * len(patients)


# All of the few at once: a list has an entry a patient


def _criterion(screener: Screener, criterion_id: str, asked: Asked, remembered: dict[Quantity, list[tuple[Seen, ...]]]) -> list[CriterionFound]:
    role, all_limbs, lacking = asked.role, necessary(asked.role, asked.join), (asked.assessment.not_assessed, asked.assessment.absent)
    truths = [screener.limb_truth(role, limb) for limb in asked.limbs]
    found = [_limb(screener, role, limb, truth, remembered) for limb, truth in zip(asked.limbs, truths, strict=True)]
    if asked.open:
        truths.append(np.full(screener.cohort.patients, UNKNOWN))
    rule = and_(*truths) if asked.join is Join.ALL else or_(*truths)
    return [CriterionFound(criterion_id, met, all_limbs, limbs, *lacking) for met, limbs in _rows(outcome(role, rule).tolist(), *found)]


def _limb(screener: Screener, role: Role, limb: ResolvedLimb, truth: Truth, remembered: dict[Quantity, list[tuple[Seen, ...]]]) -> list[LimbFound]:
    finder = _Finder(screener.evaluator, limb.policies, remembered)
    wanted = int(TRUE if role is Role.INCLUSION else FALSE)
    exception = isinstance(limb.stands, (All, AnyOf)) and limb.stands != limb.rule and limb.stands.conditions[0] == limb.rule
    of_rule, found = finder.found(limb.stands, wanted)
    if exception:
        found = [replace(each, parts=(*each.parts[:-1], replace(each.parts[-1], exception=True))) for each in found]
    failing = [name for name, policy in limb.policies.items() if policy is MissingPolicy.FAIL]
    lacks = [((of_rule == UNKNOWN) & lacking).tolist() for lacking in screener.lacking(limb)]
    against = [tuple(name for name, lacking in zip(failing, each, strict=True) if lacking) for each in zip(*lacks, strict=True)] if lacks else [()] * len(found)
    return [LimbFound(limb.label, *each) for each in zip(outcome(role, truth).tolist(), found, against, strict=True)]


@dataclass(frozen=True, eq=False)
class _Finder:
    """Looks at what the conditions of one limb found; ``remembered``: the records behind quantities."""

    evaluator: Evaluator
    policies: Policies
    remembered: dict[Quantity, list[tuple[Seen, ...]]]

    def found(self, condition: Condition, wanted: int) -> tuple[Truth, list[Clause]]:
        """The truth of a condition, and the same with what is behind it."""
        match condition:
            case Not(condition=inner):
                truth, part = self.found(inner, int(TRUE) - wanted)
                return self.joined(condition, not_(truth), wanted, [part])
            case Possible(condition=inner):
                truth, part = self.found(inner, wanted)
                return self.joined(condition, np.minimum(truth, UNKNOWN), wanted, [part])
            case All(conditions=inners) | AnyOf(conditions=inners):
                truths, parts = zip(*(self.found(inner, wanted) for inner in inners), strict=True)
                return self.joined(condition, and_(*truths) if isinstance(condition, All) else or_(*truths), wanted, parts)
        truth = self.evaluator.truth(condition, self.policies)
        values: list[tuple[Span, ...]] = [()] * len(truth)
        behind: list[tuple[tuple[Seen, ...], ...]] = [()] * len(truth)
        seen: list[tuple[Seen, ...]] = [()] * len(truth)
        said_not = [False] * len(truth)
        match condition:
            case Compare():
                left, _, right = subject_first(condition)
                asked = [side for side in (left, right) if not isinstance(side, (Constant, Label))]
                values = list(zip(*(_spans(self.evaluator.quantity(side, self.policies)) for side in asked), strict=True)) or values
                behind = list(zip(*(self.behind(side) for side in asked), strict=True)) or behind
            case Occurred() | Exposed():
                seen, said_not = self.happened(condition) or seen, self.said_not(condition.event) or said_not
            case Visit():
                seen = self.visits(condition) or seen
        found = zip(truth.tolist(), values, behind, seen, said_not, strict=True)
        return truth, [
            Clause(condition, each, wanted, values=spans, behind=sides, seen=records, said_not=no) for each, spans, sides, records, no in found
        ]

    def joined(self, condition: Condition, truth: Truth, wanted: int, parts: Sequence[list[Clause]]) -> tuple[Truth, list[Clause]]:
        return truth, [Clause(condition, each, wanted, inners) for each, inners in zip(truth.tolist(), zip(*parts, strict=True), strict=True)]

    def behind(self, quantity: Quantity) -> list[tuple[Seen, ...]]:
        """The records behind a quantity, by patient."""
        if quantity not in self.remembered:
            self.remembered[quantity] = self._behind(quantity)
        return self.remembered[quantity]

    def _behind(self, quantity: Quantity) -> list[tuple[Seen, ...]]:
        nothing: list[tuple[Seen, ...]] = [()] * self.evaluator.cohort.patients
        match quantity:
            case Pick(variable=name):
                records = self.evaluator.records(name)
                if records is None:
                    return nothing
                return _of_patients(_seen_in(records, (name,)), rows_behind(quantity, records, self.evaluator.quantity(quantity, {})))
            case Egfr(window=window):
                samples = (Pick(Statistic.LATEST, name, window if name in SAMPLES else None) for name in variables_of(quantity))
                return [sum(each, ()) for each in zip(*(self.behind(sample) for sample in samples), strict=True)]
            case _:
                return nothing

    def happened(self, term: Occurred | Exposed) -> list[tuple[Seen, ...]]:
        """The records of an event that happened or may have."""
        records = self.evaluator.records(term.event)
        if records is None:
            return []
        everything = np.full(records.rows, TRUE)
        meant = everything if term.where is None else self.evaluator.of_rows(term.where, records, self.policies)
        excepted = not_(everything) if term.excepting is None else self.evaluator.of_rows(term.excepting, records, self.policies)
        may_have = events.occurrence(term.event, records) != FALSE
        return _of_patients(_seen_in(records, variables(term), events.inside(term, records), meant, excepted), _by_patient(may_have, records))

    def said_not(self, event: str) -> list[bool]:
        """Of whom a record says that an event did not happen."""
        records = self.evaluator.records(event)
        return [] if records is None else rows.any_row(events.occurrence(event, records) == FALSE, records).tolist()

    def visits(self, term: Visit) -> list[tuple[Seen, ...]]:
        """The visits in the window at which anything asked for was measured; ``meant``: whether the condition held there."""
        records = self.evaluator.cohort.records.get(term.record)
        if records is None:
            return []
        asked = variables(term.condition)
        window = rows.rows_in(records.times, records.undated, records.rows, term.window)
        valued = np.zeros(records.rows, bool)
        for name in asked:
            if name in records.fields:
                valued |= rows.has_value(records.fields[name])
        meant = self.evaluator.of_rows(term.condition, records, self.policies)
        return _of_patients(_seen_in(records, asked, between(window.certain, window.possible), meant), _by_patient(window.possible & valued, records))


def rows_behind(pick: Pick, records: Records, values: Intervals) -> list[list[int]]:
    """The rows that a statistic's ``values`` rest on, by patient, newest first.

    Of an extreme the newest that has it, of a mean all; where no single ones have it, or dates leave it open which, all that may lie in the window.
    """
    recorded = records.fields[pick.variable]
    filled, number = rows.has_value(recorded), np.arange(records.rows, dtype=np.float64)
    numbered = replace(records, fields={pick.variable: Intervals(np.where(filled, number, -np.inf), np.where(filled, number, np.inf))})
    window = rows.valued(rows.rows_in(records.times, records.undated, records.rows, pick.window), recorded)
    if pick.last is not None:
        assert isinstance(pick.last, (int, float))
        # Rows are numbered from the newest on: of the last k the k-th has the highest number.
        chosen = [statistics.pick(replace(pick, statistic=Statistic.HIGHEST, last=float(k), rank=1.0), numbered) for k in range(1, int(pick.last) + 1)]
    elif pick.statistic in (Statistic.LATEST, Statistic.EARLIEST):
        chosen = [statistics.pick(pick, numbered)]
    elif pick.statistic in (Statistic.LOWEST, Statistic.HIGHEST):
        owner = records.patient_of_row
        row = rows.first_row(window.certain & (recorded.lo == values.lo[owner]) & (recorded.hi == values.hi[owner]), records)
        chosen = [Intervals(row.astype(np.float64), np.where(row < 0, np.inf, row))]
    else:
        chosen = []
    of_any = _by_patient(window.possible, records)
    places = [[int(lo) if lo == hi else -1 for lo, hi in _spans(each)] for each in chosen]
    return [[row for row in found if row >= 0] or whole for found, whole in zip(zip(*places, strict=True), of_any, strict=True)] if chosen else of_any


def _by_patient(marked: Bools, records: Records) -> list[list[int]]:
    """The rows marked, by the patient they belong to."""
    found: list[list[int]] = [[] for _ in range(records.patients)]
    for row, patient in zip(np.flatnonzero(marked).tolist(), records.patient_of_row[marked].tolist(), strict=True):
        found[patient].append(row)
    return found


def _seen_in(records: Records, asked: tuple[str, ...], *truths: Truth) -> list[Seen]:
    """Every record; ``truths``: those of ``Seen``, in its order, as far as they are not everywhere so."""
    named = [[(name, span) for span in _spans(records.fields[name])] for name in asked if name in records.fields]
    values: Iterable[tuple[tuple[str, Span], ...]] = zip(*named, strict=True) if named else [()] * records.rows
    columns = (values, _days(records.times, records.rows), _days(records.ends, records.rows), *(truth.tolist() for truth in truths))
    return [Seen(*each) for each in zip(*columns, strict=True)]


def _of_patients(seen: list[Seen], of_patients: list[list[int]]) -> list[tuple[Seen, ...]]:
    return [tuple([seen[row] for row in found]) for found in of_patients]


def _rows(outcomes: list[int], *limbs: list[LimbFound]) -> Iterator[tuple[int, tuple[LimbFound, ...]]]:
    return zip(outcomes, zip(*limbs, strict=True), strict=True)


def _spans(values: Intervals) -> list[Span]:
    return list(zip(values.lo.tolist(), values.hi.tolist(), strict=True))


def _days(times: Times | None, number: int) -> list[Days | None]:
    return [None] * number if times is None else list(zip(times.days_lo.tolist(), times.days_hi.tolist(), strict=True))


def clauses(found: Clause) -> Iterator[Clause]:
    """The comparisons, events and visits inside, as they stand in the rule."""
    if not found.parts:
        yield found
    for part in found.parts:
        yield from clauses(part)
