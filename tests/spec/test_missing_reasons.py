"""Why patients are UNKNOWN, by what they lack."""

from __future__ import annotations

import pytest
from oracle.both import protocol_of
from oracle.patients import INDEX, cohort, columns_for, patient
from spec.tables import rows

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.protocol import Protocol, builtin_protocol
from feasibility.scenario import AS_WRITTEN, with_value
from feasibility.screening.reasons import Lack, MissingReasons, missing_reasons, missing_reasons_along
from feasibility.screening.screen import Screener
from feasibility.variables import builtin_catalogue

PROTEINURIA = ("latest(uacr) > 1000", "lowest(urine_protein_24h, last=2, apart=7) >= 3.5")
PEOPLE = """
 patient | uacr  | protein
 1       | 2000  | 4 @1d; 4 @9d     # passes: not among the UNKNOWN
 2       |       | 4 @1d; 4 @9d     # lacks only UACR
 3       |       |                  # lacks both
 4       | <1500 | 4 @1d; 4 @9d     # censored: lacks none
 5       | 2000  | 4 @1d            # one collection of two: lacks none
 6       | 500   |                  # fails
 7       |       | 4 @1d            # lacks UACR; of protein there is a record
"""


def reasons(protocol: Protocol, *patients: dict[str, str | int], columns: tuple[str, ...] = ()) -> MissingReasons | None:
    made = [patient(**each) for each in patients]  # type: ignore[arg-type]  # covered_days is a number, the records are texts
    return missing_reasons(Screener(cohort(made, columns_for(made, *columns))), protocol, AS_WRITTEN, "C")


EXPOSURES = [("iv_antibiotic", "E11.iv_window", (0, 1, 60)), ("other_trial", "E12.trial_window", (0, 1, 12))]


@pytest.mark.parametrize(("event", "parameter", "stops"), EXPOSURES)
def test_an_exposure_of_which_no_end_is_known_is_found_at_each_stop_of_its_window(event: str, parameter: str, stops: tuple[float, ...]) -> None:
    made, protocol = [patient(**{event: "yes @2d"})], builtin_protocol()
    screener, criterion = Screener(cohort(made, columns_for(made, event))), parameter.partition(".")[0]
    scenarios = {float(stop): with_value(protocol, AS_WRITTEN, parameter, stop) for stop in stops}
    along = list(missing_reasons_along(screener, screener.screen(protocol, AS_WRITTEN), criterion, parameter, scenarios))
    assert along == [missing_reasons(screener, protocol, scenario, criterion) for scenario in scenarios.values()]
    assert any(each.unknown for each in along) == (event == "iv_antibiotic")  # a trial without an end counts by its start


def test_by_hand() -> None:
    people = [{"uacr": row["uacr"], "urine_protein_24h": row["protein"]} for row in rows(PEOPLE)]
    found = reasons(protocol_of(*PROTEINURIA), *people, columns=("uacr", "urine_protein_24h"))
    assert found == MissingReasons(5, (Lack("uacr", 3, 2), Lack("urine_protein_24h", 1, 0)), no_column=0, left_by_rule=0, known_in_part=1, fewer=1)


FEWER = """
 protein                      | is
 4 @1d                        | fewer
 4 @1d; 4 @7d                 | fewer
 4 @1d; 4 @90d                | fewer
 4 @1d; 4 @40d                | fewer
 4 @1d; 4 @9d                 | known
 >3 @1d; 4 @9d                | known in part
 >3 @1d                       | fewer
 3 @1d                        | known
 ? @1d; 4 @9d                 | fewer
"""


