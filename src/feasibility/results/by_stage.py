"""What each stage of screening finds: for every patient the stages after which it is known that a criterion is failed.

A patient is stopped at the stage after which what is known makes some criterion FAIL; limbs of later stages are UNKNOWN until then, and who is UNKNOWN
goes on. Assumed pass rates stand at the stage the protocol names, else at the last stage of the criterion's limbs, and count as independent of
everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Floats
from feasibility.patterns import Masks, Patterns
from feasibility.protocol import Criterion, Limb, Protocol, coming_before
from feasibility.results.overview import assumed_of
from feasibility.scenario import Scenario, reading_id
from feasibility.screening.asked import necessary
from feasibility.screening.onwards import outcome_onwards
from feasibility.screening.screen import FAIL, Screener, Screening

INELIGIBLE, UNDETERMINED, ELIGIBLE = 0, 1, 2
END_BITS = 2
MOST_GROUNDS = 60  # bits there are for them
DENSE = 1 << 22  # keys below are counted in one array

Counts = NDArray[np.int64]
Groups = NDArray[np.int64] | int


@dataclass(frozen=True, eq=False)
class ByStage:
    """What each stage finds, of all ``patients``.

    ``stages``: those at which the scenario asks for something, whether or not the cohort's columns show it, in the protocol's order, with their costs;
    ``after``: for each, the mask of those that must come before, by way of others too. A ground for stopping somebody is a set of stages, its mask in
    ``grounds``: once they are done a criterion is known to be failed. A limb that must be passed is a ground with its stage alone; limbs that are
    alternatives fail together, once the last of their stages is done.

    ``found``: sets of grounds that patients have (bit j for the j-th ground), with ``counts`` by row and by group of patients with the same assumed
    pass rates. ``rates``: by group and stage; ``rates_at_end``: by group, of what stands at no stage. ``eligible``, ``undetermined``: by group.
    """

    patients: int
    stages: tuple[str, ...]
    costs: Floats
    after: tuple[int, ...]
    grounds: tuple[int, ...]
    found: Masks
    counts: Counts
    rates: Floats
    rates_at_end: Floats
    eligible: Counts
    undetermined: Counts

    @property
    def unseen(self) -> tuple[str, ...]:
        """The stages at which nobody can be stopped: the cohort's columns show nothing of what is asked there, and no pass rate is assumed. They only cost."""
        seen = 0
        for ground in self.grounds:
            seen |= ground
        lowest = self.rates.min(axis=0, initial=1.0)
        return tuple(stage for place, stage in enumerate(self.stages) if not seen >> place & 1 and lowest[place] == 1)

    def at_costs(self, costs: Mapping[str, float]) -> ByStage:
        """The same at other costs of some stages."""
        return replace(self, costs=np.array([costs.get(each, cost) for each, cost in zip(self.stages, self.costs.tolist(), strict=True)]))


def by_stage(screener: Screener, screening: Screening, patterns: Patterns, order: Sequence[str]) -> ByStage:
    """What each stage finds under a scenario. ``order``: the criteria that count, in any order.

    A limb without a stage is looked at after all stages, at no cost. A limb that the cohort's columns cannot show stops nobody; its stage is paid for.
    """
    protocol, scenario = screening.protocol, screening.scenario
    ids = [stage.id for stage in protocol.stages]
    limbs = {each.id: _limbs(screener, protocol, scenario, each) for each in protocol.criteria if each.id not in scenario.off}
    stage_of_rate = {each: _stage_of_rate(protocol[each], limbs[each], ids) for each in assumed_of(screening)}
    used = {limb.stage for each in limbs.values() for limb in each} | set(stage_of_rate.values())
    stages = tuple(each for each in ids if each in used)
    place = {each: number for number, each in enumerate(stages)}

    grounds, grounds_of = _grounds(screener, screening, patterns, order, limbs, place)
    group, group_rates = _groups(screener, screening, tuple(stage_of_rate))
    groups = len(next(iter(group_rates.values()), (1.0,)))
    keys, of_key = _counted(grounds_of * groups + group)
    sets, ends, group_of_key = keys // groups >> END_BITS, keys // groups & (1 << END_BITS) - 1, keys % groups
    found, row = np.unique(sets, return_inverse=True)
    counts, by_end = np.zeros((len(found), groups), np.int64), np.zeros((ELIGIBLE + 1, groups), np.int64)
    np.add.at(counts, (row, group_of_key), of_key)
    np.add.at(by_end, (ends, group_of_key), of_key)

    rates, rates_at_end = np.ones((groups, len(stages))), np.ones(groups)
    for criterion_id, rate in group_rates.items():
        stage = stage_of_rate[criterion_id]
        if stage is None:
            rates_at_end *= rate
        else:
            rates[:, place[stage]] *= rate
    costs = {stage.id: stage.cost for stage in protocol.stages}
    return ByStage(
        patterns.total,
        stages,
        np.array([costs[each] for each in stages]),
        tuple(sum(1 << place[before] for before in coming_before(protocol.stages, each) if before in place) for each in stages),
        grounds,
        found,
        counts,
        rates,
        rates_at_end,
        by_end[ELIGIBLE],
        by_end[UNDETERMINED],
    )


