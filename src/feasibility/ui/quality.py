"""The parts of the data quality page: rows, variables, sites, contradictions, problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from feasibility import wording
from feasibility.export import csv_text
from feasibility.figures import data as figures
from feasibility.quality import checks, lines
from feasibility.quality.sites import OfSite
from feasibility.quality.spread import Distribution
from feasibility.quality.view import Costing
from feasibility.ui import saving
from feasibility.ui.frame import palette
from feasibility.ui.session import Session, current
from feasibility.variables import Kind, MissingPolicy

TABLE_PIXELS, CHECK_ROW_PIXELS = 510, 62
MOST_LINES = 1_000  # of a list that the page shows; the file has them all
MOST_SITES = 40
SITES_IN_VIEW = 6
VARIABLE, USED_ONLY, SINGLE, ABOUT, WHICH = "quality variable", "quality used only", "quality single cells", "quality about", "quality check"


def rows(session: Session) -> None:
    """Every row read, accounted for, and what was recorded twice."""
    cohort, rounding, quality = session.cohort, session.rounding, session.quality
    st.markdown(
        f"**{wording.plain(wording.cohort_line(cohort))}** &ensp; {wording.rows_accounted(cohort.report, cohort, rounding)}"
        + saving.state(session)
    )
    set_aside = [file for file in quality.files if file.set_aside]
    if len(quality.files) > 1:
        table = pd.DataFrame([wording.file_row(each, rounding) for each in quality.files], columns=list(wording.FILE_ROW))
        st.dataframe(table, hide_index=True, key="quality files", column_config={"Why set aside": st.column_config.TextColumn(width="large")})
    elif set_aside:
        st.caption(f"Set aside: {wording.rows_reasons(set_aside[0], rounding)}.")
    if quality.repeats:
        st.caption(f"Recorded twice on a day: {wording.repeats(quality.repeats, quality.catalogue, rounding)}.")


def section(session: Session) -> str:
    """Which part of the page is looked at; only that is reckoned."""
    chosen = st.segmented_control("Look at", list(SECTIONS), default="Variables", key="quality section", label_visibility="collapsed", required=True)
    return chosen or "Variables"


def variables(session: Session) -> None:
    """What each variable lacks, what costs most first, and how one of them is distributed."""
    quality, rounding = session.quality, session.rounding
    left, right = st.columns([3, 2], gap="medium")
    with left:
        used_only = st.toggle("Only what the protocol asks for", value=True, key=USED_ONLY)
        found = quality.costliest(session.overview.screening, used_only)
        table = pd.DataFrame([wording.gap_row(each, quality.catalogue, rounding) for each in found], columns=list(wording.GAP_ROW))
        st.dataframe(
            table,
            hide_index=True,
            height=TABLE_PIXELS,
            key="quality gaps",
            on_select=lambda: _chosen(found),
            selection_mode="single-row",
            column_config={
                "Variable": st.column_config.TextColumn(width=178),
                **{name: st.column_config.NumberColumn(help=wording.GAPS_EXPLAINED[name], format="localized") for name in wording.GAP_COUNTS},
                "Asked by": st.column_config.TextColumn(help=wording.GAPS_EXPLAINED["Asked by"], width=70),
                "Missing": st.column_config.NumberColumn(help=wording.GAPS_EXPLAINED["Missing"], format="localized", width=66),
                "Leaves open": st.column_config.NumberColumn(help=wording.GAPS_EXPLAINED["Leaves open"], format="localized", width=84),
                **{
                    name: st.column_config.ProgressColumn(
                        help=wording.GAPS_EXPLAINED[name], format="%.1f", min_value=0, max_value=100, width=104, color="gray"
                    )
                    for name in wording.GAP_SHARES
                },
            },
        )
    with right:
        _variable(session, [each.gaps.variable for each in found if each.gaps.in_file])


def _chosen(found: tuple[Costing, ...]) -> None:
    picked = st.session_state["quality gaps"]["selection"]["rows"]
    if picked and picked[0] < len(found) and found[picked[0]].gaps.in_file:
        st.session_state[VARIABLE] = found[picked[0]].gaps.variable


def _variable(session: Session, names: list[str]) -> None:
    quality = session.quality
    if not names:
        st.caption("No column of the file holds a variable.")
        return
    if st.session_state.get(VARIABLE) not in names:
        st.session_state[VARIABLE] = next((name for name in names if quality.catalogue[name].kind is Kind.NUMBER), names[0])
    name = st.selectbox("Variable", names, key=VARIABLE, format_func=lambda each: quality.catalogue[each].label, label_visibility="collapsed")
    entry, drawn = quality.catalogue[name], quality.spread(name)
    if drawn is None:
        st.caption("There is no value to draw.")
        return
    sites = quality.cohort.sites
    of_sites = list(sites.names[: figures.MOST_SITES]) if sites is not None else []
    if isinstance(drawn, Distribution):
        asked = quality.thresholds(session.scenario, name)
        figure = figures.distribution(drawn, entry, asked, of_sites, session.rounding, palette())
        said = wording.drawn(drawn, entry, asked, session.rounding)
    else:
        figure = figures.named(drawn, of_sites, session.rounding, palette())
        said = wording.named_values(drawn, session.rounding)
    st.plotly_chart(figure, key="quality distribution", theme=None, height=figures.height(len(of_sites)), config={"displayModeBar": False}, alt=said)
    st.caption(wording.plain(said))


def sites(session: Session) -> None:
    """Who lacks what, and whose values are not like the others', site by site."""
    quality, rounding = session.quality, session.rounding
    if quality.cohort.sites is None:
        st.info("No column says where patients are treated. On the Data page, name it under “Site”, or say site = \"…\" in the mapping.")
        return
    names = [f"{name} (site)" if name in ("Variable", "Unit") else name for name in quality.cohort.sites.names[:MOST_SITES]]
    used = [each.gaps.variable for each in quality.costliest(session.overview.screening, True) if each.gaps.in_file]
    numbers = [name for name in used if quality.catalogue[name].kind is Kind.NUMBER]
    gaps = [name for name in used if quality.catalogue[name].missing is not MissingPolicy.ABSENT]
    lacking, medians = st.columns(2, gap="medium")
    with lacking:
        st.markdown("**Without any value**, of the patients asked")
        shares = _of_sites(session, gaps, names, lambda each: wording.share_without(each, rounding))
        said = _of_sites(session, gaps, names, lambda each: wording.without_at_site(each, rounding))
        _by_variable(said.style.apply(lambda _: shares[names].map(_shaded), axis=None, subset=pd.Index(names)), "quality site gaps", len(names))
    with medians:
        st.markdown("**Median** of the latest values")
        table = _of_sites(session, numbers, names, lambda each: wording.median_at_site(each, rounding))
        table.insert(1, "Unit", [quality.catalogue[name].unit for name in numbers])
        _by_variable(table.style.map(_marked, subset=pd.Index(names)), "quality site medians", len(names))
    st.caption(f"{wording.SITE_RULE} {wording.EVENTS_LEFT_OUT if len(gaps) < len(used) else ''}")


