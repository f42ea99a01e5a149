"""What one session holds: a cohort, a protocol and a scenario with its history. The scenario is the model; widgets only propose changes to it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

import streamlit as st

from feasibility.cohort import Cohort
from feasibility.findings import Finding, findings
from feasibility.ledger.view import NOTHING_ASKED, Asked, Ledger
from feasibility.problems import Problem
from feasibility.protocol import Protocol, builtin_protocol
from feasibility.quality.view import Quality
from feasibility.results.disclosure import EXACT, SMALL, Rounding
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import AS_WRITTEN, Refused, Scenario, from_query, to_query
from feasibility.ui import ahead, cohorts

Result = TypeVar("Result")
MOST_UNDONE = 200
MOST_AT_ONCE = 100_000  # patients in whom what they show is looked for unasked: a third of a second


@dataclass(eq=False)
class Session:
    """The state of one session; patients are nowhere else.

    ``refused`` is the sentence of the last change if it was refused, ``link_problems`` what a link asked for that this protocol does not know;
    ``asked`` is what the ledger is to have ready, ``opened`` the criterion whose detail it shows, ``answered`` the number of what it said
    last; ``small_hidden`` says whether small counts are, ``exact_saved`` whether exact ones of patients from a file may be saved.
    """

    workbench: Workbench
    scenario: Scenario = AS_WRITTEN
    history: list[Scenario] = field(default_factory=list)
    undone: list[Scenario] = field(default_factory=list)
    refused: str = ""
    link_problems: tuple[Problem, ...] = ()
    notes: tuple[Finding, ...] | None = None
    links_seen: set[str] = field(default_factory=set)
    asked: Asked = NOTHING_ASKED
    opened: str = ""
    answered: int = 0
    small_hidden: bool = False
    exact_saved: bool = False
    _overview: tuple[Scenario, Overview] | None = None
    _ledger: Ledger | None = None
    _quality: tuple[Workbench, Quality] | None = None
    _worked_out: dict[Hashable, tuple[Scenario, Any]] = field(default_factory=dict)

    @property
    def cohort(self) -> Cohort:
        return self.workbench.cohort

    @property
    def protocol(self) -> Protocol:
        return self.workbench.protocol

    @property
    def overview(self) -> Overview:
        if self._overview is None or self._overview[0] is not self.scenario:
            self._overview = self.scenario, self.workbench.overview(self.scenario)
        return self._overview[1]

    @property
    def rounding(self) -> Rounding:
        """How counts of patients are shown."""
        return Rounding(SMALL, self.cohort.patients) if self.small_hidden else EXACT

    @property
    def may_save(self) -> bool:
        """Whether what is shown may be saved as it is."""
        return self.small_hidden or self.exact_saved or self.cohort.synthetic

    @property
    def ledger(self) -> Ledger:
        if self._ledger is None or (self._ledger.workbench, self._ledger.rounding) != (self.workbench, self.rounding):
            self._ledger = Ledger(self.workbench, self.rounding)
        return self._ledger

    @property
    def quality(self) -> Quality:
        """What the data loaded are like."""
        if self._quality is None or self._quality[0] is not self.workbench:
            self._quality = self.workbench, Quality(self.workbench.screener, self.protocol)
        return self._quality[1]

    def worked_out(self, what: Hashable, make: Callable[[], Result]) -> Result:
        """A result of the scenario as it stands, made once; ``what`` tells it from others, and from the same asked otherwise."""
        held = self._worked_out.get(what)
        if held is None or held[0] != self.scenario:
            self._worked_out = {each: found for each, found in self._worked_out.items() if found[0] == self.scenario}
            self._worked_out[what] = held = self.scenario, make()
        result: Result = held[1]
        return result

    def is_worked_out(self, what: Hashable) -> bool:
        """Whether that result of the scenario as it stands is there already."""
        return what in self._worked_out and self._worked_out[what][0] == self.scenario

    @property
    def shown(self) -> Overview:
        """The overview as it may be shown: with small counts hidden, if they are."""
        return self.ledger.rounding.overview(self.overview)

    def propose(self, change: Callable[..., Scenario], *args: Any) -> None:
        """Take a changed scenario, or keep what is and remember why it was refused."""
        self.refused = ""
        try:
            self.take(change(self.protocol, self.scenario, *args))
        except Refused as refused:
            self.refused = str(refused)

    def take(self, scenario: Scenario) -> None:
        """Go on with another scenario; the one left can be come back to."""
        self.refused = ""
        if scenario != self.scenario:
            self.history = [*self.history, self.scenario][-MOST_UNDONE:]
            self.undone = []
            self.scenario = scenario

    def undo(self) -> None:
        self.refused = ""
        if self.history:
            self.undone = [*self.undone, self.scenario]
            self.scenario = self.history.pop()

    def redo(self) -> None:
        """Back to what was undone last, if nothing else was done since."""
        self.refused = ""
        if self.undone:
            self.history = [*self.history, self.scenario]
            self.scenario = self.undone.pop()

    def use(self, cohort: Cohort, protocol: Protocol) -> tuple[Problem, ...]:
        """Go on with another cohort or protocol; what of the scenario the protocol does not know is dropped and said.

        That exact counts may be saved was said of one cohort, and holds for no other.
        """
        kept, problems = from_query(protocol, to_query(self.protocol, self.scenario))
        # Made first, so that whatever goes wrong leaves the session as it was.
        workbench = Workbench(cohort, protocol)
        self.exact_saved = self.exact_saved and cohort is self.cohort
        self.workbench, self.scenario, self.notes = workbench, kept, None
        self._overview = self._ledger = self._quality = None  # they hold the cohort before
        self._worked_out = {}
        self.history, self.undone = [], []
        self.asked, self.opened, self.refused = NOTHING_ASKED, "", ""
        settle()
        ahead.begin(workbench, kept, lambda: self.workbench is workbench)
        return problems

    def what_it_shows(self) -> tuple[Finding, ...]:
        """What this cohort shows of the protocol as written: found once."""
        if self.notes is None:
            # A workbench of its own: the comparison of readings would push the live one's memory aside.
            self.notes = findings(Workbench(self.cohort, self.protocol), AS_WRITTEN)
        return self.notes

    def what_it_shows_unasked(self) -> tuple[Finding, ...] | None:
        """The same where it takes no time to find, or has been found; None otherwise."""
        return self.what_it_shows() if self.notes is not None or self.cohort.patients <= MOST_AT_ONCE else None


def settle() -> None:
    """Give back what is no longer used, and put what was loaded out of the garbage collector's sight: it would look through it after every run."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def current() -> Session:
    """This browser session's state; on first use the synthetic sample cohort, and the scenario of the link that was opened."""
    if "session" not in st.session_state:
        st.session_state["session"] = Session(Workbench(cohorts.sample(), builtin_protocol()))
        settle()
    session: Session = st.session_state["session"]
    _keep_link(session)
    return session


