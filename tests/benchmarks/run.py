"""The project's own benchmark: ``python tests/benchmarks/run.py [--patients N] [--quick]`` prints each budget beside what was measured.

Synthetic patients throughout. Budgets are for 1,000,000 patients on two cores; with another number they are shown but not judged.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import usual_way
from extracts import write_extracts

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.ledger.view import Ledger
from feasibility.logic import FALSE, TRUE, UNKNOWN
from feasibility.parameters import Number, stops
from feasibility.patterns import Recounter, count
from feasibility.protocol import Protocol, builtin_protocol
from feasibility.results.accounting import breakdown
from feasibility.results.by_stage import by_stage
from feasibility.results.count_tables import count_table
from feasibility.results.curves import Curve, along, curve, curves, movable, stops_of
from feasibility.results.disclosure import EXACT
from feasibility.results.dropping import dropping
from feasibility.results.gaps import gaps
from feasibility.results.near import Elsewhere, explain, near_counts, near_misses
from feasibility.results.noise import noise
from feasibility.results.overlap import failed_together, redundancy
from feasibility.results.overview import Workbench
from feasibility.results.pairs import grid
from feasibility.results.relaxing import AT_ONCE, Least, front, reach, usual
from feasibility.results.requirements import requirements
from feasibility.results.screening_order import cheapest
from feasibility.results.taken_as_absent import taken_as_absent
from feasibility.results.tornado import tornado
from feasibility.results.treatable import treatable
from feasibility.scenario import AS_WRITTEN, Scenario, value_of, with_value
from feasibility.screening.explain import explained
from feasibility.screening.onwards import outcome_onwards
from feasibility.screening.screen import Screener
from feasibility.ui import ahead

JUDGED_AT = 1_000_000
DRAGGED = ("I5.egfr_min", (15, 18, 20, 22, 25, 28, 30, 32, 35, 38))
MOVED_BY_MANY, FAR_APART = ("lab_window", (360, 355, 350, 345, 340, 335, 340, 345, 350, 355)), (28, 60, 120, 180, 270)
TORNADO = "tornado, its curves known"
NOISY = ("I4.uacr_above", "I5.egfr_min")
TOUCHED = (("I5.egfr_min", 25), ("I4.uacr_above", 700), ("I4.protein_min", 3), ("I7.hba1c_max", 10), ("E5.ldl_max", 5), ("E6.potassium_max", 6))
TABLED = ("I5.egfr_min", "I4.uacr_above", "E4.stroke_window", "E2.washout", "E8.cancer_window")
PAIRED = (("I5.egfr_min", "I4.protein_min"), ("E5.tg_max", "E5.ldl_max"), ("I6.sbp_max", "I6.dbp_max"), ("lab_window", "I5.egfr_min"))
# One step after the other: of a number alone in its rule, of some with others beside them, and of the window that many share.
STEPPED = (
    ("I5.egfr_min", 50, (21, 22, 23, 24, 25)),
    ("E5.ldl_max", 50, (4.2, 4.3, 4.4, 4.5, 4.6)),
    ("I6.sbp_max", 50, (165, 170, 175, 170, 165)),
    ("I4.protein_min", 50, (3.4, 3.3, 3.2, 3.1, 3)),
    ("E2.washout", 50, (28, 26, 24, 22, 20)),
    ("lab_window", 50, (360, 350, 340, 330, 320)),
)
MOVED_MEANWHILE, MOVED_TO = "I7.hba1c_max", (9.1, 9.2, 9.3, 9.4, 9.5)  # another threshold, between one view and the next
READ_ALONE = """
import json, re, sys, time
from pathlib import Path
from feasibility.intake import load_cohort

def peak():  # not getrusage: a child's maximum there begins with its parent's
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

