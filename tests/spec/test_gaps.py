"""Missing data: whom one measurement would settle and what it could add, by filling in everything that may be found, patient by patient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle import judge
from oracle.judge import EVERY_COLUMN, Case
from oracle.patients import INF, MISSING, Columns, Interval, Patient, Rec, cohort, columns_for, patient, span
from properties.test_count_tables import SCENARIOS
from spec.tables import rows

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.protocol import Protocol, builtin_protocol, read_protocol
from feasibility.results import gaps as module
from feasibility.results.accounting import Tally
from feasibility.results.gaps import Gap, Gaps, Range, gaps
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, with_criterion_off, with_value
from feasibility.screening.distinct import distinct_rows
from feasibility.screening.suppose import leaves, place_of, record_types
from feasibility.synthetic import Completeness, wide
from feasibility.ui import cohorts
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()
FAIL, UNKNOWN, PASS = 0, 1, 2


def protocol(**criteria: tuple[str, str, str]) -> Protocol:
    """Criteria by id: role, join, rules one a line."""
    text = 'title = "t"\n'
    for name, (role, join, rules) in criteria.items():
        text += f'[[criterion]]\nid = "{name}"\nrole = "{role}"\nlabel = "c"\ntext = "c"\n[[criterion.reading]]\nid = "r"\nlabel = "r"\njoin = "{join}"\n'
        for place, rule in enumerate(rules.strip().splitlines()):
            text += f"[[criterion.reading.limb]]\nlabel = 'limb {place}'\nrule = '''{rule.strip()}'''\n"
    return read_protocol(text, CATALOGUE)


def found(made: Protocol, patients: list[Patient], columns: Columns, scenario: Scenario = AS_WRITTEN) -> Gaps:
    bench = Workbench(cohort(patients, columns), made)
    return gaps(bench.screener, bench.overview(scenario))


# A table to read

PEOPLE = """
 patient | uacr      | ldl       | triglycerides
 1       | 2000      | 2         | 1             # eligible
 2       |           | 2         | 1             # lacks UACR only: eligible or not
 3       |           |           | 1             # lacks two
 4       | 2000      |           | 1             # lacks LDL only
 5       | 2000      | <3        | 1             # censored below the limit: settled, eligible
 6       | 2000      | <5        | 1             # censored across it
 7       | 2000      | 4.1..6    | 1             # at the limit or above: ineligible
 8       | 2000      | 4..4.1    | 1             # the interval ends at the limit
 9       |           | 9         | 1             # ineligible already
 10      | 2000      |           | 9             # ineligible already
 11      | 2000      |           |               # lacks two of one panel
