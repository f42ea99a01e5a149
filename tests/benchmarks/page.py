"""The workbench over a synthetic cohort of any size, as a page of its own: ``FEASIBILITY_PATIENTS=10000000 streamlit run tests/benchmarks/page.py``."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from feasibility.cohort import Cohort, Records, Times
from feasibility.logic import Floats, Intervals
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Workbench
from feasibility.ui import cohorts, frame, workbench
from feasibility.ui.ledger import ledger
from feasibility.ui.session import Session, current, settle

DRAWN_AT_MOST = 1_000_000  # more are the same patients over again: a page does not know, and drawing them would take minutes


def cohort(patients: int) -> Cohort:
    """Synthetic patients; above a million whole multiples of a million."""
    drawn = cohorts.generated(min(patients, DRAWN_AT_MOST))
    times = max(patients // DRAWN_AT_MOST, 1)
    return drawn if times == 1 else _over_again(drawn, times)


def _over_again(drawn: Cohort, times: int) -> Cohort:
    def again(records: Records) -> Records:
        return replace(
            records,
            patients=records.patients * times,
            starts=None if records.starts is None else _starts(records.starts, times),
            fields={name: _intervals(values, times) for name, values in records.fields.items()},
            times=records.times and _times(records.times, times),
            ends=records.ends and _times(records.ends, times),
        )

    return replace(
        drawn,
        patients=drawn.patients * times,
        ids=np.tile(drawn.ids, times),
        records={name: again(records) for name, records in drawn.records.items()},
        covered_days=None if drawn.covered_days is None else np.tile(drawn.covered_days, times),
    )


def _starts(starts: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    return np.append((starts[:-1] + starts[-1] * np.arange(times)[:, None]).ravel(), starts[-1] * times)


def _intervals(values: Intervals, times: int) -> Intervals:
    lo: Floats = np.tile(values.lo, times)
    return Intervals(lo, lo if values.exact else np.tile(values.hi, times))


def _times(dates: Times, times: int) -> Times:
    days, months = np.tile(dates.days_lo, times), np.tile(dates.months_lo, times)
    if dates.exact:
        return Times(days, days, months, months)
    return Times(days, np.tile(dates.days_hi, times), months, np.tile(dates.months_hi, times))


frame.set_up()
if "session" not in st.session_state:
    st.session_state["session"] = Session(Workbench(cohort(int(os.environ["FEASIBILITY_PATIENTS"])), builtin_protocol()))
    settle()
session = current()
workbench.toolbar(session)
ledger(session)
