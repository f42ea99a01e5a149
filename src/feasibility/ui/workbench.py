"""What stands above the ledger: what is loaded, what it shows, the ways back."""

from __future__ import annotations

import streamlit as st

from feasibility import wording
from feasibility.figures import workbench as figures
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN, changes, with_preset
from feasibility.ui import saving, ways_back
from feasibility.ui.frame import palette
from feasibility.ui.session import Session, link, propose


def toolbar(session: Session) -> None:
    """What is loaded, what it shows, and the ways back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar"):
        title = wording.plain(wording.title(session.protocol))
        aside = "" if session.small_hidden else wording.plain(wording.largely_set_aside(session.cohort))
        alarm = f" &ensp; :orange[**{aside}**]" if aside else ""
        st.markdown(f"**{title}** &ensp; :gray[{wording.plain(wording.cohort_line(session.cohort))}]{alarm}", width="stretch")
        notes = None if session.small_hidden else session.what_it_shows_unasked()
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
        ways_back.buttons(session)
        st.button("As written", key="as written", on_click=session.take, args=(AS_WRITTEN,), disabled=session.scenario == AS_WRITTEN)
        if st.button("Picture", key="picture", help="The funnel as a picture that says what it shows, for a slide or to save."):
            picture(session)
        share = st.popover("Share", on_change="rerun", key="share", width="content")
        if share.open:
            with share:
                saving.switches(session)
                st.caption("This address brings back the scenario, never the data.")
                if session.protocol is not builtin_protocol():
                    st.caption(":orange[The protocol was loaded from a file: load it there too, before opening the address.]")
                st.code(link(session), language=None, wrap_lines=True)


def _findings(session: Session) -> None:
    if session.small_hidden:
        st.caption(wording.FINDINGS_COUNT)
        return
    notes, remarks = session.what_it_shows(), session.protocol.remarks
    st.caption(f"{wording.what_is_shown(len(notes), len(remarks))}, {wording.OF_THE_TEXT_AS_WRITTEN}")
    with st.container(key="found"):
        for note in notes:
            st.markdown(f"**{wording.plain(note.title)}**  \n{wording.plain(note.text)}")
        if remarks:
            st.markdown(f":gray[{wording.TEXT_LEAVES_OPEN}]")
        for remark in remarks:
            st.markdown(f"**{wording.plain(remark.title)}**  \n{wording.plain(remark.text)}")


def chips(session: Session) -> None:
    """Every change against the protocol as written, each with its way back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="chips"):
        found = changes(session.protocol, session.scenario)
        if not found:
            st.caption(wording.NOTHING_CHANGED, width="content")
        for change in found:
            st.button(
                f"{wording.plain(change.text)} &ensp;✕",
                key=f"chip {change.key}",
                on_click=session.take,
                args=(change.without,),
                help=f"was {wording.plain(change.was)}: press to go back to it",
                type="primary",
            )


@st.dialog("The funnel and what each criterion costs", width="large")
def picture(session: Session) -> None:
    """One picture to show or to keep: its own menu saves it as a file."""
    overview = session.shown
    changed = {change.key.partition(".")[0].partition(" ")[0] for change in changes(session.protocol, session.scenario)}
    said = wording.of_the_picture(overview, session.cohort, session.ledger.rounding.unit)
    figure = figures.funnel_and_breakdown(overview, palette(), changed, said)
    tall = int(figure.layout.height)
    st.plotly_chart(
        figure,
        key="funnel",
        theme=None,
        height=tall,
        config=saving.menu_of_picture("funnel", tall),
        alt=" ".join(said),
    )
    if not session.may_save:
        st.caption(wording.EXACT_NOT_SAVED)
