"""The rows of the ledger as plain data: what the browser draws of each criterion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from feasibility import wording
from feasibility.ledger.scales import Handle, Line, Scale, lines, places
from feasibility.logic import FALSE, UNKNOWN
from feasibility.parameters import Value
from feasibility.protocol import Assumed, Criterion, Reading, Role
from feasibility.results.disclosure import Rounding
from feasibility.results.distributions import Axis, PassingTheRest, spread
from feasibility.results.overview import AssumedRate, Overview, Workbench
from feasibility.scenario import Order, Scenario, reading_id, value_of
from feasibility.screening.onwards import outcome_onwards

Plain = dict[str, Any]
KeyOf = Callable[[str, tuple[float, ...]], str]
RATES = tuple(place / 100 for place in range(101))
NOT_NAMED: Mapping[str, str] = {}
AS_WRITTEN_RATE = "as written"
LIFTED = {math.inf: "inf", -math.inf: "-inf"}


def rows_shown(overview: Overview) -> tuple[str, ...]:
    """The criteria assessed, in the order of the funnel; those switched off keep their place where the order is one of places."""
    assessed = overview.screening.assessed
    order = overview.screening.scenario.order
    if order == Order.PROTOCOL:
        return assessed
    if isinstance(order, Order):
        return (*overview.order, *(each for each in assessed if each not in overview.order))
    return tuple(each for each in order if each in assessed)


class Rows:
    """Draws rows for one view: one scenario, with what all rows share."""

    def __init__(
        self,
        workbench: Workbench,
        overview: Overview,
        rest: PassingTheRest,
        key_of: KeyOf,
        changed: frozenset[str],
        rounding: Rounding,
        eligible: int,
    ) -> None:
        self.workbench, self.overview, self.rest = workbench, overview, rest
        self.key_of, self.changed, self.rounding, self.eligible = key_of, changed, rounding, eligible
        self.protocol, self.scenario = overview.screening.protocol, overview.screening.scenario
        self.losses = {loss.id: loss for loss in overview.losses}
        self.steps = {step.id: step for step in overview.steps}

    def row(self, criterion_id: str, heading: str) -> Plain:
        criterion, loss, step = self.protocol[criterion_id], self.losses.get(criterion_id), self.steps.get(criterion_id)
        drawn = lines(self.protocol, self.scenario, criterion)
        numbers = any(line.scales for line in drawn)
        ineligible = self.overview.tally.ineligible
        return {
            "id": criterion_id,
            "label": criterion.label,
            "group": heading,
            "on": criterion_id not in self.scenario.off,
            "changed": criterion_id in self.changed,
            "part": wording.in_part(criterion_id, self.overview),
            "note": "" if numbers else wording.WITHOUT_NUMBERS,
            "saved": self.saved(criterion_id),
            "reading": self.reading(criterion),
            "lines": self.lines(criterion, drawn),
            "loss": loss and {"fails": loss.fails, "unknown": loss.unknown, "gain": loss.gain, "share": wording.share_of(loss.share, ineligible)},
            "step": step and {"eligible": step.eligible, "undetermined": step.undetermined, "lost": step.lost},
        }

    def saved(self, criterion_id: str) -> str:
        saved = self.workbench.screener.saved(self.protocol, self.scenario, criterion_id)
        return wording.saves(None if saved is None else self.rounding.count(saved))

    def reading(self, criterion: Criterion) -> Plain | None:
        if len(criterion.readings) < 2:
            return None
        chosen = reading_id(self.protocol, self.scenario, criterion.id)
        assert chosen is not None
        return {
            "id": chosen,
            **_named(criterion.reading(chosen)),
            "changed": criterion.id in self.scenario.readings,
            "key": self.key_of(f"reading {criterion.id}", ()),
            "options": [{"id": each.id, **_named(each)} for each in criterion.readings],
        }

    def lines(self, criterion: Criterion, drawn: Sequence[Line]) -> list[Plain]:
        limbs: Mapping[str, Any] = {}
        if len(drawn) > 1:
            limbs = self.workbench.screener.limb_outcomes(self.protocol, self.scenario, criterion.id, outcome_onwards)
        shown = []
        for line in drawn:
            moved = [handle.parameter for scale in line.scales for handle in scale.handles]
            named = {each.name: name for each, name in zip(moved, wording.told_apart(moved), strict=True)}
            outcome = limbs.get(line.limb)
            shown.append(
                {
                    "label": line.limb,
                    "fails": None if outcome is None else self.rounding.count((outcome == FALSE).sum()),
                    "unknown": None if outcome is None else self.rounding.count((outcome == UNKNOWN).sum()),
                    "scales": [self.scale(criterion, scale, alone=len(line.scales) == 1, named=named) for scale in line.scales],
                }
            )
        return shown

    def scale(self, criterion: Criterion | None, scale: Scale, *, alone: bool = True, named: Mapping[str, str] = NOT_NAMED) -> Plain:
        """``named``: what its values are called in the line they stand in."""
        first = scale.handles[0].parameter
        everybody = rest = None
        if scale.quantity is not None and criterion is not None:
            found = spread(self.workbench.screener, scale.quantity, scale.axis)
            if found.counts.any():
                everybody, rest = (self.rounding.counts(each).tolist() for each in (found.counts, self.rest.counts(criterion.id, found)))
        return {
            "label": first.label,
            "unit": wording.unit_beside(first) if alone else "",
            "all": everybody,
            "rest": rest,
            "handles": [self.handle(criterion, handle, named.get(handle.parameter.name, ""), alone=alone) for handle in scale.handles],
        }

    def handle(self, criterion: Criterion | None, handle: Handle, called: str, *, alone: bool) -> Plain:
        name = handle.parameter.name
        now: Value = value_of(self.protocol, self.scenario, name)
        idle = not self.workbench.cohort.dated and name in self.protocol.lengths_of_time
        owner = f"{criterion.id} " if criterion is not None else ""
        return {
            "name": name,
            "label": f"{owner}{wording.label_of(handle.parameter)}",
            "called": called,
            "values": [LIFTED.get(value, value) for value in handle.values],
            "places": handle.places,
            "texts": _texts(handle, alone),
            "at": handle.values.index(float(now)),
            "written": handle.values.index(float(handle.parameter.value)),
            "passes": handle.passes,
            "disabled": wording.NO_DATES if idle else "",
            "key": self.key_of(name, handle.values),
        }

    def set_aside(self) -> list[Plain]:
        """The criteria that the data cannot show, or not in full, with the pass rates assumed for them."""
        rates = {each.id: each for each in self.overview.assumed}
        shown = [each for each in self.protocol.ids if each in rates or each in self.overview.screening.not_assessed]
        return [self.aside(self.protocol[each], rates.get(each)) for each in shown]

    def aside(self, criterion: Criterion, assumed: AssumedRate | None) -> Plain:
        on = criterion.id not in self.scenario.off
        return {
            "id": criterion.id,
            "label": criterion.label,
            "on": on,
            "changed": criterion.id in self.changed,
            "scale": None if assumed is None else self.rate(criterion),
            "note": "" if assumed is None or assumed.given else wording.NO_RATE,
        }

    def rate(self, criterion: Criterion) -> Plain:
        """The scale of an assumed pass rate. The rates as written, which may differ from patient to patient, are one of its values."""
        values, at, written = rate_values(self.scenario, criterion)
        axis = Axis(0.0, 1.0, 1)
        texts = [wording.rates_of(criterion.assumed) if isinstance(each, str) else wording.rate(each) for each in values]
        numbers = rate_numbers(self.scenario, criterion)
        name = f"rate {criterion.id}"
        handle = {
            "name": name,
            "label": f"{criterion.id} assumed pass rate",
            "called": "",
            "values": values,
            "places": places(numbers, axis),
            "texts": texts,
            "at": at,
            "written": written,
            "passes": "",
            "disabled": "",
            "key": self.key_of(name, tuple(numbers)),
        }
        return {"label": "assumed pass rate", "unit": "", "all": None, "rest": None, "handles": [handle]}


def _named(reading: Reading) -> Plain:
    return {"label": reading.label, "short": reading.short or reading.label}


@lru_cache(1024)  # asked for at every view
def _texts(handle: Handle, alone: bool) -> list[str]:
    return [wording.stop_of(handle.parameter, value, handle.operator, with_unit=alone) for value in handle.values]


def rate_numbers(scenario: Scenario, criterion: Criterion) -> tuple[float, ...]:
    """Where the values of a rate's handle lie."""
    written = _written_place(criterion)
    return tuple(written if isinstance(each, str) else each for each in rate_values(scenario, criterion)[0])


