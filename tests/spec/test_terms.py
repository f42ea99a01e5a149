"""Windows and statistics: which records a rule looks at, and what it makes of them."""

from __future__ import annotations

import pytest
from oracle.both import Layout, by_judge, by_product, judged, number, rule, screened, verdicts
from oracle.judge import NAMES
from oracle.patients import columns_for, patient, span
from spec.tables import by_name

from feasibility.cohort import Undated
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN, with_reading
from feasibility.variables import MissingPolicy

# `within` is closed at both ends, `before` leaves the index date out.
WINDOWS = """
 index date | sample     | window      | within | before
 2026-01-31 | 2026-01-31 | 30 days     | in     | out
 2026-01-31 | 2026-01-30 | 30 days     | in     | in
 2026-01-31 | 2026-01-01 | 30 days     | in     | in
 2026-01-31 | 2025-12-31 | 30 days     | out    | out
 2026-01-31 | 2026-02-01 | 30 days     | out    | out     # after the index date
 2026-01-31 | 2026-01-31 | 0 days      | in     | out
 2026-01-31 | 2026-01-30 | 0 days      | out    | out
 2025-03-31 | 2025-02-28 | 1 months    | in     | in      # month ends saturate
 2025-03-31 | 2025-02-27 | 1 months    | out    | out
 2024-03-31 | 2024-02-29 | 1 months    | in     | in
 2024-03-31 | 2024-02-28 | 1 months    | out    | out
 2025-03-28 | 2025-02-28 | 1 months    | in     | in
 2025-08-31 | 2025-02-28 | 6 months    | in     | in
 2025-08-31 | 2025-02-27 | 6 months    | out    | out
 2024-08-31 | 2024-02-29 | 6 months    | in     | in
 2024-08-31 | 2024-02-28 | 6 months    | out    | out
 2025-08-30 | 2025-02-28 | 6 months    | in     | in
 2025-02-28 | 2024-08-28 | 6 months    | in     | in
 2025-02-28 | 2024-08-27 | 6 months    | out    | out
 2025-04-30 | 2025-03-30 | 1 months    | in     | in
 2025-04-30 | 2025-03-29 | 1 months    | out    | out
 2024-02-29 | 2023-02-28 | 1 years     | in     | in      # no 29 February a year before
 2024-02-29 | 2023-02-27 | 1 years     | out    | out
 2025-02-28 | 2024-02-28 | 1 years     | in     | in
 2025-02-28 | 2024-02-29 | 1 years     | in     | in
 2026-01-31 | 2016-01-31 | 10 years    | in     | in
 2026-01-31 | 2016-01-30 | 10 years    | out    | out
 2026-01-31 | 1950-01-01 | inf days    | in     | in
 2026-01-31 | 2026-01-31 | inf months  | in     | out
"""


@pytest.mark.parametrize(("index", "sample", "window", "within", "before"), by_name(WINDOWS))
def test_windows(index: str, sample: str, window: str, within: str, before: str) -> None:
    length, unit = window.split()
    parameters = {"w": number(float(length), unit)}
    day = span(index)[0]
    for setting, expected in (("within", within), ("before", before)):
        someone = patient(index=day, uacr=f"5 @{sample}", cerebral_infarction=f"yes @{sample}")
        # In the window the value is seen; out of it nothing is known, or (an event with policy absent) it did not happen.
        assert verdicts(f"latest(uacr, {setting}=w) == 5", someone, parameters=parameters) == {"TRUE" if expected == "in" else "UNKNOWN"}
        assert verdicts(f"occurred(cerebral_infarction, {setting}=w)", someone, parameters=parameters) == {"TRUE" if expected == "in" else "FALSE"}


@pytest.mark.parametrize(("sample", "seen"), [("0d", True), ("9999d", True), ("-1d", False)])
def test_without_a_window_everything_up_to_the_index_date_counts(sample: str, seen: bool) -> None:
    someone = patient(uacr=f"5 @{sample}", cerebral_infarction=f"@{sample}")
    assert verdicts("latest(uacr) == 5", someone) == {"TRUE" if seen else "UNKNOWN"}
    assert verdicts("occurred(cerebral_infarction)", someone) == {"TRUE" if seen else "FALSE"}