"""
LIPIDS = protocol(
    I4=("inclusion", "all", "latest(uacr) > 1000"),
    E5=("exclusion", "any", "latest(triglycerides) >= 6.2\nlatest(ldl) >= 4.1"),
)


def people() -> tuple[list[Patient], Columns]:
    made = [patient(**{name: f"{row[name]} @5d" for name in ("uacr", "ldl", "triglycerides") if row[name]}) for row in rows(PEOPLE)]
    return made, columns_for(made)


def test_what_each_measurement_could_add_and_lose() -> None:
    held = found(LIPIDS, *people())
    assert (held.tally, held.one_settles) == (Tally(11, 2, 6), 5)
    assert {gap.name: (gap.people, gap.nothing, gap.never, gap.settled, gap.gained, gap.lost) for gap in held.gaps} == {
        "lipids": (5, 3, 3, 4, Range(0, 4), Range(0, 5)),
        "ldl": (5, 3, 3, 3, Range(0, 3), Range(0, 5)),
        "uacr": (2, 2, 2, 1, Range(0, 1), Range(0, 2)),
        "triglycerides": (1, 1, 1, 0, Range(0, 0), Range(0, 1)),
    }
    assert [gap.name for gap in held.gaps] == ["lipids", "ldl", "uacr", "triglycerides"]
    assert [gap.criteria for gap in held.gaps] == [("E5",), ("E5",), ("I4",), ("E5",)]
    assert held.gaps[0].variables == ("triglycerides", "ldl")


def test_how_the_range_narrows() -> None:
    """From 2 to 8 eligible; whatever LDL shows in the five, from 2–5 to 3–8, and the three who lack only it are undetermined no longer."""
    held = found(LIPIDS, *people())
    ldl = held.gaps[1]
    assert (held.lower(ldl), held.upper(ldl), held.undetermined(ldl)) == (Range(2, 5), Range(3, 8), Range(0, 3))


def test_a_criterion_switched_off_leaves_nobody_open() -> None:
    bench = Workbench(cohort(*people()), LIPIDS)
    held = gaps(bench.screener, bench.overview(with_criterion_off(LIPIDS, AS_WRITTEN, "E5")))
    assert [(gap.name, gap.people, gap.settled) for gap in held.gaps] == [("uacr", 3, 3)]


def test_nobody_is_undetermined() -> None:
    made = [patient(uacr="2000 @1d", ldl="2 @1d", triglycerides="1 @1d")]
    assert found(LIPIDS, made, columns_for(made)) == Gaps(Tally(1, 1, 0), 0, ())
    assert found(LIPIDS, [], columns_for(made)) == Gaps(Tally(0, 0, 0), 0, ())


def test_the_second_of_two_values_is_missing_too() -> None:
    twice = protocol(I4=("inclusion", "all", "lowest(urine_protein_24h, last=2, apart=7) >= 3.5"))
    made = [patient(urine_protein_24h="4 @2d"), patient(urine_protein_24h="4 @2d; 5 @30d"), patient(urine_protein_24h="3 @2d"), patient()]
    (gap,) = found(twice, made, columns_for(made)).gaps
    assert (gap.people, gap.nothing, gap.never, gap.settled, gap.gained, gap.lost) == (2, 1, 1, 2, Range(0, 2), Range(0, 2))


def test_what_is_recorded_outside_the_window_is_told_from_what_never_was() -> None:
    window = protocol(I4=("inclusion", "all", 'latest(uacr, within="30 days") > 1000'))
    made = [patient(uacr="2000 @31d"), patient(uacr="? @2d"), patient(uacr="<1500 @2d"), patient(uacr="2000 @30d")]
    held = found(window, made, columns_for(made))
    (gap,) = held.gaps
    assert (gap.people, gap.nothing, gap.never) == (3, 2, 1)
    line = dict(zip(wording.GAP_LINE, wording.gap_line(held, gap, builtin_catalogue()), strict=True))
    assert (line["People"], line["Never recorded"], line["Only outside the window"], line["Recorded, not enough"]) == (3, 1, 1, 1)


def test_a_column_that_is_not_there_is_a_gap_in_everybody() -> None:
    mixed = protocol(E7=("exclusion", "any", 'latest(hbsag) == "positive" and latest(hbv_dna) > 20'))
    made = [patient(hbsag="positive @1d"), patient(hbsag="negative @1d")]
    (gap,) = found(mixed, made, columns_for(made)).gaps
    assert gap == Gap("hbv_dna", ("hbv_dna",), ("E7",), False, 1, 1, 1, 1, Range(0, 1), Range(0, 1))


def test_an_alternative_without_a_column_is_settled_by_nothing() -> None:
    either = protocol(I=("inclusion", "any", "latest(uacr) > 1000\noccurred(hiv)"))
    made = [patient(), patient(uacr="5 @1d")]
    held = found(either, made, columns_for(made, "uacr"))
    assert (held.tally.undetermined, held.one_settles) == (2, 0)
    assert [(gap.name, gap.people, gap.settled, gap.gained, gap.lost) for gap in held.gaps] == [("uacr", 1, 0, Range(0, 1), Range(0, 0))]


def test_too_many_places_give_the_bounds_that_always_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SUPPOSED", 2)
    held = found(LIPIDS, *people())
    assert {gap.name: (gap.people, gap.settled, gap.gained, gap.lost) for gap in held.gaps}["ldl"] == (5, 0, Range(0, 5), Range(0, 5))


# Everything that may be found, filled in

VOID = 'latest(ldl_method) == "calculated" and latest(triglycerides) >= 4.5'
MADE = protocol(
    A=("inclusion", "all", "latest(uacr) > 1000"),
    B=(
        "exclusion",
        "any",
        f"latest(triglycerides) >= 6.2\n(latest(ldl) >= 4.1 and not ({VOID})) or possible({VOID})",
    ),
    C=("exclusion", "any", 'latest(hbsag) == "positive" and latest(hbv_dna) > 20\nlatest(uacr) > 5000'),
    D=("inclusion", "all", 'occurred(kidney_biopsy, within="10 years", where=biopsy_dx in ["DN", "mixed"])'),
    E=("inclusion", "all", "any_visit(sbp <= 160 and dbp <= 100)"),
    F=("inclusion", "all", 'egfr("2021_cr") >= 20'),
    G=("exclusion", "any", "occurred(heart_failure) and latest(nyha) >= 3"),
)
VALUES: Mapping[str, tuple[Interval, ...]] = {
    "uacr": ((500, 500), (1000, 1000), (1500, 1500), (3000, 3000), (6000, 6000)),
    "triglycerides": ((1, 1), (4.2, 4.2), (4.5, 4.5), (5, 5), (6.2, 6.2), (7, 7)),
    "ldl": ((1, 1), (3.5, 3.5), (4.1, 4.1), (4.3, 4.3), (5, 5)),
    "ldl_method": ((0, 0), (1, 1)),
    "hbsag": ((0, 0), (1, 1)),
    "hbv_dna": ((0, 0), (5, 5), (20, 20), (100, 100)),
    "creatinine": ((0.5, 0.5), (3, 3), (9, 9)),
    "age_exact": ((10, 10), (30, 30), (60, 60)),
    "sex": ((0, 0), (1, 1)),
    "nyha": ((1, 1), (2, 2), (3, 3), (4, 4)),
}
PARTLY = {"uacr": ((-INF, 2000), (800, 5500), (1000, INF)), "ldl": ((3, 4.5),), "triglycerides": ((4, 7), (-INF, 5)), "hbv_dna": ((0, 10), (1, INF))}
GOOD = {"uacr": 3, "triglycerides": 0, "ldl": 0, "ldl_method": 0, "hbsag": 0, "hbv_dna": 0, "creatinine": 0, "age_exact": 2, "sex": 1, "nyha": 0}
PANELS = {"lipids": ("triglycerides", "ldl", "ldl_method"), "virology": ("hbsag", "hbv_dna")}
INPUTS = ("creatinine", "age_exact", "sex")
"""Of an estimate: what one of them alone may show is bounded, not counted."""
TODAY = span("0d")


def draw(random: np.random.Generator) -> Patient:
    """Mostly somebody who would be eligible, with gaps."""
    records: dict[str, tuple[Rec, ...]] = {}
    for name, values in VALUES.items():
        chance = random.random()
        if chance < 0.62:
            records[name] = (Rec({name: values[GOOD[name]]}, TODAY),)
        elif chance < 0.72:
            records[name] = (Rec({name: values[random.integers(len(values))]}, TODAY),)
        elif chance < 0.82 and name in PARTLY:
            records[name] = (Rec({name: PARTLY[name][random.integers(len(PARTLY[name]))]}, TODAY),)
    if random.random() < 0.8:
        dx = MISSING if random.random() < 0.1 else (float(random.integers(1, 4)),) * 2
        records["kidney_biopsy"] = (Rec({"kidney_biopsy": (1.0, 1.0), "biopsy_dx": dx}, span("100d")),)
    if random.random() < 0.8:
        records["blood_pressure"] = (Rec({"sbp": (150.0, 150.0), "dbp": (90.0, 90.0) if random.random() < 0.8 else MISSING}, TODAY),)
    if random.random() < 0.4:
        records["heart_failure"] = (Rec({"heart_failure": (1.0, 1.0) if random.random() < 0.8 else (0.0, 1.0)}, span("50d")),)
    return Patient(records)


def inside(value: Interval, known: Interval) -> bool:
    return known[0] <= value[0] <= known[1]


def filled(who: Patient, record_type: str) -> Iterator[Patient]:
    """The patient with the record type known, once for everything that may be found."""

    def having(*recs: Rec) -> Patient:
        return replace(who, records={**who.records, record_type: recs})

    present = who.records.get(record_type, ())
    match record_type:
        case "kidney_biopsy":
            for dx in (1.0, 2.0):
                yield having(Rec({"kidney_biopsy": (1.0, 1.0), "biopsy_dx": (dx, dx)}, span("100d")))
        case "blood_pressure":
            for dbp in (90.0, 110.0):
                yield having(Rec({"sbp": (150.0, 150.0), "dbp": (dbp, dbp)}, TODAY))
        case "heart_failure":
            for happened in (0.0, 1.0):
                yield having(Rec({"heart_failure": (happened, happened)}, span("50d")))
        case _:
            known = present[0].values[record_type] if present else MISSING
            for value in VALUES[record_type]:
                if inside(value, known):
                    yield having(Rec({record_type: value}, TODAY))


def outcomes(who: Patient, columns: Columns) -> dict[str, int | None]:
    return {each.id: judge.outcome(each, each.readings[0], Case(who, columns, {})) for each in MADE.criteria}


def open_for(who: Patient, columns: Columns, record_type: str) -> bool:
    """A limb is UNKNOWN that asks of it something that is not known."""
    for criterion in MADE.criteria:
        case = Case(who, columns, {})
        if judge.outcome(criterion, criterion.readings[0], case) != UNKNOWN:
            continue
        for limb in criterion.readings[0].limbs:
            if judge.limb_truth(limb, criterion.role, case) != UNKNOWN:
                continue
            for leaf in leaves(limb.rule):
                types = record_types(place_of(leaf), CATALOGUE)
                not_exact = len(types) == 1 or not who.records.get(record_type)
                if judge.truth(leaf, case) == UNKNOWN and record_type in types and not_exact:
                    return True
    return False


def by_hand(who: Patient, columns: Columns, types: tuple[str, ...]) -> tuple[bool, bool, bool] | None:
    """Whether there is something to be found that makes the patient eligible, ineligible, or leaves them open; None if nothing is open for it."""
    asked = [each for each in types if open_for(who, columns, each)]
    if not asked:
        return None
    ends = set()
    worlds = [who]
    for record_type in asked:  # what the missing policy has settled stays so
        worlds = [world for each in worlds for world in filled(each, record_type)]
    for world in worlds:
        values = outcomes(world, columns).values()
        ends.add(FAIL if FAIL in values else UNKNOWN if UNKNOWN in values else PASS)
    return PASS in ends, FAIL in ends, UNKNOWN in ends


def the_same(gap: Gap, judged: Mapping[int, tuple[bool, bool, bool]]) -> bool:
    """Whether one of a panel's record types is all there is to it: as many people, and as much to be found."""
    ends = [tuple(sum(kind) for kind in zip(*judged.values(), strict=True))]
    return (gap.people, (gap.gained.high, gap.lost.high, gap.people - gap.settled)) == (len(judged), ends[0])


