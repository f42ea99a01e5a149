"""On any outcomes and any cohort: the partitions recompose the whole, and a move loses nobody it should not."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle.patients import Columns, Patient, cohort
from properties.strategies import files, protocols_and_files, records_of

from feasibility.logic import FALSE, TRUE, UNKNOWN, Truth
from feasibility.parameters import Direction, Number, Switch, Unbounded
from feasibility.patterns import Patterns, count
from feasibility.protocol import Criterion, Protocol, builtin_protocol
from feasibility.results.accounting import breakdown, eligible_patients, funnel, largest_loss_order, tally
from feasibility.results.overview import Workbench
from feasibility.scenario import (
    AS_WRITTEN,
    Order,
    Scenario,
    changes,
    from_query,
    to_query,
    with_criterion_off,
    with_criterion_on,
    with_missing_policy,
    with_order,
    with_rate,
    with_reading,
    with_value,
)
from feasibility.screening.screen import Screener
from feasibility.variables import MissingPolicy

File = tuple[list[Patient], Columns]
BUILT_IN = builtin_protocol()
EVERYTHING = records_of(BUILT_IN)


@st.composite
def outcome_tables(draw: st.DrawFn) -> tuple[dict[str, Truth], int]:
    criteria, patients = draw(st.sampled_from([1, 2, 5, 21, 31, 32, 63])), draw(st.integers(0, 12))
    column = st.lists(st.sampled_from([0, 1, 2, 2, 2]), min_size=patients, max_size=patients)
    return {f"C{place}": np.array(draw(column), np.int8) for place in range(criteria)}, patients


def hold_together(patterns: Patterns, order: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Every invariant of the accounting, for one order and another."""
    whole = tally(patterns, order)
    assert whole.eligible + whole.undetermined + whole.ineligible == whole.patients == patterns.total == int(patterns.patients.sum())
    assert min(whole.eligible, whole.undetermined, whole.ineligible) >= 0
    steps, losses = funnel(patterns, order), breakdown(patterns, order)
    left = patterns.total
    eligible = patterns.total
    for step in steps:
        assert step.eligible + step.undetermined == left - step.lost
        assert step.eligible <= eligible
        assert min(step.eligible, step.undetermined, step.lost) >= 0
        left, eligible = step.eligible + step.undetermined, step.eligible
    if steps:
        assert (steps[-1].eligible, steps[-1].undetermined) == (whole.eligible, whole.undetermined)
    assert sum(step.lost for step in steps) == whole.ineligible
    assert sum(loss.share for loss in losses) == pytest.approx(whole.ineligible)
    for step, loss in zip(steps, losses, strict=True):
        assert step.lost == loss.first_fail <= loss.fails
        assert loss.only_fail <= loss.gain_possible <= loss.first_fail
        assert loss.gain_possible <= loss.share + 1e-9
        assert loss.share <= loss.fails + 1e-9
        rest = tuple(each for each in order if each != loss.id)
        without = tally(patterns, rest)
        assert loss.gain == without.eligible - whole.eligible
        assert loss.gain_possible == without.eligible + without.undetermined - whole.eligible - whole.undetermined
    assert int(eligible_patients(patterns, order).sum()) == whole.eligible
    assert tally(patterns, other) == whole
    elsewhere = {loss.id: loss for loss in breakdown(patterns, other)}
    for loss in losses:
        again = replace(elsewhere[loss.id], first_fail=loss.first_fail, share=loss.share)
        assert again == loss
        assert elsewhere[loss.id].share == pytest.approx(loss.share)


