"""Where cohorts come from: the sample, generated ones, files."""

from __future__ import annotations

import streamlit as st

from feasibility.cohort import Cohort


@st.cache_resource(show_spinner="Loading the sample cohort")
def sample() -> Cohort:
    """The synthetic sample cohort: nobody's data, so one copy serves every session."""
    import stubcohort

    return stubcohort.cohort()