@pytest.mark.parametrize("seed", range(8))
def test_against_everything_that_may_be_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    patients = [draw(random) for _ in range(60)]
    columns = Columns({name: EVERY_COLUMN.fields[name] for name in (*VALUES, "kidney_biopsy", "blood_pressure", "heart_failure")})
    held = found(MADE, patients, columns)
    ends = [set(outcomes(who, columns).values()) for who in patients]
    undetermined = [who for who, values in zip(patients, ends, strict=True) if FAIL not in values and UNKNOWN in values]
    assert held.tally == Tally(60, sum(values == {PASS} for values in ends), len(undetermined))
    assert len(undetermined) > 10
    listed = {gap.name: gap for gap in held.gaps}
    settled_by_one = set()
    for name in (*VALUES, "kidney_biopsy", "blood_pressure", "heart_failure", *PANELS):
        types = PANELS.get(name, (name,))
        judged = {place: ends for place, who in enumerate(undetermined) if (ends := by_hand(who, columns, types)) is not None}
        if not judged:
            assert name not in listed
            continue
        settled = {place for place, (_, _, stays) in judged.items() if not stays}
        settled_by_one |= settled - {place for place in settled if name in INPUTS}
        if name in PANELS and any(each.variables != PANELS[name] and the_same(each, judged) for each in held.gaps if each.name in PANELS[name]):
            assert name not in listed
            continue
        gap = listed.pop(name)
        gained = Range(sum(ends == (True, False, False) for ends in judged.values()), sum(gains for gains, _, _ in judged.values()))
        lost = Range(sum(ends == (False, True, False) for ends in judged.values()), sum(loses for _, loses, _ in judged.values()))
        assert gap.people == len(judged), name
        if name in INPUTS:
            assert gap.settled <= len(settled), name
            assert gap.gained.low <= gained.low <= gained.high <= gap.gained.high, name
            assert gap.lost.low <= lost.low <= lost.high <= gap.lost.high, name
        else:
            assert (gap.settled, gap.gained, gap.lost) == (len(settled), gained, lost), name
        assert held.lower(gap).low == held.tally.eligible + gap.gained.low
        assert held.undetermined(gap).high == len(undetermined) - gap.settled
    assert not listed
    assert held.one_settles >= len(settled_by_one)


