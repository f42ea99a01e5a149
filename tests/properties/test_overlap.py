"""On any outcomes: the sets failed recompose the ineligible, and what is said of a pair are true counts of patients."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from properties.test_accounting import outcome_tables

from feasibility.logic import FALSE, TRUE, UNKNOWN, Truth
from feasibility.patterns import count
from feasibility.results.accounting import breakdown, tally
from feasibility.results.overlap import failed_together, redundancy


@given(outcome_tables(), st.integers(0, 5), st.integers(1, 60))
def test_the_sets_recompose_the_ineligible(table: tuple[dict[str, Truth], int], most: int, times: int) -> None:
    outcomes, patients = table
    outcomes = {name: truth.repeat(times) for name, truth in outcomes.items()}
    patterns, order = count(outcomes, patients * times), tuple(outcomes)
    found = failed_together(patterns, order, most)
    assert found.ineligible == tally(patterns, order).ineligible == sum(each.patients for each in found.sets) + found.further_patients
    assert len(found.sets) <= most
    assert all(each.criteria and 0 <= each.unknown <= each.patients > 0 for each in found.sets)
    losses = breakdown(patterns, order)
    every = failed_together(patterns, order, 1000).sets
    for loss in losses:
        assert loss.fails == sum(each.patients for each in every if loss.id in each.criteria)
        assert loss.gain_possible == sum(each.patients for each in every if each.criteria == (loss.id,))
        assert loss.only_fail == sum(each.patients - each.unknown for each in every if each.criteria == (loss.id,))
    redundancies = redundancy(patterns, losses)
    for pull in (*redundancies.together, *redundancies.apart):
        first, second = (outcomes[each] for each in pull.pair)
        known = (first != UNKNOWN) & (second != UNKNOWN)
        assert pull.both == ((first == FALSE) & (second == FALSE)).sum()
        assert (pull.first, pull.second, pull.known) == ((known & (first == FALSE)).sum(), (known & (second == FALSE)).sum(), known.sum())
        assert (pull.both > pull.expected) is (pull in redundancies.together)
    for each in redundancies.implications:
        assert each.both <= each.fails <= each.known
        assert each.proportion > each.proportion_of_all
        failing, passing = ((outcomes[each.other])[outcomes[each.given] == outcome] for outcome in (FALSE, TRUE))
        spared, spared_of_passing = ((some == TRUE).sum() / (some != UNKNOWN).sum() for some in (failing, passing))
        assert 2 * spared <= spared_of_passing + 1e-9
        assert spared_of_passing > 0.1
        assert each.fails + each.unknown == next(loss.fails for loss in losses if loss.id == each.given)
