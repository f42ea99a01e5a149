"""What this cohort shows of the protocol's structure: limbs that hardly bite, clauses that pull against each other, readings that matter.

Found in the data, for any protocol; remarks on the text itself stand in the protocol file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from feasibility.logic import FALSE, TRUE
from feasibility.results.accounting import Tally
from feasibility.results.overview import Overview, Workbench, eligible_by_reading
from feasibility.results.proportion import Proportion
from feasibility.scenario import Scenario, reading_id

HARDLY_BITES = 0.10  # of those who pass the other limbs, at most this share fails the limb
PULLS = 0.05  # difference in failing the one criterion between those who pass and those who fail the other
STANDARD_ERRORS = 3.0  # by how many a difference must exceed chance before it is worth a word
FEWEST = 30  # patients on either side of a comparison


@dataclass(frozen=True)
class Finding:
    """A short note; ``criteria`` are those it is about."""

    title: str
    text: str
    criteria: tuple[str, ...] = ()


def findings(workbench: Workbench, scenario: Scenario) -> tuple[Finding, ...]:
    """What the cohort shows under the scenario, the most telling first."""
    overview = workbench.overview(scenario)
    found = [
        *_readings(workbench, overview),
        *_inert_limbs(workbench, overview),
        *_pulling(overview),
        *_gaps(overview),
        *_treatable(overview),
    ]
    return tuple(found)


def remarks(workbench: Workbench) -> tuple[Finding, ...]:
    """What the protocol file itself remarks on."""
    return tuple(Finding(remark.title, remark.text) for remark in workbench.protocol.remarks)


def _name(overview: Overview, criterion_id: str) -> str:
    return f"{criterion_id} {overview.screening.protocol[criterion_id].label}"


def _percent(count: int, of: int) -> str:
    value = Proportion(count, of).value
    return "none" if value is None else f"{value:.0%}" if value >= 0.1 or value == 0 else f"{value:.1%}"


def _readings(workbench: Workbench, overview: Overview) -> Iterator[Finding]:
    """The one clause whose reading changes the number eligible the most."""
    scenario, protocol = overview.screening.scenario, workbench.protocol
    largest: tuple[int, str, str, Tally] | None = None
    for criterion_id in overview.order:
        for reading, tallied in eligible_by_reading(workbench, scenario, criterion_id).items():
            change = tallied.eligible - overview.tally.eligible
            if change and (largest is None or abs(change) > abs(largest[0])):
                largest = change, criterion_id, reading, tallied
    if largest is not None:
        change, criterion_id, reading, tallied = largest
        chosen = protocol[criterion_id].reading(reading_id(protocol, scenario, criterion_id) or "").label
        other = protocol[criterion_id].reading(reading).label
        yield Finding(
            f"How {criterion_id} is read matters most",
            f"{_name(overview, criterion_id)} read as “{other}” instead of “{chosen}” makes {tallied.eligible:,} eligible instead of "
            f"{overview.tally.eligible:,} of {overview.tally.patients:,}.",
            (criterion_id,),
        )


def _inert_limbs(workbench: Workbench, overview: Overview) -> Iterator[Finding]:
    """Limbs that hardly anybody fails who passes the others."""
    for criterion_id in overview.order:
        limbs = workbench.screener.limb_outcomes(workbench.protocol, overview.screening.scenario, criterion_id)
        if not 2 <= len(limbs) <= 3 or overview.loss(criterion_id) is None:
            continue
        for label, outcome in limbs.items():
            others = np.minimum.reduce([other for name, other in limbs.items() if name != label]) == TRUE
            decided = others & (outcome != 1)
            fails, of = int((decided & (outcome == FALSE)).sum()), int(decided.sum())
            fails_anyway = int((outcome == FALSE).sum())
            if of >= FEWEST and fails_anyway >= FEWEST and fails / of <= HARDLY_BITES:
                yield Finding(
                    f"The {label} part of {criterion_id} hardly bites",
                    f"Of {of:,} patients who pass the rest of {_name(overview, criterion_id)} and have a {label} result, {fails:,} "
                    f"({_percent(fails, of)}) fail {label}; {fails_anyway:,} fail it over all, nearly all of them with the rest.",
                    (criterion_id,),
                )


def _pulling(overview: Overview) -> Iterator[Finding]:
    """The pair of criteria where passing the one makes failing the other most likely beyond chance."""
    strongest: tuple[float, Finding] | None = None
    outcomes = overview.screening.outcomes
    for first, second in combinations(overview.order, 2):
        for passing, failing in ((first, second), (second, first)):
            one, other = outcomes[passing], outcomes[failing]
            sizes = [int(((one == side) & (other != 1)).sum()) for side in (TRUE, FALSE)]
            if min(sizes) < FEWEST:
                continue
            fails = [int(((one == side) & (other == FALSE)).sum()) for side in (TRUE, FALSE)]
            with_pass, with_fail = fails[0] / sizes[0], fails[1] / sizes[1]
            pooled = sum(fails) / sum(sizes)
            error = (pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1])) ** 0.5
            difference = with_pass - with_fail
            if difference >= PULLS and difference >= STANDARD_ERRORS * error and (strongest is None or difference > strongest[0]):
                text = (
                    f"Of the patients who pass {_name(overview, passing)}, {_percent(fails[0], sizes[0])} of {sizes[0]:,} fail {_name(overview, failing)}; "
                    f"of those who fail it, {_percent(fails[1], sizes[1])} of {sizes[1]:,}. The patients the one asks for are those the other turns away."
                )
                strongest = difference, Finding(f"{passing} and {failing} pull against each other", text, (passing, failing))
    if strongest is not None:
        yield strongest[1]


def _gaps(overview: Overview) -> Iterator[Finding]:
    """The criterion for which alone most patients are undetermined."""
    worst = max(overview.losses, key=lambda loss: loss.only_unknown, default=None)
    if worst is not None and worst.only_unknown and overview.tally.undetermined:
        yield Finding(
            f"Missing data on {worst.id} hold back the most",
            f"{worst.only_unknown:,} of the {overview.tally.undetermined:,} undetermined patients pass everything else and are unknown only on "
            f"{_name(overview, worst.id)}. Filling that gap settles them without changing the protocol.",
            (worst.id,),
        )


def _treatable(overview: Overview) -> Iterator[Finding]:
    """Patients lost only to what can be treated and screened again."""
    protocol, patterns = overview.screening.protocol, overview.patterns
    treatable = [each for each in overview.order if protocol[each].modifiable]
    failed = patterns.failed & patterns.mask(overview.order)
    only = (failed != 0) & ((failed & ~patterns.mask(treatable)) == 0)
    lost = int(patterns.patients[only].sum())
    if lost:
        yield Finding(
            "Treat and screen again",
            f"{lost:,} of the {overview.tally.ineligible:,} ineligible patients fail nothing but what can be treated: "
            f"{', '.join(_name(overview, each) for each in treatable)}.",
            tuple(treatable),
        )
