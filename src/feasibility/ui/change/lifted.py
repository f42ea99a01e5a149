"""Whom a number lets in without a limit although nothing is known of them: said wherever no limit may be taken."""

from __future__ import annotations

from collections.abc import Mapping

from feasibility import wording
from feasibility.results.lifted import let_in
from feasibility.scenario import with_value
from feasibility.ui.change.thresholds import number
from feasibility.ui.session import Session


def let_in_without_limit(session: Session, names: Mapping[str, Mapping[str, float]], beside: str = "") -> str:
    """Which of some numbers, once lifted, let in whoever has no value, each with others at the values given for it, which ``beside`` says; in words."""

    def lets_in(name: str, others: Mapping[str, float]) -> int:
        scenario = session.scenario
        for other, value in others.items():
            scenario = with_value(session.protocol, scenario, other, value)
        found = session.worked_out(("let in", name, tuple(sorted(others.items()))), lambda: let_in(session.workbench, scenario, name))
        return session.rounding.count(found)

    return wording.lets_in_unknown([number(session, name) for name, others in names.items() if lets_in(name, others)], beside)
