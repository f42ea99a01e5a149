"""On anything stages may find: patients are lost once, no order that is allowed is cheaper than the cheapest, and no order changes who is left."""

from __future__ import annotations

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feasibility.results.by_stage import ByStage
from feasibility.results.screening_order import cheapest, cost_of, moved_between

NAMES = "ABCDE"


@st.composite
def findings(draw: st.DrawFn) -> ByStage:
    number, groups = draw(st.integers(0, len(NAMES))), draw(st.integers(1, 3))
    everything = (1 << number) - 1
    after = [draw(st.integers(0, (1 << stage) - 1)) if draw(st.booleans()) else 0 for stage in range(number)]
    for stage in range(number):  # by way of others too
        for before in range(stage):
            after[stage] |= after[before] if after[stage] >> before & 1 else 0
    grounds = draw(st.lists(st.integers(1, everything), max_size=6, unique=True)) if number else []
    found = sorted({0, *draw(st.lists(st.integers(0, (1 << len(grounds)) - 1), max_size=8))})
    counts = np.array([[draw(st.integers(0, 9)) for _ in range(groups)] for _ in found], np.int64)
    rate = st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.0])
    rates = np.array([[draw(rate) for _ in range(number)] for _ in range(groups)]).reshape(groups, number)
    eligible = np.array([draw(st.integers(0, int(each))) for each in counts[0]], np.int64)
    costs = np.array([draw(st.sampled_from([0.0, 0.1, 1.0, 3.0, 10.0])) for _ in range(number)])
    masks = np.array(found, np.int64)
    return ByStage(
        int(counts.sum()), tuple(NAMES[:number]), costs, tuple(after), tuple(grounds), masks, counts, rates, np.ones(groups), eligible, counts[0] - eligible
    )


@settings(max_examples=max(settings().max_examples // 2, 10))
@given(findings())
def test_every_order_agrees_at_its_end_and_none_is_cheaper_than_the_cheapest(found: ByStage) -> None:
    best = cheapest(found)
    assert best is not None
    assert best.broken == ()
    for order in permutations(found.stages):
        cost = cost_of(found, order)
        assert cost.order == order
        left = float(found.patients)
        for stage in cost.stages:
            assert stage.reaching == pytest.approx(left)
            assert min(stage.stopped, stage.by_assumption) >= -1e-9
            left = stage.reaching - stage.stopped - stage.by_assumption
        assert left == pytest.approx(cost.eligible + cost.undetermined)
        assert (cost.eligible, cost.undetermined) == (best.eligible, best.undetermined)
        assert cost.broken or best.total <= cost.total + 1e-9


@settings(max_examples=max(settings().max_examples // 2, 10))
@given(findings(), st.randoms())
def test_what_moved_stages_save_and_cost_is_the_difference_between_the_orders(found: ByStage, chance: Random) -> None:
    shown, other = (cost_of(found, chance.sample(found.stages, len(found.stages))) for _ in range(2))
    moved = moved_between(shown, other)
    assert sum(each.cheaper for each in moved) == pytest.approx(shown.total - other.total)
    assert [each.cheaper for each in moved] == sorted((each.cheaper for each in moved), reverse=True)
    for each in moved:
        place, was = other.order.index(each.id), shown.order.index(each.id)
        assert set(other.order[:place]) == {*shown.order[:was], *each.after} - {*each.before}
        assert each.fewer == pytest.approx(shown.stages[was].reaching - other.stages[place].reaching)
    assert moved_between(shown, shown) == ()