def _limbs(screener: Screener, protocol: Protocol, scenario: Scenario, criterion: Criterion) -> tuple[Limb, ...]:
    """The limbs of the reading in use that decide something, shown by the cohort's columns or not."""
    reading = reading_id(protocol, scenario, criterion.id)
    if reading is None:
        return ()
    assessment = screener.asked(protocol, scenario, criterion.id).assessment
    labels = {*assessment.assessed, *assessment.not_assessed}
    return tuple(limb for limb in criterion.reading(reading).limbs if limb.label in labels)


def _stage_of_rate(criterion: Criterion, limbs: Sequence[Limb], stages: Sequence[str]) -> str | None:
    stated = [assumed.stage for assumed in criterion.assumed if assumed.stage is not None]
    of_limbs = [limb.stage for limb in limbs if limb.stage is not None]
    return stated[0] if stated else max(of_limbs, key=stages.index, default=None)


def _grounds(
    screener: Screener,
    screening: Screening,
    patterns: Patterns,
    order: Sequence[str],
    limbs: Mapping[str, Sequence[Limb]],
    place: Mapping[str, int],
) -> tuple[tuple[int, ...], Counts]:
    """The grounds there are, and for each patient how it ends and, above ``END_BITS``, the grounds there are for stopping."""
    mask = patterns.mask(order)
    failed, unknown = patterns.failed & mask != 0, patterns.unknown & mask != 0
    of_patterns = np.where(failed, INELIGIBLE, np.where(unknown, UNDETERMINED, ELIGIBLE)).astype(np.int64)
    bits: dict[int, np.int64] = {}

    def bit(stages: int) -> np.int64:
        return bits.setdefault(stages, np.int64(1 << END_BITS + len(bits)))

    by_limb: list[str] = []
    for criterion_id in order:
        if screener.asked(screening.protocol, screening.scenario, criterion_id).open:  # nobody fails alternatives of which the file shows only some
            continue
        assessed = screening.assessments[criterion_id].assessed
        stages = {limb.stage for limb in limbs[criterion_id] if limb.label in assessed}
        if len(stages) > 1 and _each_is_necessary(screening, criterion_id):
            by_limb.append(criterion_id)
        elif None not in stages:
            ground = bit(sum(1 << place[each] for each in stages if each is not None))
            of_patterns[patterns.failed & patterns.bit(criterion_id) != 0] |= ground
    of_patients = of_patterns[patterns.pattern_of]
    for criterion_id in by_limb:
        for stage, failing in _failing(screener, screening, criterion_id, limbs[criterion_id]):
            of_patients[failing] |= bit(1 << place[stage])
    assert len(bits) <= MOST_GROUNDS, "a bit for each"
    return tuple(bits), of_patients


def _each_is_necessary(screening: Screening, criterion_id: str) -> bool:
    criterion, reading = screening.protocol[criterion_id], reading_id(screening.protocol, screening.scenario, criterion_id)
    assert reading is not None, "what counts has a reading"
    return necessary(criterion.role, criterion.reading(reading).join)


def _failing(screener: Screener, screening: Screening, criterion_id: str, limbs: Sequence[Limb]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """The patients, by row, who fail the limbs of a criterion, with the limbs' stages."""
    stages = {limb.label: limb.stage for limb in limbs}
    asked = screener.asked(screening.protocol, screening.scenario, criterion_id)
    for limb in asked.limbs:
        if (stage := stages[limb.label]) is not None:
            yield stage, np.flatnonzero(outcome_onwards(screener, replace(asked, limbs=(limb,))) == FAIL)


def _groups(screener: Screener, screening: Screening, criteria: Sequence[str]) -> tuple[Groups, Mapping[str, Floats]]:
    """Patients by their assumed pass rates: each one's group (0 for all if there is one), and for each criterion the rate by group; groups may be empty."""
    found = {each: screener.pass_rates(screening.protocol, screening.scenario, each) for each in criteria}
    sizes = [len(each.rates) for each in found.values()]
    group: Groups = 0
    for each in found.values():
        if len(each.rates) > 1:
            group = group * len(each.rates) + each.of_patient.astype(np.int64)
    places = np.unravel_index(np.arange(int(np.prod(sizes))), sizes) if sizes else ()
    return group, {criterion_id: each.rates[place] for (criterion_id, each), place in zip(found.items(), places, strict=True)}


def _counted(keys: Counts) -> tuple[Counts, Counts]:
    """The distinct keys, rising, and how many there are of each."""
    if keys.max(initial=0) >= DENSE:
        return np.unique(keys, return_counts=True)
    counts = np.bincount(keys)
    distinct = np.flatnonzero(counts)
    return distinct, counts[distinct]
