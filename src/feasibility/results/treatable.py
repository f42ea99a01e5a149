"""Treat and rescreen: the ineligible who fail nothing but what can be treated, apart from those who fail something else. From the failure patterns alone.

Only the criteria that count take part. What can be treated is said in the protocol file, criterion by criterion (``modifiable``). Whether a treatment
succeeds is not in the data: the counts are of those who would be eligible, or undetermined, if it always did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feasibility.patterns import Patterns
from feasibility.protocol import Protocol
from feasibility.results.accounting import in_order


@dataclass(frozen=True)
class TreatableSet:
    """The patients who fail exactly these criteria, all of which can be treated.

    If they came to pass them, ``eligible`` would be eligible and ``undetermined`` would still be UNKNOWN on some other criterion.
    """

    criteria: tuple[str, ...]
    patients: int
    eligible: int
    undetermined: int


@dataclass(frozen=True)
class Treatable:
    """Of ``patients`` those ``ineligible``: each is in one of the ``sets``, largest first, or ``for_good``, failing at least one that cannot be treated.

    ``modifiable``: the criteria that count and can be treated, failed by anybody or not. ``eligible`` and ``undetermined`` as of one set, of all of them.
    """

    patients: int
    ineligible: int
    modifiable: tuple[str, ...]
    for_good: int
    eligible: int
    undetermined: int
    sets: tuple[TreatableSet, ...]

    @property
    def treatable(self) -> int:
        """How many fail nothing but what can be treated."""
        return self.eligible + self.undetermined


def treatable(patterns: Patterns, order: Sequence[str], protocol: Protocol) -> Treatable:
    """Who of the ineligible could be treated and screened again, by the set of criteria failed; of sets as large that of fewer criteria first."""
    used = patterns.patients > 0
    places = {patterns.criteria.index(each): place for place, each in enumerate(order)}
    failed, unknown = (in_order(masks[used], places) for masks in (patterns.failed, patterns.unknown))
    patients = patterns.patients[used]
    modifiable = [place for place, each in enumerate(order) if protocol[each].modifiable]
    for_good = failed & ~np.int64(sum(1 << place for place in modifiable)) != 0
    only = (failed != 0) & ~for_good
    kinds, kind = np.unique(failed[only], return_inverse=True)
    clear = unknown[only] == 0
    eligible, open_ = (np.bincount(kind[who], patients[only][who], len(kinds)).astype(np.int64) for who in (clear, ~clear))
    sets = [
        TreatableSet(tuple(order[place] for place in modifiable if int(mask) >> place & 1), passing + undecided, passing, undecided)
        for mask, passing, undecided in zip(kinds, eligible.tolist(), open_.tolist(), strict=True)
    ]
    sets.sort(key=lambda each: (-each.patients, len(each.criteria), [order.index(criterion) for criterion in each.criteria]))
    ineligible, lost = int(patients[failed != 0].sum()), int(patients[for_good].sum())
    named = tuple(order[place] for place in modifiable)
    return Treatable(patterns.total, ineligible, named, lost, int(eligible.sum()), int(open_.sum()), tuple(sets))
