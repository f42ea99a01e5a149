"""The parts of the workbench page: headline, chips, criteria with their controls."""

from __future__ import annotations

import streamlit as st

from feasibility import figures, wording
from feasibility.protocol import Criterion, Role
from feasibility.results.overview import AssumedRate
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
        notes = session.what_it_shows(asked=False)
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
                st.code(link(session), language=None, wrap_lines=True)


def _findings(session: Session) -> None:
    for note in session.what_it_shows(asked=True) or ():
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
    """The criteria with their controls and what each costs now, in a list that scrolls by itself."""
    overview = session.overview
    rates = {each.id: each for each in overview.assumed}
    with st.container(height=PICTURE_PIXELS, border=True, key="criteria", gap="small"):
        shared = [parameter.name for parameter in session.protocol.shared_parameters()]
        for name in shared:
            controls.parameter(session, name)
        for role in Role:
            there = [each for each in session.protocol.criteria if each.role is role and each.id in overview.screening.outcomes]
            if there:
                st.markdown(f"**{wording.ROLES[role]}**", help=wording.COST_EXPLAINED)
            for criterion in there:
                _criterion(session, criterion)
        aside = [each for each in session.protocol.criteria if each.id in overview.screening.not_assessed]
        if aside:
            st.markdown("**Not in this file, set aside: assumed pass rates**", help=wording.SET_ASIDE_EXPLAINED)
        for criterion in aside:
            _set_aside(session, criterion, rates.get(criterion.id))


def _criterion(session: Session, criterion: Criterion) -> None:
    overview = session.overview
    main, further = controls.used_parameters(session, criterion)
    with st.container(key=f"row {criterion.id}", gap=None):
        what, how = st.columns([5, 7], gap="small")
        with what, st.container(gap=None):
            controls.switch(session, criterion)
            st.caption("  \n".join(filter(None, wording.cost(overview.loss(criterion.id)))))
            if part := wording.in_part(criterion.id, overview):
                st.caption(f":orange[{wording.plain(part)}]")
        with how, st.container(gap="xxsmall"):
            with st.container(horizontal=True, gap="xsmall"):
                controls.reading(session, criterion)
                more = st.popover("more", on_change="rerun", key=f"more {criterion.id}", type="tertiary", width="content")
                if more.open:
                    with more:
                        st.markdown(wording.plain(criterion.text))
                        for name in further:
                            controls.parameter(session, name)
            if main:
                for column, name in zip(st.columns(len(main), gap="small", vertical_alignment="bottom"), main, strict=True):
                    with column:
                        controls.parameter(session, name)


def _set_aside(session: Session, criterion: Criterion, assumed: AssumedRate | None) -> None:
    what, how = st.columns([5, 7], gap="small")
    with what:
        controls.switch(session, criterion)
    with how:
        if assumed is None:
            st.caption("off: not counted")
        else:
            controls.pass_rate(session, criterion, assumed.rate)


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
