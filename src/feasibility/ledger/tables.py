"""Count tables as plain data: what every number of the ledger becomes at each value of one handle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from feasibility import wording
from feasibility.ledger.detail import why_unknown
from feasibility.ledger.rows import Plain, rate_values
from feasibility.results.accounting import Comparison, Tally
from feasibility.results.count_tables import Counts, CountTable, count_table, rate_table
from feasibility.results.disclosure import Rounding
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import with_value
from feasibility.screening.reasons import missing_reasons_along

LinesOf = Mapping[str, Sequence[str]]
"""By criterion, the limbs that have a line of their own."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Makes the tables of one scenario; ``overview`` is what is shown of it."""

    workbench: Workbench
    overview: Overview
    rounding: Rounding
    eligible: int  # exactly, however many are shown

    def of_parameter(self, name: str, values: Sequence[float], lines: LinesOf, opened: str) -> Plain:
        """The table of a parameter at the values its handle stops at; with the facts of the criterion that is open."""
        exact = count_table(self.workbench, self.overview.screening.scenario, name, values)
        exactly = [exact.tally(place) for place in range(len(values))]
        tallies = [self.rounding.tally(each) for each in exactly]
        expected = [self.rounding.expected(each, tally.eligible) for each, tally in zip(exact.expected.tolist(), exactly, strict=True)]
        comparisons = [self.rounding.comparison(exact.comparison(place)) for place in range(len(values))]
        table = self.rounding.table(exact)
        moving = [place for place in range(len(table.order)) if np.ptp(table.fails[:, place]) or np.ptp(table.unknown[:, place])]
        ineligible = [tally.ineligible for tally in tallies]
        return {
            "order": list(table.order),
            "eligible": table.eligible.ravel().tolist(),
            "undetermined": table.undetermined.ravel().tolist(),
            "lost": table.lost.ravel().tolist(),
            "gain": table.gain.ravel().tolist(),
            "share": [wording.share_of(min(share, of), of) for shares, of in zip(table.share.tolist(), ineligible, strict=True) for share in shares],
            "fails": {table.order[place]: table.fails[:, place].tolist() for place in moving},
            "unknown": {table.order[place]: table.unknown[:, place].tolist() for place in moving},
            "lines": {each: [_line(counts.limbs.get(limb)) for limb in lines[each]] for each, counts in table.moved.items() if lines.get(each)},
            "saved": {each: [wording.saves(int(n)) for n in counts.saved] for each, counts in table.moved.items() if counts.saved is not None},
            "facts": {} if opened not in table.order else {opened: self._facts(name, table, opened)},
            "headline": [self._headline(*each) for each in zip(tallies, comparisons, expected, strict=True)],
            "tally": {"eligible": [tally.eligible for tally in tallies], "undetermined": [tally.undetermined for tally in tallies]},
        }

    def of_rate(self, criterion_id: str) -> Plain:
        """The table of an assumed pass rate: only the number expected to enrol moves."""
        overview, tally = self.overview, self.overview.tally
        protocol, scenario = overview.screening.protocol, overview.screening.scenario
        values, _, written = rate_values(scenario, protocol[criterion_id])
        rates = [None if isinstance(each, str) else each for each in values]
        expected = [self.rounding.expected(each, self.eligible) for each in rate_table(self.workbench, scenario, criterion_id, rates).tolist()]
        given = [bool(protocol[criterion_id].assumed) if place == written else True for place in range(len(values))]
        return {
            "order": [],
            **{name: [] for name in ("eligible", "undetermined", "lost", "gain", "share")},
            **{name: {} for name in ("fails", "unknown", "lines", "saved", "facts")},
            "headline": [
                self._headline(tally, overview.comparison, each, {criterion_id: known})
                for each, known in zip(expected, given, strict=True)
            ],
            "tally": {"eligible": [tally.eligible] * len(values), "undetermined": [tally.undetermined] * len(values)},
        }

    def _headline(self, tally: Tally, comparison: Comparison, expected: float, given: Mapping[str, bool] | None = None) -> list[Plain]:
        assumed = tuple(replace(each, given=(given or {}).get(each.id, each.given)) for each in self.overview.assumed)
        at_this_value = replace(self.overview, tally=tally, comparison=comparison, expected=expected, assumed=assumed)
        return [{"value": each.value, "detail": each.detail} for each in wording.headlines(at_this_value, self.rounding.unit)]

    def _facts(self, name: str, table: CountTable, criterion_id: str) -> list[list[tuple[str, str]]]:
        """The facts of a criterion at each value, those on what is missing among them."""
        screening, screener = self.overview.screening, self.workbench.screener.aside()
        protocol, scenario = screening.protocol, screening.scenario
        place = table.order.index(criterion_id)
        if criterion_id in table.moved:
            scenarios = {stop: with_value(protocol, scenario, name, stop) for stop in table.stops}
            found = missing_reasons_along(screener, screening, criterion_id, name, scenarios)
            why = [wording.reasons(each, screener.catalogue, self.rounding.count) for each in found]
        else:
            why = [why_unknown(screener, protocol, scenario, criterion_id, self.rounding)] * len(table.stops)
        counts = zip(*(each[:, place].tolist() for each in (table.fails, table.unknown, table.gain, table.gain_possible)), why, strict=True)
        return [[*wording.facts(table.patients, *each), *reasons] for *each, reasons in counts]


def _line(counts: tuple[Counts, Counts] | None) -> Plain | None:
    return None if counts is None else {"fails": counts[0].tolist(), "unknown": counts[1].tolist()}
