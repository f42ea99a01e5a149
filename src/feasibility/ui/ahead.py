"""What views of what would change it look up of every patient once, looked up while the workbench is read: a view opened later has it at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from feasibility.results.curves import curves
from feasibility.results.overview import Workbench
from feasibility.results.requirements import requirements
from feasibility.results.tornado import tornado
from feasibility.scenario import Scenario

MANY = 100_000  # patients; of fewer nobody waits long enough to notice


def begin(workbench: Workbench, scenario: Scenario, still: Callable[[], bool]) -> Thread | None:
    """Looks beside everything else, as long as the workbench is ``still`` the one in use; not of few patients."""
    if workbench.cohort.patients < MANY:
        return None
    thread = Thread(target=look, args=(workbench, scenario, still), name="looking ahead", daemon=True)
    thread.start()
    return thread


def look(workbench: Workbench, scenario: Scenario, still: Callable[[], bool]) -> None:
    """The longest first, each remembered by the workbench: how every number moves everybody, what each reading would change, what each patient needs."""
    workbench.overview(scenario)  # so that what is counted is counted on after the next move
    along = curves(workbench, scenario)
    if still():
        tornado(workbench, scenario, along)
    if still():
        requirements(workbench, scenario)
