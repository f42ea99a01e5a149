"""The view: everything the ledger shows of one scenario, as one plain object for the browser."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

from feasibility import wording
from feasibility.ledger.detail import detail, further
from feasibility.ledger.rows import Plain, Rows, headings, rate_numbers, rows_shown
from feasibility.ledger.scales import lines, single
from feasibility.ledger.tables import Tables
from feasibility.parameters import Number
from feasibility.results.disclosure import EXACT, Rounding
from feasibility.results.distributions import passing_the_rest
from feasibility.results.overview import Overview, Workbench, eligible_by_reading
from feasibility.scenario import Change, Scenario, changes

STOPS_OF_ALL = 25  # of a parameter that every stop screens anew
MOST_SCREENED_ANEW = 2_000_000  # patients among whom stops are screened anew before the line is moved, of a number without a direction or a shared one: seconds
MOST_TABLES = 64


@dataclass(frozen=True)
class Asked:
    """What the browser asked to have ready: the tables of a criterion's handles, or of one parameter that belongs to none, or of a rate."""

    criterion: str = ""
    name: str = ""


NOTHING_ASKED = Asked()


@dataclass(eq=False)
class Ledger:
    """Draws views of one workbench, one scenario after another; tables stay good while nothing but their own parameter moves.

    Counts are rounded, where they are, before they are sent.
    """

    workbench: Workbench
    rounding: Rounding = EXACT
    _tables: dict[tuple[str, str], Plain] = field(default_factory=dict)

    @cached_property
    def cohort(self) -> str:
        """What every table depends on, whatever the scenario: the cohort, the protocol and how counts are shown."""
        return _digest(self.workbench.cohort.digest, self.workbench.protocol.text, self.rounding)

    def view(self, overview: Overview, asked: Asked = NOTHING_ASKED, opened: str = "", message: str = "") -> Plain:
        """Everything the ledger shows, as plain data. ``asked`` adds count tables, ``opened`` the detail of one criterion."""
        protocol, scenario = overview.screening.protocol, overview.screening.scenario
        found = changes(protocol, scenario)
        changed = frozenset(each.key.partition(".")[0].partition(" ")[0] for each in found)

        def key_of(name: str, values: tuple[float, ...]) -> str:
            return self.key(overview, opened, name, values)

        rest, eligible = passing_the_rest(overview.patterns, overview.order), overview.tally.eligible
        overview = self.rounding.overview(overview)
        rows = Rows(self.workbench, overview, rest, key_of, changed, self.rounding, eligible)
        shown = rows_shown(overview)
        drawn = [rows.row(each, heading) for each, heading in zip(shown, headings(shown, overview), strict=True)]
        return {
            "revision": key_of("", ()),
            "cohort": self.cohort,
            "patients": overview.tally.patients,
            "message": message,
            "notice": wording.rounded_to(self.rounding.unit),
            "headline": [
                {"id": each.id, "label": each.label, "value": each.value, "detail": each.detail, "more": each.more}
                for each in wording.headlines(overview, self.rounding.unit)
            ],
            "tally": {"eligible": overview.tally.eligible, "undetermined": overview.tally.undetermined},
            "chips": [_chip(each, drawn) for each in found],
            "nothing": wording.NOTHING_CHANGED,
            "orders": [{"id": order.value, "label": label, "on": scenario.order == order} for order, label in wording.ORDERS.items()],
            "heads": {name: {"text": text, "counted": wording.COUNTED.get(name, ""), "more": more} for name, (text, more) in wording.HEADS.items()},
            "shared": [self._shared(rows, parameter.name) for parameter in protocol.shared_parameters() if isinstance(parameter, Number)],
            "rows": drawn,
            "aside": {"label": wording.NOT_IN_THE_DATA, "more": wording.SET_ASIDE_EXPLAINED, "rows": rows.set_aside()},
            "open": detail(self.workbench, overview, rows, opened) if opened in protocol.ids else None,
            **self._asked(overview, rows, asked, opened),
        }

    def key(self, overview: Overview, opened: str, name: str, values: tuple[float, ...]) -> str:
        """What a table depends on: cohort, protocol and the scenario but for the parameter itself, the order of the rows, the open one, the stops.

        Empty where the numbers do not follow while it is moved.
        """
        protocol, scenario = overview.screening.protocol, overview.screening.scenario
        parameter = protocol.parameters.get(name)
        if isinstance(parameter, Number) and overview.tally.patients > _most_patients(parameter):
            return ""
        return _digest(self.cohort, _told(_without(scenario, name)), overview.order, opened, values)

    def _shared(self, rows: Rows, name: str) -> Plain:
        return rows.scale(None, single(rows.protocol, rows.scenario, name, "<=", STOPS_OF_ALL))

    def _asked(self, overview: Overview, rows: Rows, asked: Asked, opened: str) -> Plain:
        """The tables and the counts under each reading that were asked for; nothing for what is off, set aside or not there."""
        protocol, scenario = overview.screening.protocol, overview.screening.scenario
        tables: Plain = {}
        readings: Plain = {}
        if asked.criterion in overview.screening.assessed:
            criterion = protocol[asked.criterion]
            drawn = lines(protocol, scenario, criterion)
            in_row = [handle for line in drawn for scale in line.scales for handle in scale.handles]
            in_detail = [handle for scale in further(protocol, scenario, criterion) for handle in scale.handles if handle.parameter.name == asked.name]
            for handle in in_detail or in_row:
                if rows.key_of(handle.parameter.name, handle.values):
                    tables[handle.parameter.name] = self._table(overview, rows, opened, handle.parameter.name, handle.values)
            if len(criterion.readings) > 1:
                tallies = eligible_by_reading(self.workbench, scenario, criterion.id)
                left = {each.id: wording.left_under(tallies.get(each.id), self.rounding.tally) for each in criterion.readings}
                readings[criterion.id] = {"key": rows.key_of(f"reading {criterion.id}", ()), "left": left}
        elif asked.name in {f"rate {each.id}" for each in overview.assumed}:
            of = protocol[asked.name.partition(" ")[2]]
            tables[asked.name] = self._table(overview, rows, opened, asked.name, rate_numbers(scenario, of))
        elif asked.name in {parameter.name for parameter in protocol.shared_parameters() if isinstance(parameter, Number)}:
            handle = single(protocol, scenario, asked.name, "<=", STOPS_OF_ALL).handles[0]
            if rows.key_of(asked.name, handle.values):
                tables[asked.name] = self._table(overview, rows, opened, asked.name, handle.values)
        return {"tables": tables, "readings": readings}

    def _table(self, overview: Overview, rows: Rows, opened: str, name: str, values: tuple[float, ...]) -> Plain:
        key = rows.key_of(name, values)
        found = self._tables.pop((name, key), None)
        if found is None:
            kind, _, of = name.partition(" ")
            maker = Tables(self.workbench, overview, self.rounding, rows.eligible)
            found = {"name": name, "key": key, **(maker.of_rate(of) if kind == "rate" else maker.of_parameter(name, values, _limbs(overview), opened))}
        self._tables[name, key] = found  # the latest asked for stand last
        if len(self._tables) > MOST_TABLES:
            del self._tables[next(iter(self._tables))]
        return found


