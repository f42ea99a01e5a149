"""Who is eligible because nothing recorded of an event counts as a no."""

from __future__ import annotations

from dataclasses import replace

from oracle.patients import cohort, columns_for, patient

from feasibility import wording
from feasibility.protocol import builtin_protocol
from feasibility.results import rounded
from feasibility.results.accounting import Tally
from feasibility.results.disclosure import Rounding
from feasibility.results.overview import Workbench
from feasibility.results.taken_as_absent import Absent, TakenAsAbsent, taken_as_absent
from feasibility.scenario import AS_WRITTEN, Scenario, with_missing_policy
from feasibility.ui import cohorts
from feasibility.variables import MissingPolicy, builtin_catalogue


def bench(*hiv: str) -> Workbench:
    """Patients of whom only HIV infection is in the file."""
    made = [patient(hiv=each) for each in hiv]
    return Workbench(cohort(made, columns_for(made, "hiv", wide=True)), builtin_protocol())


def found(made: Workbench, scenario: Scenario = AS_WRITTEN) -> Absent:
    return taken_as_absent(made.screener, made.overview(scenario))


def test_two_of_three_eligible_hang_on_no_record() -> None:
    made = bench("no", "?", "?", "yes")
    assert (made.overview(AS_WRITTEN).tally.eligible, found(made)) == (3, Absent(Tally(4, 3, 0), (TakenAsAbsent("hiv", ("E7",), 2),)))
    unknown = with_missing_policy(made.protocol, AS_WRITTEN, "E7.hiv", MissingPolicy.UNKNOWN)
    assert made.overview(unknown).tally == Tally(4, 1, 2)
    assert found(made, unknown) == Absent(Tally(4, 1, 2), ())


def test_where_only_yeses_are_recorded_that_is_said_apart() -> None:
    assert found(bench("yes", "?", "?")) == Absent(Tally(3, 2, 0), (TakenAsAbsent("hiv", ("E7",), 2, no_recorded=False),), 2)
    assert found(bench("no", "no", "yes")) == Absent(Tally(3, 2, 0), ())


def test_a_table_of_events_never_says_no() -> None:
    made = [patient(hiv=each) for each in ("yes", "?", "?")]
    long = Workbench(cohort(made, columns_for(made, "hiv", wide=False)), builtin_protocol())
    assert found(long) == Absent(Tally(3, 2, 0), (TakenAsAbsent("hiv", ("E7",), 2, no_recorded=False),), 2)


def test_the_sample_with_all_of_them_unknown_at_once() -> None:
    """What is counted is what screening with all such events unknown makes undetermined."""
    protocol = builtin_protocol()
    made = Workbench(cohorts.sample(), protocol)
    scenario = replace(AS_WRITTEN, off=frozenset({"I3", "I4"}))
    absent = found(made, scenario)
    unknown = scenario
    for criterion, name in ((each, event.variable) for event in absent.events if not event.no_recorded for each in event.criteria):
        unknown = with_missing_policy(protocol, unknown, f"{criterion}.{name}", MissingPolicy.UNKNOWN)
    assert absent.never_no == made.overview(scenario).tally.eligible - made.overview(unknown).tally.eligible
    assert absent.never_no > max(each.eligible for each in absent.events)


def test_it_is_said_of_how_many_eligible() -> None:
    whole = Tally(4129, 10, 153)
    some = (TakenAsAbsent("hiv", ("E7",), 8), *(TakenAsAbsent("lactating", ("E10",), 1),) * 4)
    said = wording.taken_as_absent(Absent(whole, some), builtin_catalogue())
    assert "of the 10 eligible (one may count in several): 8 for HIV infection (E7), 1 for " in said
    assert "; 2 more events." in said
    yeses = (TakenAsAbsent("tuberculosis", ("E7",), 9, no_recorded=False), TakenAsAbsent("heart_failure", ("E3",), 10, no_recorded=False))
    said = wording.taken_as_absent(Absent(whole, yeses, 10), builtin_catalogue())
    assert said.startswith("Of Active tuberculosis (E7) and Heart failure (E3) the files never record a no: ")
    assert "one there, and 10 of the 10 eligible hang on that. The Criteria page" in said
    assert wording.taken_as_absent(Absent(whole, (*some, *yeses), 10), builtin_catalogue()).count("The Criteria page") == 1
    assert wording.taken_as_absent(Absent(whole, ()), builtin_catalogue()) == ""
    assert rounded.taken_as_absent(Rounding(10, 4129), Absent(whole, some), Tally(4129, 10, 150, 10)).events[1].eligible == 10