def propose(change: Callable[..., Scenario], *args: Any) -> None:
    """A widget's proposal."""
    current().propose(change, *args)


def propose_from(key: str, change: Callable[..., Scenario], *args: Any, read: Callable[[Any], Any] | None = None) -> None:
    """A widget's proposal whose last argument is the widget's own value."""
    value = st.session_state[key]
    current().propose(change, *args, read(value) if read else value)


def link(session: Session) -> str:
    """The address that brings back this scenario: never a patient in it."""
    address = (st.context.url or "").partition("?")[0]
    query = urlencode(to_query(session.protocol, session.scenario))
    return f"{address}?{query}" if query else address


def _keep_link(session: Session) -> None:
    """Apply the scenario of a link just opened, and keep the address in step with the scenario.

    A run may still carry the address of a moment ago: an address this session wrote itself is never taken for a link.
    """
    given = {key: ",".join(st.query_params.get_all(key)) for key in st.query_params}  # what is given twice holds twice
    if given and urlencode(given) not in session.links_seen:
        scenario, session.link_problems = from_query(session.protocol, given)
        session.take(scenario)
    written = to_query(session.protocol, session.scenario)
    session.links_seen |= {urlencode(given), urlencode(written)}
    if given != written:
        st.query_params.from_dict(written)