# The limit is 3.5; collections at least 7 days apart, taken from the latest backwards.
LAST_TWO = """
 collections                          | lowest >= 3.5 | highest >= 3.5 | mean >= 3.5
 4.0 @2d; 3.6 @20d                    | TRUE          | TRUE           | TRUE
 4.0 @2d; 3.4 @20d                    | FALSE         | TRUE           | TRUE
 3.5 @2d; 3.5 @9d                     | TRUE          | TRUE           | TRUE     # exactly 7 days, exactly 3.5
 4.0 @2d; 3.4 @8d                     | UNKNOWN       | TRUE           | UNKNOWN  # 6 days apart: no second collection
 4.0 @2d; 3.4 @8d; 3.6 @9d            | TRUE          | TRUE           | TRUE     # the one between is passed over
 4.0 @2d; 3.0 @5d; 3.6 @12d; 1.0 @30d | TRUE          | TRUE           | TRUE     # only the last two
 4.0 @2d                              | UNKNOWN       | TRUE           | UNKNOWN  # one that passes leaves it open
 3.0 @2d                              | FALSE         | UNKNOWN        | UNKNOWN  # one that fails settles it
 <3.5 @2d; 4.0 @20d                   | UNKNOWN       | TRUE           | UNKNOWN
 <3.4 @2d; 4.0 @20d                   | FALSE         | TRUE           | UNKNOWN
 >5 @2d; 4.0 @20d                     | TRUE          | TRUE           | TRUE
 ? @2d; 4.0 @9d; 3.8 @20d             | TRUE          | TRUE           | TRUE     # a blank is no collection
 4.0 @-3d; 3.9 @2d; 3.8 @20d          | TRUE          | TRUE           | TRUE     # one after the index date is not looked at
 4.0 @2d; 1.0 @400d                   | UNKNOWN       | TRUE           | UNKNOWN  # out of the window
                                      | UNKNOWN       | UNKNOWN        | UNKNOWN
"""


@pytest.mark.parametrize(("collections", "lowest", "highest", "mean"), by_name(LAST_TWO))
def test_the_last_two_so_many_days_apart(collections: str, lowest: str, highest: str, mean: str) -> None:
    someone = patient(urine_protein_24h=collections)
    for statistic, expected in (("lowest", lowest), ("highest", highest), ("mean", mean)):
        text = f'{statistic}(urine_protein_24h, last=2, apart=7, within="365 days") >= 3.5'
        assert verdicts(text, someone, "urine_protein_24h") == {expected}, statistic


# Two of three: the second highest of the last three.
TWO_OF_THREE = """
 collections                   | 2 of 3 >= 3.5 | 3 of 3 >= 3.5 | 1 of 3 >= 3.5
 4.0 @2d; 3.0 @20d; 3.6 @40d   | TRUE          | FALSE         | TRUE
 4.0 @2d; 3.0 @20d; 3.0 @40d   | FALSE         | FALSE         | TRUE
 4.0 @2d; 4.0 @20d             | TRUE          | UNKNOWN       | TRUE     # the third cannot change it
 4.0 @2d; 3.0 @20d             | UNKNOWN       | FALSE         | TRUE
 3.0 @2d; 3.0 @20d             | FALSE         | FALSE         | UNKNOWN
 4.0 @2d                       | UNKNOWN       | UNKNOWN       | TRUE
 3.0 @2d                       | UNKNOWN       | FALSE         | UNKNOWN
                               | UNKNOWN       | UNKNOWN       | UNKNOWN
"""


@pytest.mark.parametrize(("collections", "two", "three", "one"), by_name(TWO_OF_THREE))
def test_rank(collections: str, two: str, three: str, one: str) -> None:
    someone = patient(urine_protein_24h=collections)
    for rank, expected in ((2, two), (3, three), (1, one)):
        assert verdicts(f"highest(urine_protein_24h, last=3, rank={rank}, apart=7) >= 3.5", someone, "urine_protein_24h") == {expected}, rank
        # The k-th highest of three is the (4 − k)-th lowest.
        assert verdicts(f"lowest(urine_protein_24h, last=3, rank={4 - rank}, apart=7) >= 3.5", someone, "urine_protein_24h") == {expected}, rank


# Over 100 days; the value is written where the statistic is exactly known.
STATISTICS = """
 values                      | latest | earliest | lowest | highest | mean | median | geometric_mean
 1 @1d; 4 @2d; 16 @3d        | 1      | 16       | 1      | 16      | 7    | 4      | 4
 16 @1d; 4 @2d               | 16     | 4        | 4      | 16      | 10   | 10     | 8
 5 @1d                       | 5      | 5        | 5      | 5       | 5    | 5      | 5
 5 @1d; 1 @101d              | 5      | 5        | 5      | 5       | 5    | 5      | 5
 1 @1d; 2 @2d; 3 @3d; 100 @4d| 1      | 100      | 1      | 100     | 26.5 | 2.5    | 4.949232
 <2 @1d; 4 @2d               | ?      | 4        | ?      | 4       | ?    | ?      | ?
                             | ?      | ?        | ?      | ?       | ?    | ?      | ?
"""


