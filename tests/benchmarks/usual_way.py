"""The same job the way it is usually done: a pandas frame with a column of booleans a criterion, a value that is missing counting as not met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from feasibility.results.overview import Overview, Workbench
from feasibility.rules.nodes import Egfr, Window
from feasibility.screening.screen import PASS


@dataclass(frozen=True)
class Counts:
    """The funnel's patients left after each step, those who fail each criterion at all, and those who fail it alone."""

    funnel: list[int]
    any_fail: list[int]
    only_fail: list[int]


def frame(overview: Overview) -> pd.DataFrame:
    """Who meets which criterion, a column a criterion in the order of the funnel."""
    return pd.DataFrame({each: overview.screening.outcomes[each] == PASS for each in overview.order})


def egfr_column(workbench: Workbench, lab_window_days: float) -> pd.Series[float]:
    """The latest eGFR as the usual table holds it: a number, NaN where there is none."""
    found = workbench.screener.evaluator.quantity(Egfr("2021_cr", Window(lab_window_days, "days")), {})
    return pd.Series(np.where(found.lo == found.hi, found.lo, np.nan))


def counts(passes: pd.DataFrame) -> Counts:
    """What a dashboard would count anew at every move."""
    left = passes.cumprod(axis=1).sum()
    only = [(~passes[each] & passes.drop(columns=each).all(axis=1)).sum() for each in passes.columns]
    return Counts([int(each) for each in left], [int(each) for each in (~passes).sum()], [int(each) for each in only])