before, start = peak(), time.perf_counter()
cohort = load_cohort("extract", Path(sys.argv[1]))
print(json.dumps({"seconds": time.perf_counter() - start, "bytes": peak() - before, "patients": cohort.patients}))
"""


@dataclass(frozen=True)
class Row:
    """A budget and what was measured; without a budget the measure stands for comparison."""

    work: str
    budget: float | None
    unit: str
    measured: tuple[float, ...]

    def said(self, judged: bool) -> tuple[str, str, str, str]:
        middle, low, high = (f"{value:,.3g}" for value in (median(self.measured), min(self.measured), max(self.measured)))
        measured = f"{middle} ({low}–{high}) {self.unit}, n={len(self.measured)}" if len(self.measured) > 1 else f"{middle} {self.unit}"
        verdict = "–" if self.budget is None or not judged else "ok" if median(self.measured) <= self.budget else "OVER"
        return self.work, "–" if self.budget is None else f"≤ {self.budget:g} {self.unit}", measured, verdict


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def milliseconds(work: Iterable[Callable[[], object]]) -> tuple[float, ...]:
    return tuple(seconds(each) * 1000 for each in work)


def of_moves(cohort: Cohort, protocol: Protocol, runs: int) -> list[Row]:
    screener, recounter = Screener(cohort), Recounter()

    def move(scenario: Scenario) -> Callable[[], object]:
        return lambda: recounter.recount(screener.screen(protocol, scenario, outcome_onwards).outcomes, cohort.patients)

    # As written first: a term is computed once, when a cohort is loaded, and remembered.
    move(AS_WRITTEN)()
    touched = []
    for name, value in itertools.islice(itertools.cycle(TOUCHED), runs):
        touched.append(seconds(move(with_value(protocol, AS_WRITTEN, name, value))) * 1000)
        move(AS_WRITTEN)()
    name, values = DRAGGED
    scenarios = [with_value(protocol, AS_WRITTEN, name, value) for value in itertools.islice(itertools.cycle(values), runs)]
    move(scenarios[-1])()
    dragged = milliseconds(map(move, scenarios))
    name, values = MOVED_BY_MANY
    move(with_value(protocol, AS_WRITTEN, name, values[-1]))()
    window = milliseconds(move(with_value(protocol, AS_WRITTEN, name, days)) for days in itertools.islice(itertools.cycle(values), runs))
    far = milliseconds(move(with_value(protocol, AS_WRITTEN, name, days)) for days in itertools.islice(itertools.cycle(FAR_APART), runs))
    return [
        Row("one threshold moved → patterns recounted", 30, "ms", dragged),
        Row("  the first move of another criterion", 30, "ms", tuple(touched)),
        Row("  the window of all laboratory values, days on", 30, "ms", window),
        Row("  the same, months on", None, "ms", far),
    ]


def of_results(cohort: Cohort, protocol: Protocol, runs: int) -> tuple[list[Row], int]:
    workbench = Workbench(cohort, protocol)
    scenario = with_value(protocol, AS_WRITTEN, "I5.egfr_min", 20)
    overview = workbench.overview(scenario)
    again = milliseconds([lambda: workbench.overview(scenario)] * runs)
    return [Row("all results of the workbench from the patterns", 15, "ms", again)], int((overview.patterns.patients > 0).sum())


def of_the_ledger(cohort: Cohort, protocol: Protocol, runs: int) -> list[Row]:
    """The view of a new scenario, and the count tables that are made ready before a line is dragged."""
    workbench = Workbench(cohort, protocol)
    ledger = Ledger(workbench)
    overviews = [workbench.overview(with_value(protocol, AS_WRITTEN, DRAGGED[0], value)) for value in DRAGGED[1]]
    ledger.view(overviews[0])  # the distributions are found once
    found = [Row("the ledger's view of a new scenario", None, "ms", milliseconds([lambda: ledger.view(overviews[-1])] * runs))]
    for name in TABLED:
        parameter = protocol.parameters[name]
        assert isinstance(parameter, Number)
        at = stops(parameter, parameter.value)
        made = milliseconds([lambda name=name, at=at: count_table(workbench, AS_WRITTEN, name, at)] * min(runs, 5))
        found.append(Row(f"  count table of {name}, {len(at)} stops", None, "ms", made))
    return found


def of_patterns(cohort: Cohort, protocol: Protocol, runs: int) -> list[Row]:
    """Overlap, the best criteria to drop and the order of screening; what is dropped from 21 criteria that all stop somebody too."""
    workbench = Workbench(cohort, protocol)
    overview = workbench.overview(AS_WRITTEN)
    patterns, order = overview.patterns, overview.order
    drawn = np.random.default_rng(1).random((21, cohort.patients))
    rates = np.linspace(0.02, 0.25, 21)[:, None]
    outcomes = np.where(drawn < rates, FALSE, np.where(drawn > 0.98, UNKNOWN, TRUE)).astype(np.int8)
    many = count({f"C{place}": truth for place, truth in enumerate(outcomes)}, cohort.patients)
    of_many = breakdown(many, many.criteria)
    found = by_stage(workbench.screener, overview.screening, patterns, order)
    works: list[tuple[str, float, Callable[[], object]]] = [
        ("which criteria are failed together", 50, lambda: failed_together(many, many.criteria, 20)),
        ("which criteria say much the same", 50, lambda: redundancy(many, of_many)),
        (f"the best criteria to drop, of 21 and {len(many.failed):,} patterns", 150, lambda: dropping(many, many.criteria)),
        (f"the best criteria to drop, of {len(order)}", 150, lambda: dropping(patterns, order)),
        ("what each stage of screening finds", 50, lambda: by_stage(workbench.screener, overview.screening, patterns, order)),
        (f"  the cheapest order of {len(found.stages)} stages", 50, lambda: cheapest(found)),
    ]
    return [Row(work, budget, "ms", milliseconds([each] * runs)) for work, budget, each in works]


def of_what_would_change_it(cohort: Cohort, protocol: Protocol, runs: int) -> list[Row]:
    """Curves, pairs, the tornado, what patients need, relaxing and noise: each the first time, and under scenarios not seen before.

    As in the app, what they look up once is looked up ahead.
    """
    workbench = Workbench(cohort, protocol)
    scenarios = [with_value(protocol, AS_WRITTEN, MOVED_MEANWHILE, value) for value in MOVED_TO[: min(runs, len(MOVED_TO))]]
    drawn: list[tuple[Curve, ...]] = []

    def curves_known(scenario: Scenario) -> None:
        drawn.append(curves(workbench, scenario))

    views: dict[str, Callable[[Scenario], object]] = {"curves of all numbers": curves_known}
    views["curves of all numbers but the shared window"] = lambda scenario: _curves_but_shared(workbench, scenario)
    views |= {f"curve of {name}": partial(curve, workbench, parameter=name) for name in TABLED}
    views[TORNADO] = lambda scenario: tornado(workbench, scenario, drawn[-1])
    views["what patients need, all numbers"] = lambda scenario: requirements(workbench, scenario)
    views |= {f"noise about {name}": partial(noise, workbench, parameter=name) for name in NOISY}
    of_pairs = {f"grid of {one} × {other}": partial(grid, workbench, first=one, second=other) for one, other in PAIRED}
    found = [Row("what views look up once, while the workbench is read", None, "s", (seconds(lambda: ahead.look(workbench, AS_WRITTEN, lambda: True)),))]
    workbench.overview(AS_WRITTEN)
    first = {work: seconds(partial(view, AS_WRITTEN)) * 1000 for work, view in (views | of_pairs).items()}
    for work, view in (views | of_pairs).items():
        took = []
        for scenario in scenarios:
            workbench.overview(scenario)
            if work == TORNADO:
                curves_known(scenario)
            took.append(seconds(partial(view, scenario)) * 1000)
        found.append(Row(work, 50, "ms", tuple(took)))
        found.append(Row("  the first time", 50, "ms", (first[work],)))
    name, _, steps = STEPPED[-1]
    (pair,) = (pair for pair in PAIRED if name in pair)
    took = []
    for scenario in (with_value(protocol, AS_WRITTEN, name, step) for step in steps[:runs]):
        workbench.overview(scenario)
        took.append(seconds(partial(grid, workbench, scenario, *pair)) * 1000)
    found.append(Row(f"grid of {pair[0]} × {pair[1]}, after a step of {name}", 50, "ms", tuple(took)))
    workbench.overview(AS_WRITTEN)
    needed = requirements(workbench, AS_WRITTEN)
    known = front(needed, usual(needed))
    for times in (1.1, 1.5, 2, 3, 4):
        target = round(needed.eligible * times)
        for least, said in ((Least.CONCESSION, ""), (Least.MOVES, ", by the fewest moves")):
            works = [partial(reach, needed, target, usual(needed), least, AT_ONCE, known)] * min(runs, 3)
            found.append(Row(f"relaxing to {times:g} times as many eligible{said}", 50, "ms", milliseconds(works)))
        longer = [partial(reach, needed, target, usual(needed), known=known)] * min(runs, 3)
        found.append(Row("  the longer search, drawn in afterwards", None, "ms", milliseconds(longer)))
    found.append(Row("concession against patients, the whole front", 50, "ms", milliseconds([partial(front, needed, usual(needed))] * min(runs, 3))))
    return found


def of_steps(cohort: Cohort, protocol: Protocol, runs: int) -> list[Row]:
    """Curves, tornado and what patients need after each step of one number or another, all of them known at the values as written."""
    workbench = Workbench(cohort, protocol)
    found: list[Row] = []

    def looked_at(scenario: Scenario) -> tuple[float, float, float]:
        workbench.overview(scenario)
        drawn: list[tuple[Curve, ...]] = []
        works = (
            lambda: drawn.append(curves(workbench, scenario)),
            lambda: tornado(workbench, scenario, drawn[0]),
            lambda: requirements(workbench, scenario),
        )
        first, second, third = milliseconds(works)
        return first, second, third

    for name, budget, steps in STEPPED:
        looked_at(AS_WRITTEN)
        took = zip(*(looked_at(with_value(protocol, AS_WRITTEN, name, step)) for step in steps[:runs]), strict=True)
        for work, each in zip(("curves of all numbers", "  tornado, its curves known", "  what patients need"), took, strict=True):
            found.append(Row(f"{work}, after a step of {name}", budget, "ms", each))
    return found


def _curves_but_shared(workbench: Workbench, scenario: Scenario) -> object:
    counted = workbench.counted(scenario)
    moving = {name: criteria for name, criteria in movable(workbench, counted).items() if len(criteria) == 1}
    numbers = {name: workbench.protocol.parameters[name] for name in moving}
    return along(workbench.screener, counted, moving, {name: stops_of(each, moving[name]) for name, each in numbers.items() if isinstance(each, Number)})


def of_single_patients_and_gaps(cohort: Cohort, protocol: Protocol, runs: int) -> list[Row]:
    """Near misses counted, listed and explained, what is missing, what can be treated."""
    workbench = Workbench(cohort, protocol)
    overview = workbench.overview(AS_WRITTEN)
    screener, screening, order = workbench.screener, overview.screening, overview.order
    near = near_misses(screener, overview, Elsewhere.PASSED, order, EXACT)
    works: list[tuple[str, float | None, Callable[[], object]]] = [
        ("near misses by criterion", 50, lambda: near_counts(overview.losses, cohort.patients, overview.tally.ineligible)),
        (f"  the nearest of {near.found:,} near misses", 50, lambda: near_misses(screener, overview, Elsewhere.PASSED, order, EXACT)),
        (f"  why {len(near.shown)} of them fail", 100, lambda: explain(screener, screening, near.shown)),
        (f"  the whole verdict of {len(near.shown)} patients", 100, lambda: explained(screener, screening, [each.patient for each in near.shown], order)),
        (f"what is missing for {overview.tally.undetermined:,} undetermined", 50, lambda: gaps(screener, overview)),
        ("what counts as a no where nothing is recorded", 50, lambda: taken_as_absent(screener, overview)),
        ("who could be treated and screened again", 50, lambda: treatable(overview.patterns, order, protocol)),
    ]
    return [Row(work, budget, "ms", milliseconds([each] * runs)) for work, budget, each in works]


def of_cold_screening(work: str, budget: float, cohort: Cohort, protocol: Protocol, runs: int) -> Row:
    def cold() -> float:
        gc.collect()  # what the last screener held is let go of first, as there is none before the first
        return seconds(lambda: Screener(cohort).screen(protocol, AS_WRITTEN))

    return Row(work, budget, "s", tuple(cold() for _ in range(runs)))


def of_reading(extract: Path, patients: int, runs: int) -> list[Row]:
    """Each run in a process of its own: what it takes at most is only known for a whole process."""
    alone = [sys.executable, "-c", READ_ALONE, str(extract)]
    found = [json.loads(subprocess.run(alone, capture_output=True, text=True, check=True).stdout) for _ in range(runs)]
    assert all(each["patients"] == patients for each in found)
    size = extract.stat().st_size
    return [
        Row(f"reading and checking a CSV, 40 columns, {size / 1e6:,.0f} MB", 10, "s", tuple(each["seconds"] for each in found)),
        Row("  peak memory it takes, times the file", 4, "×", tuple(each["bytes"] / size for each in found)),
    ]


def of_the_usual_way(cohort: Cohort, protocol: Protocol, runs: int) -> list[Row]:
    """The same numbers from a pandas frame of booleans, a column a criterion; the two must agree."""
    workbench = Workbench(cohort, protocol)
    name, values = DRAGGED
    scenarios = [with_value(protocol, AS_WRITTEN, name, value) for value in values[:runs]]
    frame = usual_way.frame(workbench.overview(AS_WRITTEN))
    egfr = usual_way.egfr_column(workbench, protocol.parameters["lab_window"].value)
    usual, ours = [], []
    workbench.overview(scenarios[-1])
    for scenario in scenarios:
        highest = protocol.parameters["I5.egfr_max"].value
        start = time.perf_counter()
        counts = usual_way.counts(frame.assign(I5=(egfr >= value_of(protocol, scenario, name)) & (egfr <= highest)))
        usual.append(time.perf_counter() - start)
        start = time.perf_counter()
        overview = workbench.overview(scenario)
        ours.append(time.perf_counter() - start)
        assert counts.funnel == [step.eligible for step in overview.steps], "the two ways disagree"
    ratio = tuple(theirs / own for theirs, own in zip(usual, ours, strict=True))
    return [
        Row("a threshold moved → all results, this way", None, "ms", tuple(each * 1000 for each in ours)),
        Row("  the usual way (a pandas frame of booleans)", None, "ms", tuple(each * 1000 for each in usual)),
        Row("  the usual way takes", None, "× as long", ratio),
    ]


def shown(rows: list[Row], judged: bool) -> str:
    table = [("work", "budget", "measured: median (min–max)", "ok?"), *(row.said(judged) for row in rows)]
    widths = [max(len(line[place]) for line in table) for place in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the budgets beside what is measured here.")
    parser.add_argument("--patients", type=int, default=JUDGED_AT)
    parser.add_argument("--runs", type=int, default=9, help="how often each is measured")
    parser.add_argument("--quick", action="store_true", help="20,000 patients, three runs")
    parser.add_argument("--no-browser", action="store_true", help="leave out what is measured in Chromium")
    options = parser.parse_args()
    patients, runs = (20_000, 3) if options.quick else (options.patients, options.runs)
    protocol = builtin_protocol()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        extracts = write_extracts(Path(folder), patients)
        rows += of_reading(extracts.forty_columns, patients, min(runs, 3))
        cohort = load_cohort("wide", extracts.wide)
        gc.collect()
        gc.freeze()
        rows += of_moves(cohort, protocol, runs)
        results, patterns = of_results(cohort, protocol, runs)
        rows += results
        rows.append(of_cold_screening("full screening, cold: wide file", 0.5, cohort, protocol, min(runs, 5)))
        rows += of_the_ledger(cohort, protocol, runs)
        rows += of_patterns(cohort, protocol, runs)
        rows += of_what_would_change_it(cohort, protocol, runs)
        rows += of_steps(cohort, protocol, runs)
        rows += of_single_patients_and_gaps(cohort, protocol, runs)
        rows += of_the_usual_way(cohort, protocol, min(runs, 3))
        del cohort
        cohort = load_cohort("long", extracts.narrow, measurements=("measurements", extracts.measurements))
        rows.append(of_cold_screening(f"full screening, cold: {extracts.long_records:,} long records", 2, cohort, protocol, min(runs, 5)))
        del cohort
        gc.unfreeze()
        if not options.no_browser:
            sys.path.insert(0, str(Path(__file__).parents[1]))  # where the tests start the app from
            import screen

            rows += [Row(*each) for each in screen.measured(runs, (10_000,) if options.quick else screen.SIZES)]
    print(f"{patients:,} patients, {len(protocol.criteria)} criteria, {patterns:,} failure patterns\n")
    print(shown(rows, judged=patients == JUDGED_AT))


if __name__ == "__main__":
    main()
