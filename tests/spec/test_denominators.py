"""Every result that reaches a screen says of how many patients it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_args, get_type_hints

import feasibility
from feasibility.patterns import Patterns
from feasibility.protocol import builtin_protocol
from feasibility.results.accounting import Tally, account, tally
from feasibility.results.by_stage import by_stage
from feasibility.results.count_tables import count_table
from feasibility.results.curves import curve
from feasibility.results.disclosure import EXACT
from feasibility.results.distributions import passing_the_rest
from feasibility.results.dropping import Aim, dropping, reaching
from feasibility.results.gaps import gaps
from feasibility.results.near import Elsewhere, NearMisses, near_counts, near_misses
from feasibility.results.noise import noise
from feasibility.results.overlap import failed_together, redundancy
from feasibility.results.overview import Overview, Workbench, eligible_by_reading
from feasibility.results.pairs import grid
from feasibility.results.relaxing import front, reach, usual
from feasibility.results.requirements import requirements
from feasibility.results.screening_order import cheapest, cost_of
from feasibility.results.taken_as_absent import taken_as_absent
from feasibility.results.tornado import readings, tornado
from feasibility.results.treatable import treatable
from feasibility.scenario import AS_WRITTEN
from feasibility.ui import cohorts

PROTOCOL = builtin_protocol()


@cache
def results() -> dict[str, tuple[object, ...]]:
    """What the public functions give of the sample cohort, by what gives it."""
    bench = Workbench(cohorts.sample(), PROTOCOL)
    overview, needed = bench.overview(AS_WRITTEN), requirements(bench, AS_WRITTEN)
    patterns, order, screener = overview.patterns, overview.order, bench.screener
    stages = by_stage(screener, overview.screening, patterns, order)
    best = tuple(dropping(patterns, order).values())
    return {
        "overview": (overview,),
        "account": (account(patterns, order),),
        "tally": (tally(patterns, order), *eligible_by_reading(bench, AS_WRITTEN, "E5").values()),
        "count_table": (count_table(bench, AS_WRITTEN, "I5.egfr_min", (15, 20)),),
        "passing_the_rest": (passing_the_rest(patterns, order),),
        "curve": (curve(bench, AS_WRITTEN, "I5.egfr_min"),),
        "noise": (noise(bench, AS_WRITTEN, "I7.hba1c_max"),),
        "grid": (grid(bench, AS_WRITTEN, "I5.egfr_min", "I7.hba1c_max", 4),),
        "tornado": (readings(bench, AS_WRITTEN), tornado(bench, AS_WRITTEN, [])),
        "failed_together": (failed_together(patterns, order, 9),),
        "redundancy": (redundancy(patterns, overview.losses),),
        "dropping": best,
        "reaching": tuple(reaching(patterns, order, aim, 2, 1) for aim in Aim),
        "requirements": (needed,),
        "reach": (reach(needed, 200, usual(needed)),),
        "front": front(needed, usual(needed)),
        "by_stage": (stages,),
        "screening_cost": (cost_of(stages, stages.stages), cheapest(stages)),
        "gaps": (gaps(screener, overview),),
        "taken_as_absent": (taken_as_absent(screener, overview),),
        "treatable": (treatable(patterns, order, PROTOCOL),),
        "near_counts": (near_counts(overview.losses, patterns.total, overview.tally.ineligible),),
        "near_misses": (near_misses(screener, overview, Elsewhere.PASSED, order, EXACT),),
    }


def denominator(result: object) -> int:
    """How many patients a result is of: its own number of them, or that of the tally or the patterns it holds."""
    if isinstance(number := getattr(result, "patients", None), int):
        return number
    holder = getattr(result, "tally", None) or getattr(result, "patterns", None)
    assert isinstance(holder, (Tally, Patterns)), f"{type(result).__name__} does not say of how many patients it is"
    return holder.patients if isinstance(holder, Tally) else holder.total


def test_every_result_says_of_how_many_patients_it_is() -> None:
    assert {function: {denominator(each) for each in found} for function, found in results().items()} == {each: {2000} for each in results()}


def test_of_single_patients_it_is_said_how_many_there_are_and_of_how_many() -> None:
    (misses,), (overview,) = results()["near_misses"], results()["overview"]
    assert isinstance(misses, NearMisses)
    assert isinstance(overview, Overview)
    assert (misses.patients, misses.found) == (2000, sum(each.only_fail for each in overview.losses))


# Nothing is left out

NO_RESULTS = {
    "Workbench": "gives results",
    "Rounding": "how results may be shown",
    "Allowance": "what is asked",
    "Axis": "a scale",
    "Proportion": "says of how many it is by its own word",
    "Fewest": "one of the sets of a dropping",
    "Spread": "a bin for each patient",
    "Moved": "of two screening costs given",
}


def imported_above() -> Iterator[type]:
    """The kinds of result that the floors above name."""
    root = Path(feasibility.__file__).parent
    for path in root.rglob("*.py"):
        if path.parent.name == "results":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("feasibility.results."):
                named = (getattr(import_module(str(node.module)), alias.name) for alias in node.names)
                yield from (each for each in named if isinstance(each, type) and is_dataclass(each))


def parts(kind: object, found: set[type]) -> set[type]:
    """The kinds of result that a kind is made of, by what its fields may hold, itself among them."""
    if isinstance(kind, type) and is_dataclass(kind):
        if kind in found or not kind.__module__.startswith("feasibility.results."):
            return found
        found.add(kind)
        inner = tuple(get_type_hints(kind).values())
    else:
        inner = get_args(kind)
    for each in inner:
        parts(each, found)
    return found


def test_no_kind_of_result_that_is_shown_is_left_out() -> None:
    within: set[type] = set()
    for kind in {type(each) for found in results().values() for each in found}:
        parts(kind, within)
    assert {each.__name__ for each in imported_above() if each not in within} == set(NO_RESULTS)
