"""The parts of the criteria page: the clause as written beside what the machine reads, and everything in it that can be changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
import tomlkit

from feasibility import wording
from feasibility.problems import Unusable
from feasibility.protocol import Criterion, Limb, Protocol, Reading, Stage, builtin_protocol, read_protocol
from feasibility.rules.nodes import Condition, parameters, resolve, variables
from feasibility.rules.sentence import sentence
from feasibility.scenario import reading_id, values, with_missing_policy
from feasibility.ui import controls, saving
from feasibility.ui.session import Session, propose_from
from feasibility.ui.uploads import text_in
from feasibility.variables import MissingPolicy, builtin_catalogue

AS_CATALOGUED = "as catalogued"  # None would leave the box empty


def protocol_file(session: Session) -> None:
    """The protocol as a file: to keep, and to bring another."""
    protocol = session.protocol
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{wording.plain(wording.title(protocol))}**", width="stretch")
        st.download_button(
            "Save the protocol",
            protocol.text,
            "protocol.toml",
            "application/toml",
            on_click="ignore",
            key="save protocol",
            help=wording.SAVED_PROTOCOL,
        )
        with st.popover("Load a protocol", key="load protocol", width="content"):
            given = st.file_uploader("Protocol file", "toml", key="upload protocol")
        if protocol is not builtin_protocol():
            st.button("Built-in protocol", key="built in", on_click=_use, args=(session, builtin_protocol()))
    st.caption(wording.plain(protocol.source))
    if given is not None and st.session_state.get("protocol read") != given.file_id:
        st.session_state["protocol read"] = given.file_id
        try:
            loaded = read_protocol(text_in(given), builtin_catalogue())
        except Unusable as error:
            st.session_state["protocol problems"] = error.problems
        else:
            st.session_state.pop("protocol problems", None)
            _use(session, loaded)
            st.rerun()
    if given is not None and (problems := st.session_state.get("protocol problems")):
        st.error(wording.plain(wording.protocol_refused(given.name, len(problems))))
        st.dataframe(
            pd.DataFrame([(each.where, each.message, each.remedy) for each in problems], columns=["Where", "What was found", "Remedy"]), hide_index=True
        )


def _use(session: Session, protocol: Protocol) -> None:
    session.link_problems = session.use(session.cohort, protocol)


def where_it_stands(session: Session) -> None:
    """What the scenario comes to, in a line."""
    st.markdown(f"{wording.in_a_line(session.shown)}{saving.state(session)}")


def shared(session: Session) -> None:
    """Parameters that several criteria share, and the stages of screening."""
    names = [parameter.name for parameter in session.protocol.shared_parameters()]
    left, right = st.columns([1, 2], gap="large")
    with left:
        for name in names:
            controls.parameter(session, name)
    with right:
        stages = st.expander("Stages of screening and their relative costs", on_change="rerun", key="stages")
        if stages.open:
            with stages:
                for stage in session.protocol.stages:
                    _stage(session, stage)


def _stage(session: Session, stage: Stage) -> None:
    key = f"cost {stage.id}"
    st.session_state[key] = float(stage.cost)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{wording.plain(stage.label)}**  \n:gray[{wording.plain(wording.stage(session.protocol, stage))}]", width="stretch")
        st.number_input(
            f"Relative cost of {wording.plain(stage.label)}",
            min_value=0.0,
            step=0.1,
            format="%.4g",
            key=key,
            width=130,
            label_visibility="collapsed",
            on_change=_cost,
            args=(session, stage.id, key),
        )


def _cost(session: Session, stage_id: str, key: str) -> None:
    history = session.history
    _use(session, with_cost(session.protocol, stage_id, st.session_state[key]))
    session.history = history  # the criteria are the same, so that what was changed before can still be undone


def with_cost(protocol: Protocol, stage_id: str, cost: float) -> Protocol:
    """The protocol with another relative cost of a stage, in its text too; the text is otherwise as it was written."""
    cost = round(float(cost), 6)
    document: Any = tomlkit.parse(protocol.text)
    for entry in document["stage"]:
        if entry["id"] == stage_id:
            entry["cost"] = cost
    stages = tuple(replace(stage, cost=cost) if stage.id == stage_id else stage for stage in protocol.stages)
    return replace(protocol, stages=stages, text=tomlkit.dumps(document))


def criterion(session: Session, shown: Criterion) -> None:
    """One criterion: the clause on the left, the machine's reading on the right."""
    with st.container(border=True, key=f"clause {shown.id}"):
        clause, machine = st.columns([2, 3], gap="large")
        with clause, st.container(gap="xsmall"):
            controls.switch(session, shown)
            treated = " &ensp; :blue-badge[treat and screen again]" if shown.modifiable else ""
            st.markdown(f"{wording.plain(shown.text)}{treated}")
            st.caption(wording.plain(shown.note))
        with machine, st.container(gap="xsmall"):
            _reading(session, shown)