def test_of_whom_nothing_is_missing() -> None:
    """A record that only makes it possible leaves open whoever has it; of the other two one lacks a value, and one another thing too."""
    made = protocol(A=("exclusion", "any", "possible(latest(triglycerides) > 5)"), B=("inclusion", "all", "latest(hba1c) < 9"))
    people = [patient(triglycerides="6", hba1c="8"), patient(hba1c="8"), patient(triglycerides="6"), patient(triglycerides="4", hba1c="8")]
    held = found(made, people, columns_for(people))
    assert (held.tally.eligible, held.tally.undetermined, held.in_none) == (1, 3, 1)
    assert "For 1 nothing is missing: what is recorded leaves them open." in wording.said_of_gaps(held).more
    assert found(made, people[1:], columns_for(people)).in_none == 0


def test_gaps_of_the_very_same_patients() -> None:
    """Who lacks both of two, all alike; one more who lacks the one only parts them."""
    made = protocol(A=("inclusion", "all", "latest(uacr) > 1000"), B=("inclusion", "all", "latest(hba1c) < 9"))
    columns, lacking = columns_for([], "uacr", "hba1c"), [patient(), patient()]
    held = found(made, lacking, columns)
    assert held.alike == (("uacr", "hba1c"),)
    assert wording.same_patients(held, CATALOGUE) == "The very same patients are open for UACR and HbA1c."
    assert found(made, [*lacking, patient(hba1c="8 @1d")], columns).alike == ()


