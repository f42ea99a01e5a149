"""What views of what would change it look up of every patient once, looked up while the workbench is read: a view opened later has it at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from threading import Lock, Thread

from feasibility.results.curves import Curve, curves
from feasibility.results.overview import Workbench
from feasibility.results.pairs import grid
from feasibility.results.requirements import requirements
from feasibility.results.tornado import tornado
from feasibility.scenario import Scenario

MANY, MOST = 100_000, 1_000_000  # patients: of fewer nobody waits long enough to notice; of more what is found would push aside what the workbench needs
_ONE_AT_A_TIME = Lock()


def begin(workbench: Workbench, scenario: Scenario, still: Callable[[], bool]) -> None:
    """Looks beside everything else, after whatever is being looked at, if the workbench is ``still`` the one in use; not of few patients, or too many."""
    if MANY <= workbench.cohort.patients <= MOST:
        Thread(target=look, args=(workbench, scenario, still), name="looking ahead", daemon=True).start()


def look(workbench: Workbench, scenario: Scenario, still: Callable[[], bool]) -> None:
    """Each remembered by the workbench: how every number moves everybody, what each reading would change, what each patient needs, pairs of one criterion."""
    along: list[Curve] = []
    views: tuple[Callable[[], object], ...] = (
        lambda: workbench.overview(scenario),  # what is counted of it is counted on after the next move
        lambda: along.extend(curves(workbench, scenario)),
        lambda: tornado(workbench, scenario, along),
        lambda: requirements(workbench, scenario),
    )
    with _ONE_AT_A_TIME:
        for view in views:
            if still():
                view()
        for one, other in combinations(along, 2):
            if still() and set(one.criteria) & set(other.criteria):  # of others nothing is found that their curves have not
                grid(workbench, scenario, one.name, other.name)
