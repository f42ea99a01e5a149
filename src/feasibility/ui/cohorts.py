"""Where cohorts come from: the sample, generated ones, files."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.synthetic import SAMPLE_PATIENTS, SAMPLE_SEED, wide

SAMPLE_FILE = Path(__file__).parents[3] / "sample_data" / "dkd_wide.csv"
SIZES = (2_000, 50_000, 1_000_000)

Progress = Callable[[float, str], None]


def silent(fraction: float, what: str) -> None:
    """Progress that nobody watches."""


@st.cache_resource(show_spinner=False)
def sample() -> Cohort:
    """The synthetic sample cohort: nobody's data, so one copy serves every session."""
    data = SAMPLE_FILE.read_bytes() if SAMPLE_FILE.exists() else _as_file(wide(SAMPLE_PATIENTS, np.random.default_rng(SAMPLE_SEED)))
    return replace(load_cohort("Sample clinic (synthetic)", data), synthetic=True)


def generated(patients: int, progress: Progress = silent) -> Cohort:
    """A synthetic cohort of any size, read the way a file is."""
    progress(0.0, "drawing patients")
    data = _as_file(wide(patients, np.random.default_rng(SAMPLE_SEED)))
    return replace(load_cohort("Synthetic clinic", data, progress=progress), synthetic=True)


def _as_file(table: pd.DataFrame) -> bytes:
    # Parquet keeps a million rows of dates and numbers without writing and reading them as text.
    file = io.BytesIO()
    table.to_parquet(file)
    return file.getvalue()
