"""On any outcomes: the best sets leave whom they are said to leave, and more may never leave fewer."""

from __future__ import annotations

from hypothesis import given
from properties.test_accounting import outcome_tables

from feasibility.logic import Truth
from feasibility.patterns import count
from feasibility.results.accounting import breakdown, tally
from feasibility.results.dropping import Aim, dropping


@given(outcome_tables())
def test_the_best_sets_leave_whom_they_are_said_to_leave(table: tuple[dict[str, Truth], int]) -> None:
    outcomes, patients = table
    patterns, order = count(outcomes, patients), tuple(outcomes)
    losses = breakdown(patterns, order)
    for aim, found in dropping(patterns, order).items():
        counts = [best.count(aim) for best in found.sets]
        assert counts == sorted(counts)
        assert (counts[-1], found.sets[-1].undetermined) == (patients, 0)
        for number, best in enumerate(found.sets):
            left = tally(patterns, [each for each in order if each not in best.dropped])
            assert (best.eligible, best.undetermined, len(best.dropped)) == (left.eligible, left.undetermined, number)
        if len(found.sets) > 1:
            gains = [loss.gain if aim is Aim.ELIGIBLE else loss.gain_possible for loss in losses]
            assert counts[1] == counts[0] + max(gains)
