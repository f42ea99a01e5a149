"""What holds of the data quality of any file: patients and rows add up, and no check counts more than it could tell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from properties.test_intake import HEADERS, tables, usable, written

from feasibility.protocol import builtin_protocol
from feasibility.quality import lines
from feasibility.quality.spread import Distribution
from feasibility.quality.view import Quality
from feasibility.results.disclosure import Rounding
from feasibility.scenario import AS_WRITTEN
from feasibility.screening.screen import Screener
from feasibility.variables import builtin_catalogue

CATALOGUE, PROTOCOL = builtin_catalogue(), builtin_protocol()


@given(tables, st.lists(st.sampled_from(["A", "B", "", " A"]), min_size=12, max_size=12))
def test_patients_and_rows_add_up(table: tuple[list[str], list[list[str]]], at: list[str]) -> None:
    ids, body = table
    cohort = usable(written([["patient_id", "site", *HEADERS], *([name, site, *row] for name, site, row in zip(ids, at, body, strict=False))]))
    if cohort is None:
        return
    view = Quality(Screener(cohort), PROTOCOL)
    for file in view.files:
        assert file.used + sum(number for _, number in file.reasons) == file.read
    for gap in view.gaps:
        assert gap.known + gap.partly + gap.set_aside + gap.missing == gap.of
        assert min(gap.known, gap.partly, gap.set_aside, gap.missing, gap.unusual) >= 0
        assert gap.of <= cohort.patients
        assert gap.unusual <= gap.of
        assert gap.of == cohort.patients or CATALOGUE[gap.variable].is_field
        drawn = view.spread(gap.variable)
        if drawn is not None:
            assert drawn.counts.sum() == (drawn.drawn if isinstance(drawn, Distribution) else gap.values)
            assert drawn.by_site is None or drawn.by_site.sum() <= drawn.counts.sum()
    for costing in view.costliest(view.screener.screen(PROTOCOL, AS_WRITTEN), used_only=False):
        assert 0 <= costing.leaves_open <= costing.gaps.of
    for each in view.checks:
        assert each.checked is None or each.patients <= each.checked <= cohort.patients
    if cohort.sites is not None:
        for gap in view.gaps:
            of_sites = view.by_site((gap.variable,))[gap.variable]
            assert sum(site.of for site in of_sites) <= gap.of
            assert all(site.set_aside <= site.without <= site.of for site in of_sites)
    of_cells, whole = (found(cohort.report.problems, "x.csv") for found in (lines.by_cell, lines.by_problem))
    assert sum(each.number for each in of_cells) == sum(each.number for each in whole)
    assert all(each.number == 0 or each.number >= 10 or each.number == cohort.patients
               for each in lines.by_problem(cohort.report.problems, "", Rounding(10, cohort.patients)))
