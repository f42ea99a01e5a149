"""Screening order: what the stages cost in the order shown, and in the cheapest one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.figures import stages as figures
from feasibility.protocol import Stage
from feasibility.results import rounded
from feasibility.results.by_stage import ByStage, by_stage
from feasibility.results.screening_order import BesideCheapest, ScreeningCost, beside_cheapest, cheapest, cost_of
from feasibility.ui.change.chart import head, put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

PLACE, STAGE, COST, AFTER = wording.STAGE_ROW
ROW_HEIGHT, EDGE = 32, 3  # pixels of a row of the table, and of its border
PLANNED = "screening planned"


@dataclass
class Planned:
    """What the designer said here of the stages: where they differ from the protocol's. ``revision`` counts what the table must show anew.

    ``before``: orders and costs that were left, the last of them last. ``notes``: what could not be taken as it was typed, said until something else is.
    """

    order: tuple[str, ...] = ()
    costs: dict[str, float] = field(default_factory=dict)
    revision: int = 0
    before: list[tuple[tuple[str, ...], dict[str, float]]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    protocol: str = ""

    def of(self, protocol: str) -> None:
        """Goes on for a protocol, by its text; of another nothing can be come back to."""
        if protocol != self.protocol:
            self.protocol, self.before, self.notes = protocol, [], ()

    def take(self, order: Sequence[str], costs: Mapping[str, float]) -> None:
        """Go on with another order and other costs; those left can be come back to."""
        self.before.append((self.order, self.costs))
        self.order, self.costs, self.notes = tuple(order), dict(costs), ()
        self.revision += 1

    def back(self) -> None:
        """To the order and the costs left last."""
        (self.order, self.costs), self.notes = self.before.pop(), ()
        self.revision += 1


def section(session: Session) -> None:
    """The costs, the two orders side by side, and the table in which order and costs are changed."""
    exact = session.overview
    with st.spinner(wording.FOLLOWING):
        found = session.worked_out("by stage", lambda: by_stage(session.workbench.screener, exact.screening, exact.patterns, exact.order))
    if not found.stages:
        st.info(wording.NO_STAGES)
        return
    planned: Planned = st.session_state.setdefault(PLANNED, Planned())
    planned.of(session.protocol.text)
    head(wording.said_of_stages(session.shown))
    answer = st.container()
    order, costs = _table(session, found, planned)
    found = found.at_costs(costs)
    best = session.worked_out(("cheapest", tuple(found.costs.tolist())), lambda: cheapest(found))
    with answer:
        _answer(session, found, cost_of(found, order), best, planned)


def _answer(session: Session, found: ByStage, exact: ScreeningCost, best: ScreeningCost | None, planned: Planned) -> None:
    shown = rounded.screening_cost(session.rounding, exact)
    cheap = None if best is None else rounded.screening_cost(session.rounding, best)
    stands = None if best is None else beside_cheapest(exact, best)
    _numbers(shown, cheap or shown, stands, session.rounding.unit)
    if said := wording.order_broken(session.protocol, shown):
        st.warning(wording.plain(said))
    written = rounded.screening_cost(session.rounding, cost_of(found, [stage.id for stage in session.protocol.stages]))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        said = wording.TOO_MANY if cheap is None or stands is None else wording.order_saves(stands, shown, cheap, written, session.rounding.unit)
        st.markdown(said, width="stretch")
        if best is not None and stands is not BesideCheapest.CHEAPEST:
            st.button(wording.TAKE_CHEAPEST, key="take cheapest", on_click=planned.take, args=(best.order, planned.costs))
        elif planned.before:
            st.button(wording.STEP_BACK, key="order back", on_click=planned.back, help=wording.STEP_BACK_EXPLAINED)
    if cheap is not None and stands is not None and (said := wording.why_cheaper(session.protocol, stands, shown, cheap)):
        st.caption(wording.plain(said))
    if said := wording.unseen_stages(session.protocol, found.unseen):
        st.caption(wording.plain(said))
    labels = {stage.id: stage.label for stage in session.protocol.stages}
    left, right = st.columns(2, gap="medium")
    with left:
        said_of = wording.said_of_order_shown(shown)
        put(figures.screening(shown, cheap or shown, labels, wording.stage_costs(shown), palette(), said_of.words), "order shown", said_of)
    with right:
        if cheap is not None and stands is not None:
            said_of = wording.said_of_cheapest(shown, cheap)
            costs = wording.stage_costs_against(stands, cheap, shown)
            put(figures.screening(cheap, shown, labels, costs, palette(), said_of.words), "cheapest order", said_of)


def _numbers(shown: ScreeningCost, best: ScreeningCost, stands: BesideCheapest | None, unit: int) -> None:
    to_screen, resolved = wording.screened_for_one(shown, unit)
    costs = (
        (shown.per_screened, best.per_screened, shown.patients),
        (shown.per_eligible, best.per_eligible, shown.eligible_on_data),
        (shown.per_expected, best.per_expected, shown.eligible),
    )
    metrics = [(wording.cost_per_one(now, of, unit), wording.cost_against(stands, now, then, of, unit)) for now, then, of in costs]
    metrics.append((to_screen, resolved))
    for column, (label, explained), (said, beneath) in zip(st.columns(4, gap="medium"), wording.cost_metrics(shown), metrics, strict=True):
        column.metric(label, said, beneath, delta_color="off", delta_arrow="off", help=explained)


def _table(session: Session, found: ByStage, planned: Planned) -> tuple[tuple[str, ...], dict[str, float]]:
    """The order, and the costs that are not the protocol's."""
    stages = {stage.id: stage for stage in session.protocol.stages if stage.id in found.stages}
    order = tuple(each for each in (*(planned.order or ()), *(each for each in stages if each not in planned.order)) if each in stages)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        head(wording.EDITOR_SAID)
        st.button(wording.STEP_BACK, key="stages back", on_click=planned.back, disabled=not planned.before, help=wording.STEP_BACK_EXPLAINED)
        as_written = order == tuple(stages) and not planned.costs
        st.button(wording.AS_PROTOCOL, key="stages as protocol", on_click=planned.take, args=((), {}), disabled=as_written)
    key = f"stages {planned.revision} {hash((session.protocol.text, order))}"
    if key not in st.session_state or st.session_state[f"{PLANNED} shown"][0] != key:
        rows = [
            wording.stage_row(session.protocol, stages[each], found.stages, place, planned.costs.get(each, float(stages[each].cost)))
            for place, each in enumerate(order, start=1)
        ]
        st.session_state[f"{PLANNED} shown"] = key, pd.DataFrame(rows, columns=list(wording.STAGE_ROW))
    for note in filter(None, (*planned.notes, wording.order_broken(session.protocol, cost_of(found, order)))):
        st.warning(wording.plain(note))
    st.data_editor(
        st.session_state[f"{PLANNED} shown"][1],
        hide_index=True,
        height=ROW_HEIGHT * (len(order) + 1) + EDGE,
        row_height=ROW_HEIGHT,
        key=key,
        on_change=_edited,
        args=(planned, key, order, stages),
        disabled=[STAGE, AFTER],
        column_config={
            PLACE: st.column_config.NumberColumn(step=1, width=60),
            STAGE: st.column_config.TextColumn(width=200),
            COST: st.column_config.NumberColumn(step=0.05, format="%.4g", width=95),
            AFTER: st.column_config.TextColumn(width=875),
        },
    )
    if said := wording.stage_notes(stages[each] for each in order):
        st.caption(wording.plain(said))
    return order, planned.costs


