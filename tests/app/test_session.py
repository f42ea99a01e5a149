"""What a session holds: nothing of a cohort that was replaced; of a large one what views will ask."""

from __future__ import annotations

import gc
import weakref
from itertools import chain, repeat
from threading import enumerate as enumerate_threads
from typing import NoReturn

import numpy as np
import pytest

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.curves import curves
from feasibility.results.overview import Workbench
from feasibility.results.pairs import grid
from feasibility.results.requirements import requirements
from feasibility.results.standing import Standing
from feasibility.results.tornado import tornado
from feasibility.scenario import AS_WRITTEN, with_value
from feasibility.synthetic import wide
from feasibility.ui import ahead
from feasibility.ui.ahead import begin
from feasibility.ui.session import Session


def drawn(patients: int) -> Cohort:
    frame = wide(patients, np.random.default_rng(patients))
    return load_cohort("drawn", frame.to_csv(index=False).encode())


def test_a_cohort_that_is_replaced_is_given_back_whatever_was_looked_at() -> None:
    protocol = builtin_protocol()
    session = Session(Workbench(drawn(200), protocol))
    before = weakref.ref(session.cohort)
    assert session.shown.tally.patients == 200
    session.ledger.view(session.overview)
    assert session.quality.gaps
    session.what_it_shows()
    session.use(drawn(100), protocol)
    gc.collect()
    assert before() is None


def looked_ahead(session: Session, *cohorts: Cohort) -> None:
    """Uses one cohort after the other while nothing can be looked at yet, and waits until everything has been."""
    with ahead._ONE_AT_A_TIME:
        for each in cohorts:
            session.use(each, session.protocol)
        looking = [each for each in enumerate_threads() if each.name == "looking ahead"]
    for thread in looking:
        thread.join()


def test_of_many_patients_what_views_look_up_once_is_looked_up_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the scenario that is kept. Afterwards no view finds anything of everybody that was not known, and shows what it shows of a fresh workbench."""
    protocol, many = builtin_protocol(), drawn(200)
    monkeypatch.setattr(ahead, "MANY", 200)
    scenario = with_value(protocol, AS_WRITTEN, "I5.egfr_min", 30)
    session = Session(Workbench(drawn(10), protocol), scenario)
    looked_ahead(session, many)
    fresh = Workbench(many, protocol)
    expected = curves(fresh, scenario)
    bars, needed = tornado(fresh, scenario, expected), requirements(fresh, scenario)
    held = session.workbench.screener.memory.held
    assert session.overview.tally == fresh.overview(scenario).tally

    def counted_anew(*_: object) -> NoReturn:
        raise AssertionError("it is counted on")

    monkeypatch.setattr(Standing, "_counted", counted_anew)
    found = curves(session.workbench, scenario)
    assert [(each.name, each.eligible.tolist()) for each in found] == [(each.name, each.eligible.tolist()) for each in expected]
    assert tornado(session.workbench, scenario, found) == bars
    assert requirements(session.workbench, scenario).levels == needed.levels
    for one, other in (("I6.sbp_max", "I6.dbp_max"), ("I6.dbp_max", "I6.sbp_max"), ("lab_window", "I5.egfr_min"), ("I5.egfr_min", "E5.ldl_max")):
        assert (grid(session.workbench, scenario, one, other).eligible == grid(fresh, scenario, one, other).eligible).all()
    assert session.workbench.screener.memory.held == held, "nothing was found that was not known"


def test_of_few_patients_or_too_many_nothing_is_looked_up_ahead_nor_of_those_no_longer_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Workbench(drawn(10), builtin_protocol()))
    few = Workbench(drawn(200), builtin_protocol()).screener.memory.held
    for least, most in ((201, 300), (100, 199)):
        monkeypatch.setattr(ahead, "MANY", least)
        monkeypatch.setattr(ahead, "MOST", most)
        looked_ahead(session, drawn(200))
        assert session.workbench.screener.memory.held == few
    monkeypatch.setattr(ahead, "MANY", 200)
    monkeypatch.setattr(ahead, "MOST", 210)
    used: list[Workbench] = []
    monkeypatch.setattr(ahead, "begin", lambda workbench, *rest: used.append(workbench) or begin(workbench, *rest))
    looked_ahead(session, drawn(200), drawn(210))
    replaced, in_use = used
    assert replaced.screener.memory.held == few
    assert in_use is session.workbench
    assert in_use.screener.memory.held > 2 * few


def test_looking_ahead_ends_with_the_view_at_which_the_cohort_is_replaced() -> None:
    held = []
    for views in range(5):
        workbench, left = Workbench(drawn(200), builtin_protocol()), chain([True] * views, repeat(False))
        ahead.look(workbench, AS_WRITTEN, lambda left=left: next(left))
        held.append(workbench.screener.memory.held)
    assert held == sorted(set(held)), "each finds something more"
