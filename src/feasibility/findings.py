"""What this cohort shows of the protocol's structure: limbs that hardly bite, clauses that pull against each other, readings that matter.

Found in the data, for any protocol; what is to be said of the text itself stands as remarks in the protocol file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from feasibility.logic import FALSE, TRUE, UNKNOWN
from feasibility.protocol import Protocol, Role
from feasibility.results.overview import Overview, Workbench, eligible_by_reading
from feasibility.results.proportion import Proportion
from feasibility.rules.nodes import follows
from feasibility.scenario import Scenario, reading_id
from feasibility.screening.onwards import outcome_onwards
from feasibility.wording import count, listed, percent

HARDLY_BITES = 0.10  # at most this share of those who pass the other limbs fails the limb, and of those who fail the clause does so by the limb alone
PULLS = 0.05  # difference in failing the one criterion between those who pass and those who fail the other
STANDARD_ERRORS = 3.0  # by how many a difference must exceed chance before it is worth a word
FEWEST = 30  # patients on either side of a comparison
TIMES_AS_OFTEN = 3  # how much oftener a limb is failed together with the rest of its clause than alone
MOST_LIMBS = 3  # of longer clauses each limb is rare by itself
MOST_OF_A_KIND = 2


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


def _name(overview: Overview, criterion_id: str) -> str:
    return f"{criterion_id} {overview.screening.protocol[criterion_id].label}"


def _share(number: int, of: int) -> str:
    """``15.6 % of 320``."""
    return f"{percent(Proportion(number, of).value)} of {count(of)}"


def _readings(workbench: Workbench, overview: Overview) -> Iterator[Finding]:
    """The one clause whose other reading makes most patients eligible."""
    scenario, protocol = overview.screening.scenario, workbench.protocol
    tallies = {
        (criterion_id, reading): tallied
        for criterion_id in overview.order
        for reading, tallied in eligible_by_reading(workbench, scenario, criterion_id).items()
    }
    best = max(tallies, key=lambda read: tallies[read].eligible, default=None)
    if best is not None and tallies[best].eligible > overview.tally.eligible:
        criterion_id, reading = best
        chosen = protocol[criterion_id].reading(reading_id(protocol, scenario, criterion_id) or "").label
        other = protocol[criterion_id].reading(reading).label
        yield Finding(
            f"Another reading of {criterion_id} gains most",
            f"{_name(overview, criterion_id)} read as “{other}” instead of “{chosen}” makes {count(tallies[best].eligible)} eligible instead of "
            f"{count(overview.tally.eligible)}, of {count(overview.tally.patients)} patients.",
            (criterion_id,),
        )


def _inert_limbs(workbench: Workbench, overview: Overview) -> Iterator[Finding]:
    """Limbs that hardly anybody fails who passes the others, though those who fail the others often do."""
    found: dict[str, tuple[float, int, Finding]] = {}
    for criterion_id in overview.order:
        limbs = workbench.screener.limb_outcomes(workbench.protocol, overview.screening.scenario, criterion_id, outcome_onwards)
        implied = _implied(workbench.protocol, overview.screening.scenario, criterion_id)
        if not 2 <= len(limbs) <= MOST_LIMBS:
            continue
        for label, outcome in ((label, outcome) for label, outcome in limbs.items() if label not in implied):
            others = np.minimum.reduce([other for name, other in limbs.items() if name != label])
            passing, failing = ((others == side) & (outcome != UNKNOWN) for side in (TRUE, FALSE))
            fails = outcome == FALSE
            fails_alone, of, fails_too, of_failing = (int(each.sum()) for each in (fails & passing, passing, fails & failing, failing))
            # Who fails it while the rest is unknown fails the clause by it alone.
            decided_by_it, of_clause = int((fails & (others != FALSE)).sum()), int((fails | (others == FALSE)).sum())
            if decided_by_it > HARDLY_BITES * of_clause:
                continue
            if min(of, of_failing) < FEWEST or fails_alone > HARDLY_BITES * of or fails_too * of < TIMES_AS_OFTEN * fails_alone * of_failing:
                continue
            text = (
                f"Of the patients who pass the rest of {_name(overview, criterion_id)}, {_share(fails_alone, of)} fail {label}; "
                f"of those who fail the rest, {_share(fails_too, of_failing)}. The rest of the clause decides."
            )
            finding = Finding(f"The {label} part of {criterion_id} hardly bites", text, (criterion_id,))
            if criterion_id not in found or fails_alone / of < found[criterion_id][0]:
                found[criterion_id] = fails_alone / of, fails_too, finding
    for _, _, finding in sorted(found.values(), key=lambda each: -each[1])[:MOST_OF_A_KIND]:
        yield finding


def _implied(protocol: Protocol, scenario: Scenario, criterion_id: str) -> set[str]:
    """The limbs, by label, that whoever passes another one passes, whatever the patients are: of an exclusion who has no event has none of a kind either."""
    criterion = protocol[criterion_id]
    limbs = [each for each in criterion.reading(reading_id(protocol, scenario, criterion_id) or "").limbs if each.unless is None]
    pairs = [(wider, narrower) for wider in limbs for narrower in limbs if follows(wider.rule, narrower.rule)]
    return {(wider if criterion.role is Role.INCLUSION else narrower).label for wider, narrower in pairs}


def _pulling(overview: Overview) -> Iterator[Finding]:
    """The pair of criteria where passing the one makes failing the other most likely beyond chance."""
    strongest: tuple[float, Finding] | None = None
    outcomes = overview.screening.outcomes
    for passing, failing in combinations(overview.order, 2):
        one, other = outcomes[passing], outcomes[failing]
        sizes = [int(((one == side) & (other != UNKNOWN)).sum()) for side in (TRUE, FALSE)]
        if min(sizes) < FEWEST:
            continue
        fails = [int(((one == side) & (other == FALSE)).sum()) for side in (TRUE, FALSE)]
        pooled = sum(fails) / sum(sizes)
        error = (pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1])) ** 0.5
        difference = fails[0] / sizes[0] - fails[1] / sizes[1]
        if difference >= max(PULLS, STANDARD_ERRORS * error) and (strongest is None or difference > strongest[0]):
            text = (
                f"Of the patients who pass {_name(overview, passing)}, {_share(fails[0], sizes[0])} fail {_name(overview, failing)}; "
                f"of those who fail the one, {_share(fails[1], sizes[1])} fail the other."
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
            f"{count(worst.only_unknown)} of the {count(overview.tally.undetermined)} undetermined patients pass everything else and are unknown only on "
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
            f"{count(lost)} of the {count(overview.tally.ineligible)} ineligible patients fail nothing but what can be treated: "
            f"{listed(_name(overview, each) for each in treatable)}.",
            tuple(treatable),
        )