@pytest.mark.parametrize("row", by_name(STATISTICS))
def test_statistics_in_a_window(row: tuple[str, ...]) -> None:
    values, *expected = row
    someone = patient(uacr=values)
    for statistic, exact in zip("latest earliest lowest highest mean median geometric_mean".split(), expected, strict=True):
        text = f'{statistic}(uacr, within="100 days") == {exact if exact != "?" else 1.5}'
        assert verdicts(text, someone, "uacr") == {"UNKNOWN" if exact == "?" else "TRUE"}, statistic


def test_a_blank_value_in_a_record_is_no_value() -> None:
    """A visit at which only the diastolic pressure was taken says nothing of the systolic."""
    someone = patient(blood_pressure="dbp=90 @1d; sbp=150 dbp=95 @5d; sbp=170 @9d")
    assert verdicts("latest(sbp) == 150", someone) == {"TRUE"}
    assert verdicts("latest(dbp) == 90", someone) == {"TRUE"}
    assert verdicts("median(sbp) == 160", someone) == {"TRUE"}
    assert verdicts("mean(sbp) == 160", someone) == {"TRUE"}
    assert verdicts("lowest(sbp) == 150", someone) == {"TRUE"}
    assert verdicts("earliest(dbp) == 95", someone) == {"TRUE"}
    assert verdicts("lowest(sbp, last=2) == 150", someone) == {"TRUE"}


# Dates known in part: the value may or may not be in the window, or may or may not be the latest. Index date 2026-01-31.
PARTIAL = """
 values                            | latest(uacr, within="60 days") > 3 | lowest(uacr, within="60 days") > 3 | highest(uacr, within="60 days") > 3
 5 @2025-12                        | UNKNOWN                            | UNKNOWN                            | UNKNOWN
 5 @2026-01                        | TRUE                               | TRUE                               | TRUE
 1 @2025-12                        | UNKNOWN                            | UNKNOWN                            | UNKNOWN
 5 @2026-01-20; 4 @2025-12         | TRUE                               | TRUE                               | TRUE
 5 @2026-01-20; 1 @2025-12         | TRUE                               | UNKNOWN                            | TRUE
 1 @2026-01-20; 5 @2025-12         | FALSE                              | FALSE                              | UNKNOWN
 5 @2026-01-20; 1 @2026-01         | UNKNOWN                            | FALSE                              | TRUE
 5 @2026-01-20; 4 @2026-01         | TRUE                               | TRUE                               | TRUE
 5 @2026-01-20; 1 @2025            | TRUE                               | UNKNOWN                            | TRUE
"""


@pytest.mark.parametrize(("values", "latest", "lowest", "highest"), by_name(PARTIAL))
def test_partial_dates(values: str, latest: str, lowest: str, highest: str) -> None:
    someone = patient(uacr=values)
    for statistic, expected in (("latest", latest), ("lowest", lowest), ("highest", highest)):
        assert verdicts(f'{statistic}(uacr, within="60 days") > 3', someone) == {expected}, statistic


COUNTS = """
 E11 records                   | >= 2    | >= 1
 @10d; @200d                   | TRUE    | TRUE
 @10d                          | FALSE   | TRUE
 @10d; @400d                   | FALSE   | TRUE      # one of them out of the window
 @10d; maybe @20d              | UNKNOWN | TRUE
 @10d; @2025-01                | UNKNOWN | TRUE      # perhaps in the window
                               | FALSE   | FALSE     # policy absent
"""


@pytest.mark.parametrize(("records", "two", "one"), by_name(COUNTS))
def test_counts(records: str, two: str, one: str) -> None:
    someone = patient(t2dm=records)
    assert verdicts('count(t2dm, within="365 days") >= 2', someone, "t2dm", layouts=[Layout.LONG]) == {two}
    assert verdicts('count(t2dm, within="365 days") >= 1', someone, "t2dm", layouts=[Layout.LONG]) == {one}