def _edited(planned: Planned, key: str, order: Sequence[str], stages: Mapping[str, Stage]) -> None:
    take_typed(planned, st.session_state[key]["edited_rows"], order, stages)


def take_typed(planned: Planned, edited: Mapping[int, Mapping[str, float | None]], order: Sequence[str], stages: Mapping[str, Stage]) -> None:
    """What was typed, by row: a stage goes to the place given, or has the cost given; what is neither is said, and the table shows what holds."""
    placed, costs, notes = tuple(order), dict(planned.costs), []
    for row, changed in edited.items():
        stage, place, cost = stages[order[row]], changed.get(PLACE, row + 1), changed.get(COST, 0)
        if place is None or not 1 <= place <= len(order):
            notes.append(wording.not_a_place(stage, place, len(order)))
        elif PLACE in changed:
            placed = moved(order, row, int(place))
        if cost is None or not cost >= 0:
            notes.append(wording.not_a_cost(stage, cost))
        elif COST in changed:
            costs[stage.id] = float(cost)
    costs = {each: cost for each, cost in costs.items() if each not in stages or cost != stages[each].cost}
    revision = planned.revision
    if placed != tuple(order) or costs != planned.costs:
        planned.take(placed if placed != tuple(order) else planned.order, costs)
    # A cost that was taken stands in the table as it was typed.
    planned.revision = revision if placed == tuple(order) and not notes else revision + 1
    planned.notes = tuple(notes)


def moved(order: Sequence[str], row: int, place: int) -> tuple[str, ...]:
    """The order with the stage in a row, from 0, at a place, from 1; the others move up or down."""
    rest = [*order[:row], *order[row + 1 :]]
    return (*rest[: place - 1], order[row], *rest[place - 1 :])
