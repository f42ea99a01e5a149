"""What a session holds: nothing of a cohort that was replaced."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Workbench
from feasibility.synthetic import wide
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
