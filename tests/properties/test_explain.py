"""On any patients and any protocol: what is said to be behind a verdict is what the judge finds, condition by condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import judge
from oracle.judge import Case
from oracle.patients import Columns, Patient, cohort
from properties.strategies import files, protocols_and_files, records_of

from feasibility.protocol import Protocol, builtin_protocol
from feasibility.rules import nodes as n
from feasibility.rules.sentence import subject_first
from feasibility.scenario import AS_WRITTEN, Scenario, reading_id
from feasibility.screening.explain import Clause, Seen, explained
from feasibility.screening.screen import Screener
from feasibility.variables import builtin_catalogue
from feasibility.wording import limbs_said, reason

BUILT_IN = builtin_protocol()
TRUE = 2


def every(clause: Clause) -> Iterator[Clause]:
    yield clause
    for part in clause.parts:
        yield from every(part)


def holds_together(clause: Clause) -> None:
    parts = [part.truth for part in clause.parts]
    match clause.condition:
        case n.Not():
            assert clause.truth == TRUE - parts[0]
            assert clause.parts[0].wanted == TRUE - clause.wanted
        case n.Possible():
            assert clause.truth == min(parts[0], 1)
        case n.All():
            assert clause.truth == min(parts)
        case n.AnyOf():
            assert clause.truth == max(parts)
    assert clause.met == (clause.truth if clause.wanted == TRUE else TRUE - clause.truth)


def records_are_behind(quantity: n.Quantity, behind: Sequence[Seen], case: Case) -> None:
    """Of the last n the statistic of the records seen is the value; the latest is the newest in the window."""
    if not isinstance(quantity, n.Pick) or not case.has_column(quantity.variable):
        return
    value, values = judge.quantity(quantity, case), [seen.values[0][1] for seen in behind]
    found = judge.valued(quantity.variable, quantity.window, case)
    assert bool(values) == bool(found)
    days = [None if day is None else (case.patient.index - day).days for day, _ in found]
    shown = [None if seen.days is None else seen.days[0] for seen in behind]
    assert set(shown) <= set(days)
    if quantity.last is None and quantity.statistic is n.Statistic.LATEST:
        assert values == [each for _, each in found[:1]]
        assert shown == days[:1]
    if quantity.last is not None:
        assert len(values) <= quantity.last
        assert values[:1] == [each for _, each in found[:1]]
        if len(values) == quantity.last and quantity.rank == 1 and quantity.statistic in (n.Statistic.LOWEST, n.Statistic.HIGHEST):
            best = min if quantity.statistic is n.Statistic.LOWEST else max
            assert value == (best(lo for lo, _ in values), best(hi for _, hi in values))
    elif quantity.statistic in (n.Statistic.LOWEST, n.Statistic.HIGHEST):
        assert values in ([value], [each for _, each in found])
    elif quantity.statistic not in (n.Statistic.LATEST, n.Statistic.EARLIEST):
        assert values == [each for _, each in found]


def agree(protocol: Protocol, patients: list[Patient], columns: Columns, scenario: Scenario = AS_WRITTEN) -> None:
    screener = Screener(cohort(patients, columns))
    screening = screener.screen(protocol, scenario)
    rows = list(range(len(patients)))[::-1]
    found = explained(screener, screening, rows, screening.assessed)
    for patient, of_patient in zip(rows, found, strict=True):
        assert [each.id for each in of_patient] == list(screening.assessed)
        for each in of_patient:
            assert each.outcome == screening.outcomes[each.id][patient]
            reading = protocol[each.id].reading(reading_id(protocol, scenario, each.id) or "")
            assert reason(each, builtin_catalogue(), None) == reason(each, builtin_catalogue(), None).strip()
            assert len(limbs_said(each, builtin_catalogue(), patients[patient].index)) >= len(each.limbs) > 0
            for limb in each.limbs:
                policies = next(written.missing for written in reading.limbs if written.label == limb.label)
                case = Case(patients[patient], columns, {}, policies)
                for clause in every(limb.clause):
                    holds_together(clause)
                    assert clause.truth == judge.truth(clause.condition, case)
                    if isinstance(clause.condition, n.Compare):
                        left, _, right = subject_first(clause.condition)
                        asked = [side for side in (left, right) if not isinstance(side, (n.Constant, n.Label))]
                        assert list(clause.values) == [judge.quantity(side, case) for side in asked]
                        for side, behind in zip(asked, clause.behind, strict=True):
                            records_are_behind(side, behind, case)


@given(protocols_and_files(most_patients=2))
def test_every_condition_is_judged_alike(case: tuple[Protocol, list[Patient], Columns]) -> None:
    agree(*case)


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from([criterion.id for criterion in BUILT_IN.criteria if criterion.readings]), st.data())
def test_so_are_those_of_the_built_in_protocol(criterion: str, data: st.DataObject) -> None:
    reading = data.draw(st.sampled_from([reading.id for reading in BUILT_IN[criterion].readings]))
    patients, columns = data.draw(files(records_of(BUILT_IN, criterion), most_patients=2))
    agree(BUILT_IN, patients, columns, Scenario(readings={criterion: reading}))


@settings(max_examples=settings().max_examples // 2)
@given(protocols_and_files(partial=True))
def test_with_dates_known_in_part_it_is_the_outcome_that_was_screened(case: tuple[Protocol, list[Patient], Columns]) -> None:
    protocol, patients, columns = case
    screener = Screener(cohort(patients, columns))
    screening = screener.screen(protocol, AS_WRITTEN)
    for patient, of_patient in enumerate(explained(screener, screening, range(len(patients)), screening.assessed)):
        for each in of_patient:
            assert each.outcome == screening.outcomes[each.id][patient]
            for limb in each.limbs:
                for clause in every(limb.clause):
                    holds_together(clause)
            limbs_said(each, builtin_catalogue(), patients[patient].index)
