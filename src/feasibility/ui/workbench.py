"""The parts of the workbench page: headline, chips, criteria with their controls."""

from __future__ import annotations

import streamlit as st

from feasibility import figures, wording
from feasibility.protocol import Criterion, builtin_protocol
from feasibility.scenario import AS_WRITTEN, Order, changes, with_order, with_preset
from feasibility.ui import controls
from feasibility.ui.frame import palette
from feasibility.ui.session import Session, link, propose, propose_from

PICTURE_PIXELS = 460  # until the style gives it what the window leaves
METRIC_WIDTHS = (1.6, 0.9, 1.15, 1.15, 1.35)


def toolbar(session: Session) -> None:
    """What is loaded, what it shows, and the ways back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar"):
        title = wording.plain(wording.title(session.protocol))
        st.markdown(f"**{title}** &ensp; :gray[{wording.plain(wording.cohort_line(session.cohort))}]", width="stretch")
        notes = session.what_it_shows_unasked()
        shows = st.popover(wording.things_shown(notes), on_change="rerun", key="shows", width="content")
        if shows.open:
            with shows:
                _findings(session)
        for preset in session.protocol.presets:
            st.button(
                wording.plain(preset.label),
                key=f"preset {preset.id}",
                on_click=propose,
                args=(with_preset, preset.id),
                help=wording.preset(session.protocol, preset),
            )
        st.button("Undo", key="undo", on_click=session.undo, disabled=not session.history)
        st.button("As written", key="as written", on_click=session.take, args=(AS_WRITTEN,), disabled=session.scenario == AS_WRITTEN)
        share = st.popover("Link", on_change="rerun", key="link", width="content")
        if share.open:
            with share:
                st.caption("This address brings back the scenario, never the data.")
                if session.protocol is not builtin_protocol():
                    st.caption(":orange[The protocol was loaded from a file: load it there too, before opening the address.]")
                st.code(link(session), language=None, wrap_lines=True)


def _findings(session: Session) -> None:
    st.caption(wording.OF_THE_TEXT_AS_WRITTEN)
    for note in session.what_it_shows():
        st.markdown(f"**{wording.plain(note.title)}**  \n{wording.plain(note.text)}")
    if session.protocol.remarks:
        st.markdown(f":gray[{wording.TEXT_LEAVES_OPEN}]")
    for remark in session.protocol.remarks:
        st.markdown(f"**{wording.plain(remark.title)}**  \n{wording.plain(remark.text)}")


def headline(session: Session) -> None:
    """The numbers always in view."""
    for column, said in zip(st.columns(METRIC_WIDTHS, gap="small"), wording.headlines(session.overview), strict=True):
        with column, st.container(gap=None, key=f"headline {said.id}"):
            st.metric(said.label, said.value, help=said.more)
            st.caption(said.detail)


def chips(session: Session) -> None:
    """Every change against the protocol as written, each with its way back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="chips"):
        found = changes(session.protocol, session.scenario)
        if not found:
            st.caption("As written: nothing is changed.", width="content")
        for change in found:
            st.button(
                f"{wording.plain(change.text)} &ensp;✕",
                key=f"chip {change.key}",
                on_click=session.take,
                args=(change.without,),
                help=f"was {wording.plain(change.was)}: press to go back to it",
                type="primary",
            )


def chips_and_order(session: Session) -> None:
    """The changes, and in which order the funnel takes the criteria."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="changes"):
        chips(session)
        _order(session)


def _order(session: Session) -> None:
    st.session_state["order"] = session.scenario.order if isinstance(session.scenario.order, Order) else None
    st.segmented_control(
        "Order of the steps",
        list(Order),
        format_func=lambda order: wording.ORDERS[order],
        key="order",
        on_change=propose_from,
        args=("order", with_order),
        kwargs={"read": lambda order: order or session.scenario.order},
        label_visibility="collapsed",
    )


def criteria(session: Session) -> None:
    """The criteria with their controls and what each costs now, one group at a time in a list that scrolls by itself.

    Only the group in view is drawn: the browser takes longer over two hundred widgets than the whole core over a million patients.
    """
    screening = session.overview.screening
    with st.container(height=PICTURE_PIXELS, border=True, key="criteria", gap="small"):
        which, shared = st.columns([8.2, 3.8], gap="small", vertical_alignment="center")
        with which, st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            group = controls.group(session)
            more = st.popover(wording.SMALL_CHOICES, on_change="rerun", key="more", type="tertiary", width="content")
        with shared:
            for parameter in session.protocol.shared_parameters():
                controls.parameter(session, parameter.name)
        if group == wording.NOT_IN_THE_DATA:
            _set_aside(session)
            return
        shown = [each for each in session.protocol.criteria if wording.ROLES[each.role] == group and each.id in screening.outcomes]
        if more.open:
            with more:
                _small_choices(session, shown)
        for criterion in shown:
            _criterion(session, criterion)


def _criterion(session: Session, criterion: Criterion) -> None:
    overview = session.overview
    main, _ = controls.used_parameters(session, criterion)
    what, *sliders = st.columns([5, *([7 / max(len(main), 1)] * max(len(main), 1))], gap="small", vertical_alignment="center")
    with what:
        controls.switch(session, criterion)
        controls.reading(session, criterion)
        part = wording.in_part(criterion.id, overview)
        said = [*wording.cost(overview.loss(criterion.id)), *([f":orange[{wording.plain(part)}]"] if part else [])]
        st.caption("  \n".join(filter(None, said)))
    for column, name in zip(sliders, main, strict=False):
        with column:
            controls.parameter(session, name)


def _small_choices(session: Session, shown: list[Criterion]) -> None:
    """What the readings in use leave to choose beside their thresholds."""
    st.caption(wording.COST_EXPLAINED)
    for criterion in shown:
        _, further = controls.used_parameters(session, criterion)
        if further:
            st.markdown(f"**{wording.plain(wording.name(criterion))}**", help=wording.plain(criterion.text))
        for name in further:
            controls.parameter(session, name)


def _set_aside(session: Session) -> None:
    """The criteria that this file cannot show, or not in full, with the pass rates assumed for them."""
    screening = session.overview.screening
    rates = {each.id: each for each in session.overview.assumed}
    st.caption(wording.SET_ASIDE_EXPLAINED)
    for criterion in session.protocol.criteria:
        if criterion.id not in screening.not_assessed and criterion.id not in rates:
            continue
        what, how = st.columns([5, 7], gap="small", vertical_alignment="center")
        with what:
            controls.switch(session, criterion)
        with how:
            if criterion.id in rates:
                controls.pass_rate(session, criterion, rates[criterion.id].rate)
            else:
                st.caption("off: not counted")


def picture(session: Session) -> None:
    """The funnel and the breakdown in one figure."""
    overview = session.overview
    changed = {change.key.partition(".")[0].partition(" ")[0] for change in changes(session.protocol, session.scenario)}
    first = wording.headlines(overview)[0]
    needed = figures.least_height(len(overview.screening.assessed))
    with st.container(height=PICTURE_PIXELS, border=False, key="picture"):
        st.plotly_chart(
            figures.funnel_and_breakdown(overview, palette(), changed),
            key="funnel",
            theme=None,
            height=needed if needed > PICTURE_PIXELS else "stretch",
            config={"displayModeBar": False},
            alt=f"{first.label}: {first.value}",
        )