def _written_place(criterion: Criterion) -> float:
    """Where the rates as written stand among those that can be chosen; what differs from patient to patient stands at none of these."""
    assumed = criterion.assumed or (Assumed(1.0),)
    rates = [each.rate for each in assumed]
    everybody = len(assumed) == 1 and assumed[0].when is None
    return rates[0] if everybody else (min(rates) + max(*rates, *([1.0] if assumed[-1].when is not None else []), 0.0)) / 2 + 1e-9


def rate_values(scenario: Scenario, criterion: Criterion) -> tuple[list[float | str], int, int]:
    """The values a rate's handle stops at, rising, with the places of the current one and of the one as written."""
    written, given = _written_place(criterion), scenario.rates.get(criterion.id)
    marked = sorted({(rate, False) for rate in (*RATES, *(() if given is None else (given,))) if rate != written} | {(written, True)})
    values: list[float | str] = [AS_WRITTEN_RATE if is_written else rate for rate, is_written in marked]
    place = values.index(AS_WRITTEN_RATE)
    return values, place if given is None or given == written else values.index(given), place


def headings(shown: Sequence[str], overview: Overview) -> list[str]:
    """The heading above each row: where inclusion and exclusion begin, if the rows stand so."""
    protocol = overview.screening.protocol
    roles: list[Role] = [protocol[each].role for each in shown]
    if overview.screening.scenario.order != Order.PROTOCOL:
        return [""] * len(shown)
    return [wording.ROLES[role] if place == 0 or roles[place - 1] is not role else "" for place, role in enumerate(roles)]