def _by_variable(shown: Styler, key: str, sites: int) -> None:
    """A table with a row a variable, whose name stays in view where there are more sites than go beside it; kept so, it is greyed by the browser."""
    name = st.column_config.TextColumn(pinned=sites > SITES_IN_VIEW, width=150)
    st.dataframe(shown, hide_index=True, height=TABLE_PIXELS, key=key, column_config={"Variable": name})


def _of_sites(session: Session, variables: list[str], names: list[str], said: Callable[[OfSite], Any]) -> pd.DataFrame:
    quality = session.quality
    cells = [[said(each) for each in quality.by_site(tuple(variables))[name][: len(names)]] for name in variables]
    table = pd.DataFrame(cells, columns=names)
    table.insert(0, "Variable", [quality.catalogue[name].label for name in variables])
    return table


def _shaded(share: Any) -> str:
    """The more is lacking, the stronger; below a twentieth not at all."""
    return "" if pd.isna(share) or share < 5 else f"background-color: {palette().lost}{int(25 + min(share, 100) * 1.8):02x}"


def _marked(cell: Any) -> str:
    return f"background-color: {palette().lost_faint}; font-weight: bold" if str(cell).startswith("◆") else ""


def contradictions(session: Session) -> None:
    """What cannot be so, or hardly: how many patients, of how many who could be checked, and what to do."""
    quality, rounding = session.quality, session.rounding
    found = quality.checks
    st.markdown(wording.contradictions(found, rounding))
    table = pd.DataFrame([wording.check_row(each, quality.catalogue, rounding) for each in found], columns=list(wording.CHECK_ROW))
    st.dataframe(
        table,
        hide_index=True,
        height=TABLE_PIXELS - 20,
        row_height=CHECK_ROW_PIXELS,
        key="quality checks",
        column_config={
            "Contradiction": st.column_config.TextColumn(width=170),
            "Patients": st.column_config.TextColumn(width=70),
            "Of": st.column_config.TextColumn(width=110, help="Patients for whom it could be looked for: what the check needs is recorded, or settles it."),
            "Looked for": st.column_config.TextColumn(width=380),
            "Why it matters": st.column_config.TextColumn(width=265),
            "What to do": st.column_config.TextColumn(width=230),
        },
    )
    _patients(session, [each for each in found if each.patients and each.checked is not None])


