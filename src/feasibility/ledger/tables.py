"""Count tables as plain data: what every number of the ledger becomes at each value of one handle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from feasibility import wording
from feasibility.ledger.rows import AS_WRITTEN_RATE, Plain, rate_values
from feasibility.logic import FALSE, UNKNOWN, Truth
from feasibility.results.accounting import Comparison, Tally
from feasibility.results.count_tables import Counts, count_table, rate_table
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import with_rate, with_value


def of_parameter(workbench: Workbench, overview: Overview, name: str, values: Sequence[float], limbs: Mapping[str, Sequence[str]]) -> Plain:
    """The table of a parameter at the values its handle stops at; ``limbs``: by criterion, those with a line of their own."""
    table = count_table(workbench, overview.screening.scenario, name, values)
    tallies = [table.tally(place) for place in range(len(values))]
    ineligible = [tally.ineligible for tally in tallies]
    own = name.partition(".")[0]
    if "." in name:
        of_lines = {own: [_line(table.limbs.get(limb)) for limb in limbs.get(own, ())]}
        saved = {} if table.saved is None else {own: [wording.saves(int(number)) for number in table.saved]}
    else:
        of_lines, saved = _of_shared(workbench, overview, name, values, limbs, table.order)
    moving = [place for place in range(len(table.order)) if np.ptp(table.fails[:, place]) or np.ptp(table.unknown[:, place])]
    return {
        "order": list(table.order),
        "eligible": table.eligible.ravel().tolist(),
        "undetermined": table.undetermined.ravel().tolist(),
        "lost": table.lost.ravel().tolist(),
        "gain": table.gain.ravel().tolist(),
        "share": [wording.share_of(share, of) for shares, of in zip(table.share.tolist(), ineligible, strict=True) for share in shares],
        "fails": {table.order[place]: table.fails[:, place].tolist() for place in moving},
        "unknown": {table.order[place]: table.unknown[:, place].tolist() for place in moving},
        "lines": {criterion_id: found for criterion_id, found in of_lines.items() if found},
        "saved": saved,
        "headline": [
            _headline(overview, tally, table.comparison(place), float(table.expected[place])) for place, tally in enumerate(tallies)
        ],
        "tally": {"eligible": [tally.eligible for tally in tallies], "undetermined": [tally.undetermined for tally in tallies]},
    }


def _of_shared(
    workbench: Workbench, overview: Overview, name: str, values: Sequence[float], limbs: Mapping[str, Sequence[str]], order: Sequence[str]
) -> tuple[dict[str, list[Plain | None]], dict[str, list[str]]]:
    """What a shared parameter moves beside the counts of whole criteria: those of limbs with a line of their own, and of exceptions."""
    protocol, scenario, screener = overview.screening.protocol, overview.screening.scenario, workbench.screener.aside()
    moved = [with_value(protocol, scenario, name, value) for value in values]
    of_lines: dict[str, list[Plain | None]] = {}
    for criterion_id, labels in limbs.items():
        outcomes = [screener.limb_outcomes(protocol, each, criterion_id) for each in moved]
        of_lines[criterion_id] = [_counted([each[label] for each in outcomes]) if label in outcomes[0] else None for label in labels]
    saved = {each: [screener.saved(protocol, scenario_then, each) for scenario_then in moved] for each in order}
    return of_lines, {each: [wording.saves(number) for number in numbers] for each, numbers in saved.items() if numbers[0] is not None}


def _counted(outcomes: Sequence[Truth]) -> Plain:
    return {"fails": [int((each == FALSE).sum()) for each in outcomes], "unknown": [int((each == UNKNOWN).sum()) for each in outcomes]}


def of_rate(workbench: Workbench, overview: Overview, criterion_id: str) -> Plain:
    """The table of an assumed pass rate: only the number expected to enrol moves."""
    protocol, scenario = overview.screening.protocol, overview.screening.scenario
    mean = next(each.rate for each in overview.assumed if each.id == criterion_id)
    values, _, _ = rate_values(scenario, protocol[criterion_id], mean)
    rates = [1.0 if each == AS_WRITTEN_RATE else float(each) for each in values]
    expected = [float(each) for each in rate_table(workbench, scenario, criterion_id, rates)]
    # The rates as written may differ from patient to patient: they are reckoned as they are.
    expected[values.index(AS_WRITTEN_RATE)] = workbench.overview(with_rate(protocol, scenario, criterion_id, None)).expected
    tally = overview.tally
    return {
        "order": [],
        **{name: [] for name in ("eligible", "undetermined", "lost", "gain", "share")},
        **{name: {} for name in ("fails", "unknown", "lines", "saved")},
        "headline": [_headline(overview, tally, overview.comparison, each) for each in expected],
        "tally": {"eligible": [tally.eligible] * len(values), "undetermined": [tally.undetermined] * len(values)},
    }


def _headline(overview: Overview, tally: Tally, comparison: Comparison, expected: float) -> list[Plain]:
    at_this_value = replace(overview, tally=tally, comparison=comparison, expected=expected)
    return [{"value": each.value, "detail": each.detail} for each in wording.headlines(at_this_value)]


def _line(counts: tuple[Counts, Counts] | None) -> Plain | None:
    return None if counts is None else {"fails": counts[0].tolist(), "unknown": counts[1].tolist()}