@given(outcome_tables(), st.randoms(use_true_random=False))
def test_partitions_recompose_the_whole(table: tuple[dict[str, Truth], int], random: object) -> None:
    outcomes, patients = table
    patterns = count(outcomes, patients)
    other = list(outcomes)
    random.shuffle(other)  # type: ignore[attr-defined]  # what Hypothesis draws is typed as the base class
    hold_together(patterns, tuple(outcomes), tuple(other))
    some = tuple(other[: len(other) // 2])
    hold_together(patterns, some, some[::-1])


@given(st.integers(1, 6), st.data())
def test_the_share_is_the_mean_over_all_orders_of_those_lost_at_a_criterion(number: int, data: st.DataObject) -> None:
    """The Shapley value as it is defined, of the game in which some criteria are worth the patients who fail at least one of them."""
    patients = data.draw(st.lists(st.tuples(*[st.sampled_from([FALSE, FALSE, UNKNOWN, TRUE])] * number), max_size=12))
    outcomes = {f"C{place}": np.array([each[place] for each in patients], np.int8) for place in range(number)}
    failing = {criterion: {row for row, outcome in enumerate(truth) if outcome == FALSE} for criterion, truth in outcomes.items()}
    orders = list(permutations(outcomes))
    added: Counter[str] = Counter()
    for order in orders:
        ineligible: set[int] = set()
        for each in order:
            added[each] += len(failing[each] - ineligible)
            ineligible |= failing[each]
    for loss in breakdown(count(outcomes, len(patients)), tuple(outcomes)):
        assert abs(Fraction(loss.share) - Fraction(added[loss.id], len(orders))) < 1e-9, loss


@given(outcome_tables())
def test_largest_loss_first_is_an_order_and_greedy(table: tuple[dict[str, Truth], int]) -> None:
    outcomes, patients = table
    patterns = count(outcomes, patients)
    order = largest_loss_order(patterns, tuple(outcomes))
    assert sorted(order) == sorted(outcomes)
    lost = [step.lost for step in funnel(patterns, order)]
    assert lost == sorted(lost, reverse=True)


@settings(max_examples=settings().max_examples // 3)
@given(files(EVERYTHING, partial=True, most_patients=6), st.permutations(BUILT_IN.ids))
def test_the_built_in_protocol_accounts_for_everybody(file: File, other: list[str]) -> None:
    screening = Screener(cohort(*file)).screen(BUILT_IN, AS_WRITTEN)
    patterns = count(screening.outcomes, len(file[0]))
    hold_together(patterns, screening.assessed, tuple(each for each in other if each in screening.assessed))


@given(protocols_and_files())
def test_any_protocol_accounts_for_everybody(case: tuple[Protocol, list[Patient], Columns]) -> None:
    protocol, patients, columns = case
    screening = Screener(cohort(patients, columns)).screen(protocol, AS_WRITTEN)
    hold_together(count(screening.outcomes, len(patients)), screening.assessed, screening.assessed[::-1])
    assert set(screening.assessed) | set(screening.not_assessed) == set(protocol.ids)
    for truth in screening.outcomes.values():
        assert truth.dtype == np.int8
        assert set(truth.tolist()) <= {0, 1, 2}


# Loosening

LOOSENING = [parameter for parameter in BUILT_IN.parameters.values() if isinstance(parameter, Number) and parameter.loosens]


@st.composite
def scenarios_of(draw: st.DrawFn, criterion: Criterion) -> Scenario:
    """Any reading of a criterion, and any of its parameters."""
    scenario = with_reading(BUILT_IN, AS_WRITTEN, criterion.id, draw(st.sampled_from([reading.id for reading in criterion.readings])))
    for name in draw(st.lists(st.sampled_from(["lab_window", *criterion.parameters]), max_size=4, unique=True)):
        scenario = with_value(BUILT_IN, scenario, name, draw(values(BUILT_IN, name)))
    return scenario


def values(protocol: Protocol, name: str) -> st.SearchStrategy[float | bool | str]:
    parameter = protocol.parameters[name]
    if isinstance(parameter, Switch):
        return st.booleans()
    assert isinstance(parameter, Number)
    steps = round((parameter.max - parameter.min) / parameter.step)
    points = st.integers(0, steps).map(lambda place: parameter.min + place * parameter.step).filter(lambda value: parameter.min <= value <= parameter.max)
    edges = [parameter.min, parameter.max, parameter.value]
    if parameter.unbounded:
        edges.append(math.inf if parameter.unbounded is Unbounded.UP else -math.inf)
    return st.one_of(st.sampled_from(edges), points)


@settings(max_examples=settings().max_examples * 4)
@given(st.sampled_from(LOOSENING), st.data())
def test_loosening_never_loses_a_patient(parameter: Number, data: st.DataObject) -> None:
    """Nobody who passed stops passing, and nobody who might pass fails, on the criterion moved; so neither in the whole."""
    criterion = BUILT_IN[parameter.name.partition(".")[0]]
    file = data.draw(files(records_of(BUILT_IN, criterion.id), partial=True, most_patients=3, all_columns=True))
    scenario = data.draw(scenarios_of(criterion))
    pair = sorted(data.draw(values(BUILT_IN, parameter.name)) for _ in range(2))
    strict, loose = pair if parameter.loosens is Direction.UP else pair[::-1]
    # A window without limit asks no more of the feed than that there is one, so a limited one may be less well covered.
    assume(not (math.isinf(strict) and any(each.covered_days is not None for each in file[0])))
    made = cohort(*file)
    before, after = (Screener(made).screen(BUILT_IN, with_value(BUILT_IN, scenario, parameter.name, value)) for value in (strict, loose))
    assert before.outcomes.keys() == after.outcomes.keys()
    assert (before.outcomes[criterion.id] <= after.outcomes[criterion.id]).all()
    tallies = [tally(count(each.outcomes, made.patients), each.assessed) for each in (before, after)]
    assert tallies[0].eligible <= tallies[1].eligible
    assert tallies[0].ineligible >= tallies[1].ineligible


# Moves

MOVES = ["value", "value", "value", "reading", "off", "on", "missing", "rate", "order"]


def moved(scenario: Scenario, data: st.DataObject) -> Scenario:
    kind, criterion = data.draw(st.sampled_from(MOVES)), data.draw(st.sampled_from(BUILT_IN.criteria))
    match kind:
        case "value":
            name = data.draw(st.sampled_from(list(BUILT_IN.parameters)))
            return with_value(BUILT_IN, scenario, name, data.draw(values(BUILT_IN, name)))
        case "reading" if criterion.readings:
            return with_reading(BUILT_IN, scenario, criterion.id, data.draw(st.sampled_from([reading.id for reading in criterion.readings])))
        case "off":
            return with_criterion_off(BUILT_IN, scenario, criterion.id)
        case "on":
            return with_criterion_on(BUILT_IN, scenario, criterion.id)
        case "missing":
            key = data.draw(st.sampled_from(["I3.kidney_biopsy", "I4.uacr", "E3.nyha", "E4.stroke_deficits", "E5.ldl", "E7.hbsag", "I5.creatinine", "I6.sbp"]))
            return with_missing_policy(BUILT_IN, scenario, key, data.draw(st.sampled_from([None, *MissingPolicy])))
        case "rate":
            return with_rate(BUILT_IN, scenario, criterion.id, data.draw(st.sampled_from([None, 0.0, 0.25, 1.0])))
        case "order":
            return with_order(BUILT_IN, scenario, data.draw(st.one_of(st.sampled_from(list(Order)), st.permutations(BUILT_IN.ids))))
    return scenario


@settings(max_examples=settings().max_examples // 3)
@given(files(EVERYTHING, partial=True, most_patients=6), st.data())
def test_after_any_moves_the_workbench_shows_what_a_fresh_one_would(file: File, data: st.DataObject) -> None:
    made = cohort(*file)
    workbench = Workbench(made, BUILT_IN)
    scenario = AS_WRITTEN
    for _ in range(data.draw(st.integers(1, 6))):
        scenario = moved(scenario, data)
        shown = workbench.overview(scenario)
    fresh = Workbench(made, BUILT_IN).overview(scenario)
    assert (shown.order, shown.tally, shown.steps, shown.written, shown.comparison) == (fresh.order, fresh.tally, fresh.steps, fresh.written, fresh.comparison)
    assert [replace(loss, share=0) for loss in shown.losses] == [replace(loss, share=0) for loss in fresh.losses]
    assert [loss.share for loss in shown.losses] == pytest.approx([loss.share for loss in fresh.losses])
    assert shown.assumed == fresh.assumed
    assert shown.expected == pytest.approx(fresh.expected)
    assert shown.tally.eligible - shown.written.eligible == shown.comparison.gained - shown.comparison.lost
    assert 0 <= shown.expected <= shown.tally.eligible


@given(st.data())
def test_a_link_reproduces_any_scenario(data: st.DataObject) -> None:
    scenario = AS_WRITTEN
    for _ in range(data.draw(st.integers(0, 8))):
        scenario = moved(scenario, data)
    assert from_query(BUILT_IN, to_query(BUILT_IN, scenario)) == (scenario, ())
    chips = changes(BUILT_IN, scenario)
    assert len({chip.key for chip in chips}) == len(chips)
    for chip in chips:
        assert chip.without != scenario
        assert chip.key not in {each.key for each in changes(BUILT_IN, chip.without)}


@settings(max_examples=settings().max_examples // 4)
@given(files(EVERYTHING, most_patients=4))
def test_a_criterion_that_passes_everybody_changes_nothing(file: File) -> None:
    screening = Screener(cohort(*file)).screen(BUILT_IN, AS_WRITTEN)
    patterns = count({**screening.outcomes, "new": np.full(len(file[0]), TRUE)}, len(file[0]))
    assert tally(patterns, (*screening.assessed, "new")) == tally(patterns, screening.assessed)
    nobody = count({**screening.outcomes, "new": np.full(len(file[0]), FALSE)}, len(file[0]))
    assert tally(nobody, (*screening.assessed, "new")).ineligible == len(file[0])