def _reading(session: Session, shown: Criterion) -> None:
    chosen = reading_id(session.protocol, session.scenario, shown.id)
    if chosen is None:
        st.markdown("Data cannot show it: judged by an assumed pass rate alone.")
        _assumed(session, shown)
        return
    reading = shown.reading(chosen)
    controls.readings(session, shown)
    if reading.note:
        st.caption(wording.plain(reading.note))
    given, catalogue = values(session.protocol, session.scenario), builtin_catalogue()
    assessment = session.overview.screening.assessments[shown.id]

    def said(condition: Condition) -> str:
        return wording.plain(sentence(resolve(condition, given), catalogue))

    stages = {stage.id: stage.label for stage in session.protocol.stages}
    lines = [wording.how_joined(shown.role, reading.join, len(reading.limbs))]
    for limb in reading.limbs:
        where = f" &ensp; :gray[{wording.plain(stages[limb.stage])}]" if limb.stage else ""
        absent = " &ensp; :orange-badge[not in this file]" if limb.label in assessment.not_assessed else ""
        excepted = f"  \n  *Unless:* {said(limb.unless)}" if limb.unless else ""
        lines.append(f"- **{wording.plain(limb.label)}**{where}{absent}  \n  {said(limb.rule)}{excepted}")
    st.markdown("\n".join(lines))
    saved = session.workbench.screener.saved(session.protocol, session.scenario, shown.id)
    if saved is not None:
        st.markdown(wording.saved(session.ledger.rounding.count(saved)))
    if shown.id in session.overview.screening.not_assessed:
        _assumed(session, shown)
    more = st.expander("Thresholds and missing values", on_change="rerun", key=f"adjust {shown.id}")
    if more.open:
        with more:
            _adjust(session, shown, reading)


def _adjust(session: Session, shown: Criterion, reading: Reading) -> None:
    left, right = st.columns(2, gap="medium")
    used = {name for limb in reading.limbs for name in _parameters(limb)}
    with left:
        for name in (each for each in shown.parameters if each in used):  # shared ones stand at the top of the page
            controls.parameter(session, name)
    with right:
        for name in dict.fromkeys(name for limb in reading.limbs for name in _variables(limb)):
            _missing_policy(session, shown, reading, name)


def _missing_policy(session: Session, shown: Criterion, reading: Reading, variable: str) -> None:
    entry = builtin_catalogue()[variable]
    key, full = f"missing {shown.id}.{variable}", f"{shown.id}.{variable}"
    written = next((limb.missing[variable] for limb in reading.limbs if variable in limb.missing), entry.missing)
    st.session_state[key] = session.scenario.missing.get(full, AS_CATALOGUED)
    st.selectbox(
        f"No record of {wording.plain(entry.label)} means",
        [AS_CATALOGUED, *MissingPolicy],
        format_func=lambda policy: wording.policy(policy, written),
        key=key,
        on_change=propose_from,
        args=(key, with_missing_policy, full),
        kwargs={"read": lambda policy: None if policy == AS_CATALOGUED else MissingPolicy(policy)},
    )


def _assumed(session: Session, shown: Criterion) -> None:
    for rate in shown.assumed:
        st.markdown(f"- {wording.plain(wording.assumed(rate))}")
    mean = next((each.rate for each in session.shown.assumed if each.id == shown.id), None)
    if mean is not None:
        st.caption("Assumed pass rate for everybody; as written until moved.")
        controls.pass_rate(session, shown, mean)


def _parameters(limb: Limb) -> tuple[str, ...]:
    return (*parameters(limb.rule), *(parameters(limb.unless) if limb.unless else ()))


def _variables(limb: Limb) -> tuple[str, ...]:
    return (*variables(limb.rule), *(variables(limb.unless) if limb.unless else ()))
