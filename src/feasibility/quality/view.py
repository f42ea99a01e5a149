"""What the data of one cohort are like: each question answered once, when it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from feasibility.cohort import Cohort, Records
from feasibility.logic import UNKNOWN
from feasibility.protocol import Protocol
from feasibility.quality import checks, rows, sites, spread, thresholds
from feasibility.quality.gaps import Gaps, absent, gaps, held
from feasibility.scenario import Scenario
from feasibility.screening.screen import Screener, Screening
from feasibility.variables import Catalogue, Kind, builtin_catalogue


@dataclass(frozen=True)
class Costing:
    """What a variable lacks, the criteria that ask for it, and how many patients that leaves open: who are unknown on one of them and lack it."""

    gaps: Gaps
    criteria: tuple[str, ...]
    leaves_open: int


def _cost(each: Costing) -> tuple[bool, bool, int, int]:
    return not each.criteria, not each.gaps.in_file, -each.leaves_open, -each.gaps.without


@dataclass(eq=False)
class Quality:
    """The answers for one cohort under one protocol; they live and go with the session that holds them."""

    screener: Screener
    protocol: Protocol
    catalogue: Catalogue = field(default_factory=builtin_catalogue)
    _spreads: dict[str, spread.Distribution | spread.Named | None] = field(default_factory=dict)
    _by_site: dict[str, tuple[sites.OfSite, ...]] = field(default_factory=dict)
    _uses: tuple[Scenario, dict[str, tuple[str, ...]]] | None = None

    @property
    def cohort(self) -> Cohort:
        return self.screener.cohort

    @cached_property
    def held(self) -> dict[str, Records]:
        return held(self.cohort, self.catalogue)

    @cached_property
    def gaps(self) -> tuple[Gaps, ...]:
        return gaps(self.cohort, self.catalogue)

    @cached_property
    def files(self) -> tuple[rows.FileRows, ...]:
        return rows.files(self.cohort.report)

    @cached_property
    def repeats(self) -> tuple[rows.Repeats, ...]:
        return rows.repeats(self.cohort.report)

    @cached_property
    def checks(self) -> tuple[checks.Checked, ...]:
        """Every check: what is so of most patients first, then what is so of nobody, then what cannot be told."""
        found = checks.run(self.screener.evaluator, checks.builtin_checks())
        return tuple(sorted(found, key=lambda each: (-each.patients, each.checked == 0)))

    def by_site(self, variables: tuple[str, ...]) -> dict[str, tuple[sites.OfSite, ...]]:
        """Of these variables what each site has."""
        new = tuple(name for name in variables if name not in self._by_site)
        self._by_site |= sites.by_site(self.screener.evaluator, new)
        return self._by_site

    def used_by(self, scenario: Scenario) -> dict[str, tuple[str, ...]]:
        """By variable the criteria that ask for it."""
        if self._uses is None or self._uses[0] != scenario:
            self._uses = scenario, thresholds.used_by(self.screener, self.protocol, scenario)
        return self._uses[1]

    def thresholds(self, scenario: Scenario, variable: str) -> tuple[thresholds.Threshold, ...]:
        return thresholds.thresholds(self.screener, self.protocol, scenario, variable)

    def costliest(self, screening: Screening, used_only: bool) -> tuple[Costing, ...]:
        """What costs most first: the variables the protocol asks for, by how many patients their gaps leave open; those without a column; the rest."""
        uses = self.used_by(screening.scenario)
        lacking = tuple(absent(self.cohort, name) for name in uses if name not in self.held and self._asked(name))
        shown = (Costing(each, uses.get(each.variable, ()), self._leaves_open(each, uses, screening)) for each in (*self.gaps, *lacking))
        return tuple(sorted((each for each in shown if each.criteria or not used_only), key=_cost))

    def _asked(self, name: str) -> bool:
        """Whether a file could have a column for it: an exact age follows from the birth date, and some values are taken where there is none."""
        return name != "age_exact" and self.catalogue[name].if_column_absent is None

    def _leaves_open(self, gap: Gaps, uses: dict[str, tuple[str, ...]], screening: Screening) -> int:
        asked = [screening.outcomes[each] for each in uses.get(gap.variable, ()) if each in screening.outcomes]
        if gap.open is None or not asked:
            return 0
        unknown = np.logical_or.reduce([outcome == UNKNOWN for outcome in asked])
        return int(np.count_nonzero(gap.open & unknown))

    def spread(self, variable: str) -> spread.Distribution | spread.Named | None:
        """How a variable's values are distributed; None where it has none."""
        if variable not in self._spreads:
            entry, records = self.catalogue[variable], self.held[variable]
            draw = spread.distribution if entry.kind is Kind.NUMBER else spread.named
            self._spreads[variable] = draw(records, entry, self.cohort.sites)
        return self._spreads[variable]
