"""What the page should show, without the page: every scenario screened by the core alone."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from browser.reading import Numbers, Told, handles, told

from feasibility.ledger.rows import AS_WRITTEN_RATE
from feasibility.ledger.view import Ledger
from feasibility.protocol import Protocol
from feasibility.results.disclosure import EXACT, Rounding
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, from_query, to_query, with_rate, with_value


class Core:
    """A workbench that is asked for one scenario after another. No count table is ever made by it: each scenario is screened."""

    def __init__(self, workbench: Workbench, rounding: Rounding = EXACT) -> None:
        self.workbench = workbench
        self.ledger = Ledger(workbench, rounding)
        self._told: dict[tuple[str, str, int], Told] = {}

    @property
    def protocol(self) -> Protocol:
        return self.workbench.protocol

    def from_query(self, query: dict[str, str]) -> Scenario:
        scenario, problems = from_query(self.protocol, query)
        assert problems == ()
        return scenario

    def view(self, scenario: Scenario = AS_WRITTEN, opened: str = "") -> dict[str, Any]:
        """As the browser gets it."""
        found: dict[str, Any] = json.loads(json.dumps(self.ledger.view(self.workbench.overview(scenario), opened=opened)))
        return found

    def told(self, scenario: Scenario = AS_WRITTEN, opened: str = "", least_whole: int = 1) -> Told:
        """Everything the page should show of a scenario, and of the detail of one row."""
        key = urlencode(to_query(self.protocol, scenario)), opened, least_whole
        if key not in self._told:
            self._told[key] = told(self.view(scenario, opened), least_whole)
        return self._told[key]

    def numbers(self, scenario: Scenario = AS_WRITTEN) -> Numbers:
        return self.told(scenario).numbers

    def handle(self, name: str, scenario: Scenario = AS_WRITTEN, opened: str = "") -> dict[str, Any]:
        return next(each for each in handles(self.view(scenario, opened)) if each["name"] == name)

    def moved(self, name: str, value: float | str, scenario: Scenario = AS_WRITTEN) -> Scenario:
        """The scenario with a handle at one of its values."""
        if name.startswith("rate "):
            return with_rate(self.protocol, scenario, name.removeprefix("rate "), None if value == AS_WRITTEN_RATE else float(value))
        return with_value(self.protocol, scenario, name, float(value))