def test_the_sample() -> None:
    built_in = builtin_protocol()
    bench = Workbench(cohorts.sample(), built_in)
    overview = bench.overview(AS_WRITTEN)
    held = gaps(bench.screener, overview)
    assert held.tally == overview.tally
    assert held.one_settles <= held.tally.undetermined
    for gap in held.gaps:
        assert max(gap.nothing, gap.settled, gap.gained.high, gap.lost.high) <= gap.people <= held.tally.undetermined
        assert gap.settled <= gap.gained.high + gap.lost.high
        assert set(gap.criteria) <= set(overview.order)
    assert gaps(bench.screener, bench.counted(with_value(built_in, AS_WRITTEN, "I5.egfr_min", 15))).tally.patients == 2000


def drawn() -> Workbench:
    random = np.random.default_rng(1)
    columns = Columns({name: EVERY_COLUMN.fields[name] for name in (*VALUES, "kidney_biopsy", "blood_pressure", "heart_failure")})
    return Workbench(cohort([draw(random) for _ in range(1_500)], columns), MADE)


def clinic() -> Workbench:
    file = BytesIO()
    wide(4_000, np.random.default_rng(5), completeness=Completeness.AS_RECORDED).to_parquet(file)
    return Workbench(load_cohort("clinic.parquet", file.getvalue()), builtin_protocol())


@pytest.mark.parametrize(
    ("rule", "patients"),
    [
        ("occurred(hiv) and latest(uacr) > 1000", [{"hiv": "maybe"}, {"hiv": "yes"}]),
        ("latest(triglycerides) > latest(ldl)", [{"triglycerides": "<5", "ldl": "3"}, {"triglycerides": "3", "ldl": "<5"}]),
        ('latest(nyha) == "III" or not latest(nyha) >= "III"', [{"nyha": "2..3"}, {"nyha": "2..4"}]),
    ],
)
def test_none_stands_for_another_of_whom_something_else_is_known(rule: str, patients: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Told apart by a settled part, by which of two values is known in part, by the farther end."""
    made, who = protocol(C=("exclusion", "any", rule)), [patient(**{name: f"{text} @1d" for name, text in each.items()}) for each in patients]
    columns = columns_for(who, "uacr") if "uacr" in rule else columns_for(who)
    held = found(made, who, columns)
    monkeypatch.setattr(module, "distinct_rows", lambda columns, patients: (np.arange(patients), np.arange(patients)))
    assert found(made, who, columns) == held
    assert held.tally.undetermined == 2


@pytest.mark.parametrize(("make", "scenarios"), [(drawn, (AS_WRITTEN,)), (clinic, SCENARIOS)])
def test_one_stands_for_all_of_whom_the_same_is_known(
    make: Callable[[], Workbench], scenarios: tuple[Scenario, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make()
    overviews = [bench.overview(each) for each in scenarios]
    held, looked_at = [gaps(bench.screener, each) for each in overviews], []

    def everybody(columns: list[NDArray[np.int64]], patients: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        looked_at.append((patients, len(distinct_rows(columns, patients)[1])))
        return np.arange(patients), np.arange(patients)

    monkeypatch.setattr(module, "distinct_rows", everybody)
    assert [gaps(bench.screener, each) for each in overviews] == held
    assert [patients for patients, _ in looked_at] == [each.tally.undetermined for each in held]
    assert all(kinds < patients for patients, kinds in looked_at)