def _chip(change: Change, rows: Sequence[Plain]) -> Plain:
    """A change as its chip has it: that of a line in a row in the row's own short words."""
    handles = (handle for row in rows for line in row["lines"] for scale in line["scales"] for handle in scale["handles"])
    handle = next((each for each in handles if each["name"] == change.key), None)
    if handle is None:
        return {"key": change.key, "text": change.text, "was": change.was}
    owner = change.key.partition(".")[0]
    said = " ".join(filter(None, (owner, handle["texts"][handle["at"]], handle["called"])))
    return {"key": change.key, "text": said, "was": handle["texts"][handle["written"]]}


def _most_patients(parameter: Number) -> float:
    """In how many patients a parameter's stops are screened before it is moved."""
    return MOST_SCREENED_ANEW if parameter.loosens is None or "." not in parameter.name else math.inf


def _limbs(overview: Overview) -> dict[str, list[str]]:
    """The limbs that have a line of their own, by criterion."""
    protocol, scenario = overview.screening.protocol, overview.screening.scenario
    drawn = {each: lines(protocol, scenario, protocol[each]) for each in overview.screening.assessed}
    return {each: [line.limb for line in found] for each, found in drawn.items() if len(found) > 1}


def _told(scenario: Scenario) -> tuple[object, ...]:
    """A scenario in one way of writing it."""
    changed = (scenario.parameters, scenario.readings, scenario.missing, scenario.rates)
    return (*(tuple(sorted(each.items())) for each in changed), tuple(sorted(scenario.off)), scenario.order)


def _without(scenario: Scenario, name: str) -> Scenario:
    """The scenario as if one parameter, rate or reading had not been changed."""
    kind, _, criterion_id = name.partition(" ")
    if kind == "rate":
        return replace(scenario, rates=_but(scenario.rates, criterion_id))
    if kind == "reading":
        return replace(scenario, readings=_but(scenario.readings, criterion_id))
    return replace(scenario, parameters=_but(scenario.parameters, name))


def _but(changed: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in changed.items() if name != key}


def _digest(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()
