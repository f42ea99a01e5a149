"""Site by site: who has no value, and whose values are not like the others'."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools, Floats
from feasibility.quality.gaps import held, holdings
from feasibility.rules.nodes import Pick, Statistic
from feasibility.screening.evaluate import Evaluator
from feasibility.units import convert
from feasibility.variables import Kind, Variable

FEWEST = 10  # values at a site, for its median to be held against others'
LOW, HIGH = 0.1, 0.9
Middle = tuple[int, Floats]


@dataclass(frozen=True, eq=False)
class OfSite:
    """One variable at one site: of the patients it is asked of those without any value, and the median of the others' latest values.

    ``set_aside`` of those without had a cell that was set aside. ``apart``: the median lies outside the middle 80 % (10th to 90th percentile) of the
    latest values at more than half of the other sites, sites with fewer than ``FEWEST`` values left out; ``fits`` is then the unit in which it would
    not, where the catalogue says that values tell units apart. ``median`` is None where there is no number.
    """

    of: int
    without: int
    set_aside: int
    values: int = 0
    median: float | None = None
    apart: bool = False
    fits: str = ""


def by_site(evaluator: Evaluator, variables: tuple[str, ...]) -> dict[str, tuple[OfSite, ...]]:
    """By variable what each site has of it, in the order of the sites' names; nothing where patients are not told apart by site."""
    cohort, catalogue = evaluator.cohort, evaluator.catalogue
    if cohort.sites is None:
        return {}
    codes = cohort.sites.codes.astype(np.int16)  # sorted soonest
    order = np.argsort(codes, kind="stable")
    starts = np.cumsum(np.bincount(codes + 1, minlength=len(cohort.sites.names) + 1))
    return {name: _of_sites(evaluator, name, order, starts) for name in variables if name in held(cohort, catalogue)}


def _of_sites(evaluator: Evaluator, name: str, order: NDArray[np.intp], starts: NDArray[np.intp]) -> tuple[OfSite, ...]:
    cohort, catalogue = evaluator.cohort, evaluator.catalogue
    assert cohort.sites is not None
    codes = cohort.sites.codes
    has = holdings(cohort.records[catalogue[name].of], catalogue[name])
    sites = len(cohort.sites.names)
    of, something = _counts(has.asked, has.something, codes, sites)
    without = of - something
    aside = np.zeros(sites, np.int64)
    if (marked := cohort.set_aside.get(name)) is not None:
        lost = marked[has.asked[marked] & ~has.something[marked]]
        at = codes[lost]
        aside = np.bincount(at[at >= 0], minlength=sites)
    middles: list[Middle] = [(0, np.zeros(3))] * sites
    if catalogue[name].kind is Kind.NUMBER:
        latest = evaluator.quantity(Pick(Statistic.LATEST, name), {})
        known = (latest.lo if latest.exact else np.where(latest.lo == latest.hi, latest.lo, np.nan))[order]
        middles = [_middle(known[start:end]) for start, end in pairwise(starts)]
    return tuple(_of_site(site, middles, catalogue[name], int(of[site]), int(without[site]), int(aside[site])) for site in range(sites))


def _of_site(site: int, middles: list[Middle], variable: Variable, of: int, without: int, aside: int) -> OfSite:
    values, (_, median, _) = middles[site]
    if not values:
        return OfSite(of, without, aside)
    apart = values >= FEWEST and _outside(float(median), site, middles)
    fits = next((unit for unit in variable.sniff if apart and not _outside(_if_in(unit, float(median), variable), site, middles)), "")
    return OfSite(of, without, aside, values, float(median), apart, fits)


def _outside(value: float, site: int, middles: list[Middle]) -> bool:
    """Whether a value lies outside the middle 80 % at more than half of the other sites that have values enough."""
    others = [middle for other, (values, middle) in enumerate(middles) if other != site and values >= FEWEST]
    return sum(not low <= value <= high for low, _, high in others) * 2 > len(others)


def _if_in(unit: str, value: float, variable: Variable) -> float:
    """What a value would be, had it been written in another unit."""
    return float(convert(np.array([value]), variable.conversion(unit))[0])


def _counts(asked: Bools, something: Bools, codes: NDArray[np.int32], sites: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By site how many are asked, and of how many something is known."""
    key = 4 * (codes + np.int32(1)) + 2 * asked.view(np.int8) + something.view(np.int8)
    counts = np.bincount(key, minlength=4 * (sites + 1)).reshape(-1, 4)[1:]
    return counts[:, 2] + counts[:, 3], counts[:, 1] + counts[:, 3]


def _middle(values: Floats) -> Middle:
    """How many values there are, and their 10th percentile, median and 90th percentile."""
    known = values[~np.isnan(values)]
    if not known.size:
        return 0, np.zeros(3)
    last = known.size - 1
    places = [round(LOW * last), last // 2, (last + 1) // 2, round(HIGH * last)]
    low, below, above, high = np.partition(known, places)[places]
    return known.size, np.array([low, (below + above) / 2, high])
