"""Near misses: how many fail one criterion only; who they are and why, when it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.export import csv_text, workbook_bytes
from feasibility.protocol import Protocol
from feasibility.results import rounded
from feasibility.results.disclosure import Rounding
from feasibility.results.near import MOST_SHOWN, Elsewhere, NearMiss, NearMisses, explain, near_counts, near_misses
from feasibility.results.overview import Overview
from feasibility.screening.explain import CriterionFound, explained
from feasibility.screening.screen import Screener
from feasibility.ui import saving
from feasibility.ui.session import Session
from feasibility.variables import builtin_catalogue

LIST_PIXELS, COUNTS_PIXELS, COUNTS_WIDE, VERDICT_WIDE = 300, 440, 340, 500
LIST_TAKEN = 420  # pixels of the page above and beneath the list, which is as tall as the window leaves; the verdict beside it too
LIST_BOX, VERDICT_BOX, HEAD_PIXELS, ROW_PIXELS = "near-list-box", "near-verdict-box", 36, 31
COUNTS_ROWS = 12  # that these hold
WIDTHS = dict(zip(wording.NEAR_ROW, (62, 130, 330, 215, 110, 205, 110, 110, 110), strict=True))
COUNTED = {
    wording.NEAR_LINE[0]: st.column_config.TextColumn(width=205),
    **{
        label: st.column_config.NumberColumn(width=width, help=said, format="localized")
        for label, width, said in zip(wording.NEAR_LINE[1:], (58, 60), wording.NEAR_COUNTS_EXPLAINED, strict=True)
    },
}
LISTED, ASKED_OF = "near listed", "near asked of"
"""Whether single patients are listed, and of which cohort that was asked: it holds for no other."""
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPLAINED_AT_ONCE, MOST_EXPLAINED = 500, 5_000  # whole verdicts take 2 ms a patient, and as long again in a workbook


def section(session: Session) -> None:
    """The counts by criterion; single patients only when asked for."""
    overview = session.overview
    exact = near_counts(overview.losses, session.cohort.patients, overview.tally.ineligible)
    counts = rounded.near_counts(session.rounding, exact, session.shown.tally)
    st.subheader(wording.NEAR_HEAD, anchor=False)
    st.markdown(f"**{wording.near_said(counts)}**, of {wording.patients(counts.patients)}.")
    with st.container(horizontal=True, gap="medium", vertical_alignment="top"):
        counted, listed = st.container(width=COUNTS_WIDE), st.container(width="stretch")
    with counted:
        rows = [wording.near_line(each, session.protocol) for each in counts.criteria if each.passed or each.unknown]
        height: Literal["content"] | int = "content" if len(rows) <= COUNTS_ROWS else COUNTS_PIXELS
        st.dataframe(pd.DataFrame(rows, columns=list(wording.NEAR_LINE)), hide_index=True, height=height, key="near counts", column_config=COUNTED)
    with listed:
        if session.rounding.unit:
            st.info(wording.NOT_LISTED)
            return
        if st.session_state.get(ASKED_OF) != session.cohort.digest:
            st.session_state[ASKED_OF], st.session_state[LISTED] = session.cohort.digest, False
        toggle, said, exact_ones = st.columns([2, 4, 2], gap="small", vertical_alignment="center")
        asked = toggle.toggle(wording.LIST_SINGLE, key=LISTED, help=wording.NEAR_ASKED_FOR, persist_state="session")
        if asked and not session.cohort.synthetic:
            said.caption(wording.NEAR_KEPT)
            with exact_ones:
                saving.exact_counts(session)
        if asked:
            _patients(session)


def _patients(session: Session) -> None:
    """The nearest of those asked for, with what their criterion found; one of them at length."""
    overview = session.overview
    one, other = st.columns([1, 1], gap="small")
    with one:
        kind = st.selectbox(
            wording.NEAR_WHO, list(Elsewhere), format_func=wording.ELSEWHERE.__getitem__, key="near elsewhere", persist_state="session"
        )
        elsewhere = kind or Elsewhere.PASSED
    with other:
        names = {each: wording.name(session.protocol[each]) for each in overview.order}
        chosen = tuple(
            st.multiselect(
                wording.NEAR_OF, overview.order, key="near criteria", placeholder=wording.NEAR_OF_ALL, format_func=names.__getitem__, persist_state="session"
            )
        )
    saved = Saved(session.workbench.screener, overview, session.rounding, elsewhere, chosen)
    found, why = session.worked_out(("near", elsewhere, chosen), saved.nearest)
    if not found.shown:
        st.caption(wording.plain(wording.near_found(found, elsewhere, chosen)))
        return
    whole, left = HEAD_PIXELS + ROW_PIXELS * len(found.shown), f"calc(100vh - {LIST_TAKEN}px)"
    tall = {LIST_BOX: f"min({whole}px, {left})", VERDICT_BOX: left}
    st.html(f"<style>{''.join(f'div:has(> .st-key-{key}) {{ min-height: {least} !important; }}' for key, least in tall.items())}</style>")
    side_by_side = st.container(horizontal=True, gap="small")
    picked = side_by_side.container(key=LIST_BOX, height=LIST_PIXELS, border=False).dataframe(
        pd.DataFrame(saved.rows(found, why), columns=list(wording.NEAR_ROW)),
        hide_index=True,
        height="stretch",
        key=f"near list {elsewhere} {chosen}",
        on_select="rerun",
        selection_mode="single-row",
        column_order=wording.NEAR_SHOWN[elsewhere],
        column_config={label: st.column_config.TextColumn(width=width, help=wording.NEAR_EXPLAINED.get(label)) for label, width in WIDTHS.items()},
    )
    place = next((each for each in picked["selection"]["rows"] if each < len(found.shown)), None)
    if place is not None:
        with side_by_side.container(key=VERDICT_BOX, height=LIST_PIXELS, width=VERDICT_WIDE, border=False):
            _verdict(session, found.shown[place])
    said, as_text, as_workbook = st.columns([7, 1, 1], gap="small", vertical_alignment="center")
    (csv, xlsx), kept = wording.NEAR_SAVE, not session.may_save
    listed = wording.near_listed(found)
    all_saved = "" if kept else wording.near_explained(found, MOST_EXPLAINED) or wording.NEAR_ALL_SAVED
    said.caption(
        wording.plain(wording.sentences(wording.near_found(found, elsewhere, chosen), listed, all_saved, wording.NEAR_CHOOSE if place is None else "")),
        help=wording.sentences(wording.NEAR_ORDER, "" if kept else wording.NEAR_SAVED),
    )
    why_kept = wording.NEAR_KEPT if kept else None
    as_text.download_button(csv, saved.csv, "near-misses.csv", CSV, on_click="ignore", key="near csv", width="stretch", disabled=kept, help=why_kept)
    as_workbook.download_button(xlsx, saved.xlsx, "near-misses.xlsx", XLSX, on_click="ignore", key="near xlsx", width="stretch", disabled=kept, help=why_kept)


@dataclass(frozen=True, eq=False)
class Saved:
    """Those who fail one of the ``criteria``, all that count where none are named, and no other: the nearest on the page, all in the files.

    A file is made when it is asked for, beside whatever the page does meanwhile: so all of it is of the ``overview`` that the button stood beside.
    """

    screener: Screener
    overview: Overview
    rounding: Rounding
    elsewhere: Elsewhere
    criteria: tuple[str, ...]

    @property
    def _protocol(self) -> Protocol:
        return self.overview.screening.protocol

    def nearest(self) -> tuple[NearMisses, tuple[CriterionFound, ...]]:
        found = self._found(MOST_SHOWN)
        return found, explain(self.screener, self.overview.screening, found.shown)

    def rows(self, found: NearMisses, why: tuple[CriterionFound, ...]) -> list[tuple[str, ...]]:
        index = wording.index_day(self.screener.cohort)
        return wording.near_rows(self._protocol, builtin_catalogue(), index, found.shown, why, wording.NEAR_ROW)

    def csv(self) -> str:
        """A table from its first line to its last, a patient a row: what it is of would be read as a patient.

        Behind what the list says of each stands the whole verdict, a criterion a column.
        """
        everybody = self._found(self.screener.cohort.patients)
        criteria = [wording.name(self._protocol[each]) for each in self.overview.order]
        verdicts = ([f"{outcome}: {said}" for _, outcome, said in verdict] for _, verdict in self._verdicts(everybody))
        rows = zip_longest(self._rows_of_all(everybody), verdicts, fillvalue=[""] * len(criteria))
        return csv_text((*wording.NEAR_FILE, *criteria), ((*row, *verdict) for row, verdict in rows))

    def xlsx(self) -> bytes:
        """The table, the whole verdicts, a row a patient and criterion, and what they are of, on a sheet each."""
        everybody = self._found(self.screener.cohort.patients)
        verdicts = ((identifier, *line) for identifier, verdict in self._verdicts(everybody) for line in verdict)
        tables = {"list": (wording.NEAR_FILE, self._rows_of_all(everybody)), "verdicts": (wording.VERDICT_FILE, verdicts)}
        return workbook_bytes(self._about(everybody), tables)

    def _found(self, most: int) -> NearMisses:
        return near_misses(self.screener, self.overview, self.elsewhere, self.criteria or self.overview.order, self.rounding, most)

    def _about(self, found: NearMisses) -> tuple[str, ...]:
        said = wording.sentences(wording.near_found(found, self.elsewhere, self.criteria), wording.near_explained(found, MOST_EXPLAINED))
        return wording.near_about(self._protocol, self.screener.cohort, self.overview.screening.scenario, said)

    def _rows_of_all(self, found: NearMisses) -> Iterator[tuple[str | float, ...]]:
        """So many at a time, for what was found of each is much more than what is said of it."""
        for begin in range(0, len(found.shown), EXPLAINED_AT_ONCE):
            some = NearMisses(found.patients, found.found, found.shown[begin : begin + EXPLAINED_AT_ONCE])
            for said, miss in zip(self.rows(some, explain(self.screener, self.overview.screening, some.shown)), some.shown, strict=True):
                yield (*said, *wording.near_numbers(self._protocol, miss))

    def _verdicts(self, found: NearMisses) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        """Each of the nearest, with what every criterion that counts found: its name, its outcome and why."""
        index, nearest = wording.index_day(self.screener.cohort), found.shown[:MOST_EXPLAINED]
        for begin in range(0, len(nearest), EXPLAINED_AT_ONCE):
            some = nearest[begin : begin + EXPLAINED_AT_ONCE]
            verdicts = explained(self.screener, self.overview.screening, [each.patient for each in some], self.overview.order)
            for miss, verdict in zip(some, verdicts, strict=True):
                lines = (wording.verdict_line(each, self._protocol, builtin_catalogue(), index) for each in verdict)
                yield miss.identifier, [(name, outcome, ". ".join(said)) for name, outcome, said in lines]


def _verdict(session: Session, miss: NearMiss) -> None:
    """Everything that was found of one patient: what they fail first, then what is unknown; a limb a line."""
    overview = session.overview
    (verdict,) = explained(session.workbench.screener, overview.screening, [miss.patient], overview.order)
    index = wording.index_day(session.cohort)
    lines = [wording.verdict_line(each, session.protocol, builtin_catalogue(), index) for each in sorted(verdict, key=lambda each: each.outcome)]
    st.markdown(f"**{wording.plain(miss.identifier)}** {wording.plain(wording.near_verdict(miss))}")
    cells = [(wording.plain(name), outcome, "  \n".join(map(wording.plain, said))) for name, outcome, said in lines]
    st.table(pd.DataFrame(cells, columns=list(wording.VERDICT_LINE)), border="horizontal", hide_index=True)
