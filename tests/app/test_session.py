"""What a session holds: nothing of a cohort that was replaced; of a large one what views will ask."""

from __future__ import annotations

import gc
import weakref
from threading import Thread
from threading import enumerate as enumerate_threads

import numpy as np
import pytest

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.curves import curves
from feasibility.results.overview import Workbench
from feasibility.results.requirements import requirements
from feasibility.results.tornado import tornado
from feasibility.scenario import AS_WRITTEN
from feasibility.synthetic import wide
from feasibility.ui import ahead
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


def looking() -> list[Thread]:
    return [each for each in enumerate_threads() if each.name == "looking ahead"]


def test_of_many_patients_what_views_look_up_once_is_looked_up_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards no view finds anything of everybody that was not known, and shows what it shows of a workbench that nobody looked at before."""
    protocol, many = builtin_protocol(), drawn(200)
    monkeypatch.setattr(ahead, "MANY", 200)
    session = Session(Workbench(drawn(10), protocol))
    session.use(many, protocol)
    for thread in looking():
        thread.join()
    fresh = Workbench(many, protocol)
    expected = curves(fresh, AS_WRITTEN)
    bars, needed = tornado(fresh, AS_WRITTEN, expected), requirements(fresh, AS_WRITTEN)

    held = session.workbench.screener.memory.held
    found = curves(session.workbench, AS_WRITTEN)
    assert [(each.name, each.eligible.tolist()) for each in found] == [(each.name, each.eligible.tolist()) for each in expected]
    assert tornado(session.workbench, AS_WRITTEN, found) == bars
    assert requirements(session.workbench, AS_WRITTEN).levels == needed.levels
    assert session.workbench.screener.memory.held == held, "nothing was found that was not known"


def test_of_few_patients_nothing_is_looked_up_ahead_nor_of_those_no_longer_in_use() -> None:
    protocol = builtin_protocol()
    session = Session(Workbench(drawn(10), protocol))
    session.use(drawn(200), protocol)
    assert not looking()
    workbench = Workbench(drawn(50), protocol)
    ahead.look(workbench, AS_WRITTEN, lambda: False)
    held = workbench.screener.memory.held
    ahead.look(workbench, AS_WRITTEN, lambda: True)
    assert workbench.screener.memory.held > held