def _patients(session: Session, found: list[checks.Checked]) -> None:
    """The single patients of one contradiction, when they are asked for."""
    if session.small_hidden:
        st.caption(wording.HIDDEN_CELLS)
        return
    if not found or not st.toggle(wording.LIST_SINGLE, key="quality patients"):
        return
    labels = {each.check.id: each.check.label for each in found}
    chosen = st.selectbox("Of which contradiction", list(labels), key=WHICH, format_func=labels.__getitem__, label_visibility="collapsed")
    each = next(each for each in found if each.check.id == chosen)
    ids = checks.those(session.quality.screener.evaluator, each.check)
    st.dataframe(pd.DataFrame({"Patient": [str(name) for name in ids]}), hide_index=True, height=200, key="quality ids")


def problems(session: Session) -> None:
    """Every problem found, filtered, and as a file for whoever mends the data."""
    report, rounding = session.cohort.report, session.rounding
    if not report.problems:
        st.caption("No problems.")
        return
    kinds = [kind for kind in wording.SEVERITIES if any(problem.severity == kind for problem in report.problems)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shown = st.pills(
            "Severity", kinds, selection_mode="multi", default=kinds, format_func=lambda kind: wording.severity(kind, report.problems), key="quality kinds",
            width="content",
        )  # fmt: skip
        subjects = sorted({lines.subject(problem) for problem in report.problems} - {""})
        about = st.selectbox("Variable or column", subjects, index=None, key=ABOUT, format_func=_subject, placeholder="any", width=220)
        text = st.text_input("Text", key="quality text", placeholder="anywhere in the line", width=220)
        single = st.toggle("Single cells", key=SINGLE, disabled=session.small_hidden, help="Each cell with its row and what it says.")
    wanted = lines.Wanted(tuple(shown), about or "", text or "")
    cells = single and not session.small_hidden
    found = lines.by_cell(report.problems, report.source, wanted) if cells else lines.by_problem(report.problems, report.source, rounding, wanted)
    columns = [name for name in wording.LINE_ROW if name not in (wording.OF_PROBLEMS if cells else wording.OF_CELLS)]
    table = pd.DataFrame([wording.line_row(each, session.quality.catalogue) for each in found[:MOST_LINES]], columns=list(wording.LINE_ROW))
    st.dataframe(
        table,
        hide_index=True,
        height=TABLE_PIXELS - 90,
        key="quality problems",
        placeholder="",
        column_order=columns,
        column_config={
            "Severity": st.column_config.TextColumn(width=75),
            "File": st.column_config.TextColumn(width=110),
            "Variable": st.column_config.TextColumn(width=130),
            "Expected": st.column_config.TextColumn(width=170),
            "Row": st.column_config.NumberColumn(width=70),
            "Number": st.column_config.NumberColumn(width=70, help="Cells, rows or records."),
            "What is wrong": st.column_config.TextColumn(width=420 if not cells else 280),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "Save as CSV",
            lambda: _file(session, found, columns),
            "problems.csv",
            "text/csv",
            on_click="ignore",
            key="quality save",
            disabled=not found,
        )
        st.caption(wording.listed_lines(len(found), min(len(found), MOST_LINES)) + (f" {wording.HIDDEN_CELLS}" if session.small_hidden else ""))


def _subject(name: str) -> str:
    catalogue = current().quality.catalogue
    return catalogue[name].label if name in catalogue else name


def _file(session: Session, found: tuple[lines.Line, ...], columns: list[str]) -> str:
    kept = [wording.LINE_ROW.index(name) for name in columns]
    said = (*found, *wording.accounted(session.cohort, session.rounding))
    return csv_text(columns, ([wording.line_row(line, session.quality.catalogue)[place] for place in kept] for line in said))


SECTIONS = {"Variables": variables, "Sites": sites, "Contradictions": contradictions, "Problems": problems}