def test_fewer_values_than_asked_for_are_told_from_those_known_in_part() -> None:
    """Too few, too near to each other, one too far from the other, one outside the window; not where one settles it."""
    protocol = protocol_of('lowest(urine_protein_24h, last=2, apart=7, span=30, within="60 days") >= 3.5')
    for row in rows(FEWER):
        told = {"fewer": MissingReasons(1, (), 0, 0, 0, fewer=1), "known in part": MissingReasons(1, (), 0, 0, 1), "known": MissingReasons(0, (), 0, 0, 0)}
        assert reasons(protocol, {"urine_protein_24h": row["protein"]}) == told[row["is"]], row
    dated = b"id,urine_protein_24h_g_24h,urine_protein_24h_date,urine_protein_24h_2_g_24h,urine_protein_24h_2_date\na,4,2026-01,4,2026-01-09\n"
    found = missing_reasons(Screener(load_cohort("f.csv", dated, index_date=INDEX)), protocol, AS_WRITTEN, "C")
    assert found == MissingReasons(1, (), 0, 0, known_in_part=1), "it may be a week from the other"
    assert wording.reasons(MissingReasons(4, (), 0, 0, 0, fewer=3), builtin_catalogue(), int)[0][0] == "fewer values than asked for"


def test_of_one_value_a_patient_there_are_fewer_than_two() -> None:
    one_each = load_cohort("f.csv", b"id,urine_protein_24h_g_24h\na,4\nb,3\nc,\n")
    found = missing_reasons(Screener(one_each), protocol_of("lowest(urine_protein_24h, last=2) >= 3.5"), AS_WRITTEN, "C")
    assert found == MissingReasons(2, (Lack("urine_protein_24h", 1, 1),), 0, 0, 0, fewer=1)


def test_fewer_values_are_no_reason_where_one_settles_the_limb() -> None:
    protocol = protocol_of("lowest(urine_protein_24h, last=2) > 3.5", "latest(potassium) > 5.5", role="exclusion")
    found = reasons(protocol, {"urine_protein_24h": "3 @1d", "potassium": "<6"}, {"urine_protein_24h": "4 @1d", "potassium": "<6"})
    assert found == MissingReasons(2, (), 0, 0, known_in_part=1, fewer=1)


def test_a_value_outside_the_window_is_told_from_none() -> None:
    protocol = protocol_of('latest(uacr, within="30 days") > 1000', "latest(potassium) < 5.5")
    people = [{"uacr": each} for each in ("2000 @30d", "2000 @31d", "? @2d", "500 @400d; 700 @90d")]
    found = reasons(protocol, *({**each, "potassium": "4 @1d"} for each in people))
    assert found == MissingReasons(3, (Lack("uacr", 3, 3, 2),), 0, 0, 0)
    assert wording.reasons(found, builtin_catalogue(), int) == (("no UACR in the window", "3 of the 3 unknown; 2 have one outside it; 3 lack only this"),)


@pytest.mark.parametrize("rule", ["occurred(cerebral_infarction, where=stroke_deficits > 0)", "occurred(cerebral_infarction) and latest(nyha) >= 3"])
def test_what_a_clause_also_asks_and_the_file_has_no_column_for(rule: str) -> None:
    """Nothing is known in part of who had the event, when it is what else is asked that no column tells; with the column that is what is lacking."""
    protocol, asked = protocol_of(rule, role="exclusion"), "nyha" if "nyha" in rule else "stroke_deficits"
    people = [{"cerebral_infarction": each} for each in ("@5d", "no", "@9d")]
    assert reasons(protocol, *people) == MissingReasons(2, (), no_column=2, left_by_rule=0, known_in_part=0)
    told = [{"nyha": "2 @1d"}, {}, {}] if asked == "nyha" else [{"cerebral_infarction": "@5d stroke_deficits=0"}, {}, {}]
    found = reasons(protocol, *({**each, **more} for each, more in zip(people, told, strict=True)))
    assert found == MissingReasons(1, (Lack(asked, 1, 1),), no_column=0, left_by_rule=0, known_in_part=0)


TRIALS = b"""id,other_trial,other_trial_date,potassium_mmol_l
no date,yes,,4
of the other limb it is not known whether it is failed,no,,<6
date known in part,yes,2025,4
fails,yes,2025-12-01,4
fails by the other limb,yes,,6
"""