FLAGS = """
 t2dm in a column of its own   | >= 2    | >= 1    | < 2
 yes                           | UNKNOWN | TRUE    | UNKNOWN   # it happened; how often the column cannot say
 no                            | FALSE   | FALSE   | TRUE
 maybe                         | UNKNOWN | UNKNOWN | UNKNOWN
 ?                             | FALSE   | FALSE   | TRUE      # policy absent
 yes @10d                      | UNKNOWN | TRUE    | UNKNOWN
 yes @400d                     | FALSE   | FALSE   | TRUE      # out of the window
 yes @2025-01                  | UNKNOWN | UNKNOWN | UNKNOWN   # perhaps in the window
"""


@pytest.mark.parametrize(("flag", "two", "one", "fewer"), by_name(FLAGS))
def test_one_row_a_patient_says_that_an_event_happened_and_not_how_often(flag: str, two: str, one: str, fewer: str) -> None:
    for comparison, expected in ((">= 2", two), (">= 1", one), ("< 2", fewer)):
        said = verdicts(f'count(t2dm, within="365 days") {comparison}', patient(t2dm=flag), "t2dm", layouts=[Layout.WIDE])
        assert said == {expected}, comparison


def test_a_measurement_in_a_column_of_its_own_is_one_record() -> None:
    assert verdicts("count(uacr) >= 2", patient(uacr="300"), layouts=[Layout.WIDE]) == {"FALSE"}


def test_neither_type_of_diabetes_leads_where_both_are_flags() -> None:
    """Repeated codes are asked of a file that has none: it fails nobody who has the diagnosis, and whoever has both may have either more often."""
    protocol = builtin_protocol()
    people = [patient(t2dm="yes", t1dm="no"), patient(t2dm="yes", t1dm="yes"), patient(t2dm="no", t1dm="yes"), patient(t2dm="no", t1dm="no")]
    expected = {"diagnosis": {Layout.LONG: [2, 2, 0, 0], Layout.WIDE: [2, 1, 0, 0]}, "repeated": {Layout.LONG: [0, 0, 0, 0], Layout.WIDE: [1, 1, 0, 0]}}
    for reading, by_layout in expected.items():
        for layout, outcomes in by_layout.items():
            columns, scenario = columns_for(people, wide=layout is Layout.WIDE), with_reading(protocol, AS_WRITTEN, "I2", reading)
            for by in (screened, judged):
                assert by(protocol, people, columns, scenario)["I2"] == outcomes, (reading, layout)


AT = """
 participation     | at="start" | at="end" | at="later"   # within 90 days
 @30d              | TRUE       | TRUE     | TRUE
 @200d..30d        | FALSE      | TRUE     | TRUE
 @200d..100d       | FALSE      | FALSE    | FALSE
 @200d..0d         | FALSE      | TRUE     | TRUE
 @200d..-30d       | FALSE      | TRUE     | TRUE          # still going on: what it did later is the future
 @200d..now        | FALSE      | TRUE     | TRUE
 @-5d..-30d        | FALSE      | FALSE    | FALSE         # not begun
 @200d             | FALSE      | UNKNOWN  | FALSE         # the end is not known; "later" counts a recorded one only
"""


@pytest.mark.parametrize(("participation", "start", "end", "later"), by_name(AT))
def test_which_date_of_an_event_counts(participation: str, start: str, end: str, later: str) -> None:
    someone = patient(malignancy=participation)
    for at, expected in (("start", start), ("end", end), ("later", later)):
        assert verdicts(f'occurred(malignancy, within="90 days", at="{at}")', someone) == {expected}, at


# Only the patient's first event, within 90 days.
FIRST = """
 diagnoses         | first
 @30d              | TRUE
 @200d             | FALSE
 @30d; @10d        | TRUE
 @200d; @30d       | FALSE      # not the first
 no @200d; @30d    | TRUE
 maybe @200d; @30d | UNKNOWN
 @100~80d          | UNKNOWN
                   | FALSE
"""


@pytest.mark.parametrize(("diagnoses", "first"), by_name(FIRST))
def test_the_first_event_alone(diagnoses: str, first: str) -> None:
    assert verdicts('occurred(malignancy, within="90 days", at="first")', patient(malignancy=diagnoses), "malignancy") == {first}


# Both above 5.5, at least 3 days apart, the earlier within 30 days of the latest.
SPAN = """
 potassium                  | both high
 5.8 @1d; 5.6 @10d          | TRUE
 5.8 @1d; 5.6 @31d          | TRUE
 5.8 @1d; 5.6 @32d          | UNKNOWN
 5.4 @1d; 5.6 @32d          | FALSE
 5.8 @1d; 5.7 @2d; 5.6 @40d | UNKNOWN
"""