def test_an_event_without_a_date_is_told_from_what_is_known_in_part() -> None:
    loaded = load_cohort("f.csv", TRIALS, index_date=INDEX)
    protocol = protocol_of('occurred(other_trial, before="3 months")', "latest(potassium) > 5.5", role="exclusion", join="any")
    found = missing_reasons(Screener(loaded), protocol, AS_WRITTEN, "C")
    assert found == MissingReasons(3, (), no_column=0, left_by_rule=0, known_in_part=2, undated=1)
    assert wording.reasons(found, builtin_catalogue(), int)[0] == (
        "recorded without a date", "1 of the 3 unknown: an event is recorded, not when it was, and the clause asks for it within a window",
    )  # fmt: skip
    ever = missing_reasons(Screener(loaded), protocol_of("occurred(other_trial)", "latest(potassium) > 5.5", role="exclusion", join="any"), AS_WRITTEN, "C")
    assert ever is not None
    assert ever.undated == 0, "it is not asked when"


def test_an_event_without_a_date_is_no_reason_where_another_settles_the_matter() -> None:
    trials = b"patient_id,event,start,end\na,other_trial,,\na,other_trial,2025-12-01,2026-01-20\n"
    loaded = load_cohort("f.csv", b"patient_id,potassium_mmol_l\na,<6\n", events=("e.csv", trials), index_date=INDEX)
    protocol = protocol_of('occurred(other_trial, before="3 months") and latest(potassium) > 5.5', role="exclusion")
    assert missing_reasons(Screener(loaded), protocol, AS_WRITTEN, "C") == MissingReasons(1, (), 0, 0, known_in_part=1, undated=0)


def test_a_limb_that_is_settled_asks_for_nothing() -> None:
    """Without the viral load, but surface antigen negative: that is not why the patient is UNKNOWN."""
    protocol = protocol_of('latest(hbsag) == "positive" and latest(hbv_dna) > 20', "latest(potassium) > 5.5", role="exclusion")
    people = [{"hbsag": "negative"}, {"hbsag": "positive", "potassium": "4"}, {"hbsag": "negative", "potassium": "4"}]
    found = reasons(protocol, *people, columns=("hbsag", "hbv_dna", "potassium"))
    assert found == MissingReasons(2, (Lack("hbv_dna", 1, 1), Lack("potassium", 1, 1)), 0, 0, 0)


def test_no_record_means_no_where_the_feed_covers_the_window() -> None:
    protocol = protocol_of('occurred(cerebral_infarction, within="30 days")', role="exclusion")
    people: list[dict[str, str | int]] = [{"covered_days": 10}, {"covered_days": 400}, {"covered_days": 400, "cerebral_infarction": "maybe @5d"}]
    assert reasons(protocol, *people) == MissingReasons(2, (Lack("cerebral_infarction", 1, 1),), no_column=0, left_by_rule=0, known_in_part=1)


def test_where_nobody_is_unknown_and_where_nothing_is_assessed() -> None:
    assert reasons(protocol_of("uacr > 1000"), {"uacr": "2000"}) == MissingReasons(0, (), 0, 0, 0)
    assert reasons(protocol_of("uacr > 1000"), {"hba1c": "7"}) is None


def test_an_alternative_without_a_column_lacks_nothing() -> None:
    """It might have been met: UNKNOWN, though all that is asked of the file is there."""
    found = reasons(protocol_of("uacr > 1000", "hba1c < 9", join="any"), {"uacr": "200"}, {"uacr": "<2000"})
    assert found == MissingReasons(2, (), no_column=1, left_by_rule=0, known_in_part=1)


def test_what_the_rule_takes_for_possible_is_left_open_by_the_rule() -> None:
    """Also where one of two limbs is; not where a value known in part would leave it open in any case."""
    protocol = protocol_of("hba1c < 9", "uacr > 1000 or possible(latest(potassium) > 5)")
    people = [
        {"hba1c": "7", "uacr": "500", "potassium": "6"},
        {"hba1c": "7", "uacr": "<1500", "potassium": "4"},
        {"hba1c": "7", "uacr": "<1500", "potassium": "6"},
        {"hba1c": "<12", "uacr": "500", "potassium": "6"},
        {"hba1c": "7", "uacr": "500", "potassium": "4"},
    ]
    assert reasons(protocol, *people) == MissingReasons(4, (), no_column=0, left_by_rule=2, known_in_part=2)