@pytest.mark.parametrize(("potassium", "both_high"), by_name(SPAN))
def test_the_last_two_within_a_span(potassium: str, both_high: str) -> None:
    assert verdicts("lowest(potassium, last=2, apart=3, span=30) > 5.5", patient(potassium=potassium)) == {both_high}


UNDATED = """
 meaning | occurred(t2dm, within="6 months") | occurred(t2dm)
 ever    | UNKNOWN                           | TRUE            # at some time before the index date
 within  | TRUE                              | TRUE            # confirmed to lie within the window asked for
"""


@pytest.mark.parametrize(("meaning", "windowed", "unbounded"), by_name(UNDATED))
def test_events_without_dates(meaning: str, windowed: str, unbounded: str) -> None:
    someone, nobody = patient(t2dm="yes"), patient(t2dm="no")
    columns = columns_for([someone], undated={"t2dm": Undated(meaning)})
    for text, expected in (('occurred(t2dm, within="6 months")', windowed), ("occurred(t2dm)", unbounded)):
        assert [NAMES[held] for held in by_product(rule(text), [someone, nobody], columns)] == [expected, "FALSE"]
        assert [NAMES[held] for held in by_judge(rule(text), [someone, nobody], columns)] == [expected, "FALSE"]


def test_a_measurement_without_dates_is_current() -> None:
    assert verdicts('latest(uacr, within="28 days") == 5', patient(uacr="5")) == {"TRUE"}


def test_a_geometric_mean_is_never_below_zero_whoever_else_is_there() -> None:
    """Of a single value too, of which only a limit is known: by the geometric mean it lies between 0 and the limit."""
    assert verdicts("geometric_mean(uacr) >= 0", patient(uacr="<300")) == {"TRUE"}


NO_LIMIT = """
 rule                              | value 5 | missing     # a parameter without limit asks nothing of anybody
 latest(uacr) < cap                | TRUE    | TRUE
 latest(uacr) <= cap               | TRUE    | TRUE
 latest(uacr) >= cap               | FALSE   | FALSE
 cap > latest(uacr)                | TRUE    | TRUE
 cap >= latest(uacr)               | TRUE    | TRUE
 latest(uacr) > floor              | TRUE    | TRUE
 floor < latest(uacr)              | TRUE    | TRUE
 latest(uacr) < floor              | FALSE   | FALSE
 3 <= latest(uacr) <= cap          | TRUE    | UNKNOWN
"""


@pytest.mark.parametrize(("text", "with_value", "without"), by_name(NO_LIMIT))
@pytest.mark.parametrize("policy", ["unknown", "absent"])
def test_a_threshold_without_limit(text: str, with_value: str, without: str, policy: str) -> None:
    parameters = {"cap": number(float("inf"), "mg/g"), "floor": number(float("-inf"), "mg/g")}
    policies = {"uacr": MissingPolicy(policy)}
    assert verdicts(text, patient(uacr="5 @1d"), parameters=parameters, policies=policies) == {with_value}
    expected = "FALSE" if policy == "absent" and without == "UNKNOWN" else without
    assert verdicts(text, patient(), "uacr", parameters=parameters, policies=policies) == {expected}


def test_a_measurement_is_counted_whatever_its_value() -> None:
    """A count is of records: 0.4 and <100 are values as well as any."""
    someone = patient(uacr="<100 @1d; 0.4 @9d")
    assert verdicts("count(uacr) >= 2", someone) == {"TRUE"}
    assert verdicts("count(uacr) >= 3", someone) == {"FALSE"}


# "yes" stands for one to three deficits, "no" for none.
NAMED_SPANS = """
 deficits | is yes  | is no
 2        | TRUE    | FALSE
 1        | TRUE    | FALSE
 0        | FALSE   | TRUE
 yes      | TRUE    | FALSE
 no       | FALSE   | TRUE
 ?        | UNKNOWN | UNKNOWN
"""


@pytest.mark.parametrize(("deficits", "is_yes", "is_no"), by_name(NAMED_SPANS))
def test_a_named_value_may_stand_for_a_span_of_numbers(deficits: str, is_yes: str, is_no: str) -> None:
    someone = patient(cerebral_infarction=f"@30d stroke_deficits={deficits}")
    for word, expected in (("yes", is_yes), ("no", is_no)):
        assert verdicts(f'occurred(cerebral_infarction, where=stroke_deficits == "{word}")', someone) == {expected}
