"""How near to a threshold the eligible lie, and how many would pass again."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
import pytest
from oracle.both import protocol_of
from oracle.judge import ckd_epi
from oracle.patients import Patient, patient
from spec.test_count_tables import workbench

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.parameters import Number
from feasibility.protocol import builtin_protocol, read_protocol
from feasibility.results.noise import Noise, noise
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value
from feasibility.synthetic import wide
from feasibility.variables import WithinPerson, builtin_catalogue

UACR = 'p = { value = 1000, min = 100, max = 3000, step = 10, unit = "mg/g", label = "p", loosens = "down", unbounded = "down" }'
HBA1C = 'p = { value = 9, min = 7, max = 12, step = 0.1, unit = "%", label = "p", loosens = "up" }'
S = math.sqrt(math.log(1 + 0.49**2))  # 0.4639: within a factor of 1.59


def of(rule: str, limit: str, patients: list[Patient]) -> Noise:
    found = noise(workbench(protocol_of(rule, parameters=limit), patients), AS_WRITTEN, "C.p")
    assert found is not None
    return found


def uacr(*values: str) -> list[Patient]:
    return [patient(uacr=value) for value in values]


def test_near_a_threshold() -> None:
    """1000 times 1.590 is 1590: of those beyond, that far is near. Whose value is known in part passes, but how near is not known."""
    found = of("uacr >= p", UACR, uacr("1000", "1300", "1580", "1600", "5000", ">2000", "900", "?"))
    assert (found.eligible, found.beyond, found.near) == (6, 5, 3)
    assert (found.threshold, found.computed, list(found.measured)) == (1000, False, ["uacr"])
    assert (found.measured["uacr"].cv, found.measured["uacr"].verified) == (0.49, True)


def test_below_a_threshold() -> None:
    """HbA1c varies by 4 %: from 8.65 on it is near 9."""
    found = of("hba1c < p", HBA1C, [patient(hba1c=value) for value in ("8.9", "8.7", "8.6", "7", "9", "9.5")])
    assert (found.eligible, found.beyond, found.near) == (4, 4, 2)
    assert not found.measured["hba1c"].verified


SHARED = """
title = "t"
[parameters]
p = { value = 5, min = 1, max = 9, step = 0.1, unit = "mmol/L", label = "p", loosens = "up" }
"""
ONE_OF_TWO = """
[[criterion]]
id = "{0}"
role = "inclusion"
label = "{0}"
text = "{0}"
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "l"
rule = "{1} < p"
"""


def test_a_threshold_of_two_quantities_has_no_noise_of_one() -> None:
    """What passes again by the one may not by the other."""
    patients = [patient(potassium="4.9", ldl="3"), patient(potassium="4", ldl="4.9")]
    both = [SHARED + ONE_OF_TWO.format("A", "potassium") + ONE_OF_TWO.format("B", variable) for variable in ("potassium", "ldl")]
    same, other = (noise(workbench(read_protocol(text, builtin_catalogue()), patients), AS_WRITTEN, "p") for text in both)
    assert same is not None
    assert (same.beyond, same.near) == (2, 1)
    assert other is None


def normal(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2


def test_who_would_pass_again_by_hand() -> None:
    values = [500, 1200, 4000, 30000]
    found = of("uacr >= p", UACR, uacr(*map(str, values)))
    logs = [math.log(value) for value in values]
    mean = sum(logs) / 4
    variance = sum((each - mean) ** 2 for each in logs) / 4
    reliability = 1 - S**2 / variance
    spread = S * math.sqrt(1 + reliability)
    again = sum(normal((mean + reliability * (each - mean) - math.log(1000)) / spread) for each in logs[1:])
    assert found.reliability == pytest.approx(reliability)
    assert found.again == pytest.approx(again)


def test_where_all_may_be_noise_everybody_is_expected_at_the_mean() -> None:
    found = of("uacr >= p", UACR, uacr("1000", "1100", "1200"))
    mean = math.log(1000 * 1.1 * 1.2 * 1e6) / 3
    assert found.reliability == 0
    assert found.again == pytest.approx(3 * normal((mean - math.log(1000)) / S))


def test_a_repeat_as_often_drawn() -> None:
    """Of a log-normal clinic measured twice: how many of those selected by the first pass by the second."""
    rng = np.random.default_rng(11)
    level = 7.0 + 0.9 * rng.standard_normal(20_000)
    first, second = (np.round(np.exp(level + S * rng.standard_normal(len(level)))) for _ in range(2))
    found = of("uacr >= p", UACR, uacr(*(f"{value:.0f}" for value in first)))
    selected = first >= 1000
    assert found.beyond == selected.sum()
    assert found.again / found.beyond == pytest.approx((second[selected] >= 1000).mean(), abs=0.01)
    assert found.reliability == pytest.approx(0.9**2 / (0.9**2 + S**2), abs=0.01)


# Whose mean

WITH_ANOTHER = f"""
title = "t"
[parameters]
{UACR}
""" + ONE_OF_TWO.format("C", "uacr").replace("< p", ">= p") + ONE_OF_TWO.format("D", "").replace('" < p"', '"occurred(t2dm)"')


def of_two(clinic: Sequence[tuple[str, str]]) -> Noise:
    """Of patients by UACR and diabetes, who are to have both."""
    made = workbench(read_protocol(WITH_ANOTHER, builtin_catalogue()), [patient(uacr=value, t2dm=diabetes) for value, diabetes in clinic], "uacr", "t2dm")
    found = noise(made, AS_WRITTEN, "p")
    assert found is not None
    return found


def test_a_repeat_is_nearer_to_the_mean_of_those_who_pass_all_other_criteria() -> None:
    """Of a clinic of two kinds of patients, of whom the other criterion selects the one: how many of the selected pass by a second measurement."""
    rng = np.random.default_rng(12)
    diabetic = np.arange(20_000) % 4 == 0
    level = np.where(diabetic, 7.3, 4.5) + 0.6 * rng.standard_normal(len(diabetic))
    first, second = (np.round(np.exp(level + S * rng.standard_normal(len(level)))) for _ in range(2))
    found = of_two([(f"{value:.0f}", "@5d" if has else "no") for value, has in zip(first, diabetic, strict=True)])
    selected = diabetic & (first >= 1000)
    assert (found.beyond, found.reference, found.of_others) == (selected.sum(), 5000, True)
    assert found.again / found.beyond == pytest.approx((second[selected] >= 1000).mean(), abs=0.01)
    assert found.reliability == pytest.approx(0.6**2 / (0.6**2 + S**2), abs=0.02)


@pytest.mark.parametrize("passing", [29, 30])
def test_of_too_few_who_pass_all_other_criteria_the_mean_is_that_of_all(passing: int) -> None:
    """Who is unknown on another criterion does not pass it, and whose value is not exactly known has no part in a mean."""
    random = np.random.default_rng(passing)
    values = [float(f"{math.exp(random.normal(7, 0.9)):.6g}") for _ in range(100)]
    diabetes = ["@5d"] * passing + ["no"] * 40 + ["?"] * (60 - passing)
    found = of_two([*((f"{value:.6g}", has) for value, has in zip(values, diabetes, strict=False)), *[(">2000", "@5d"), ("?", "@5d")] * 5])
    of_others = passing >= 30
    people = [One(value, place < passing and value >= 1000, False, S, S**2) for place, value in enumerate(values)]
    assert (found.of_others, found.reference) == (of_others, passing if of_others else 100)
    assert by_hand(people[:passing] if of_others else people, 1000, True) == counted(found)
    assert found.eligible == found.beyond + 5


def test_the_sentence_says_at_which_value_it_holds_and_whose_mean_is_meant() -> None:
    found = replace(of("uacr >= p", UACR, uacr("1000", "1300", "5000")), reference=1234, of_others=True)
    said = wording.noise(found, builtin_catalogue())
    assert said.startswith("At 1,000 mg/g, the scenario's value: of 3 eligible patients, 2 are within one")
    assert "towards the mean, here of the 1,234 with an exactly known value who pass all other criteria. " in said
    few = wording.noise(replace(found, of_others=False), builtin_catalogue())
    assert "towards the mean, here of all 1,234 with an exactly known value, for fewer than 30 of them pass all other criteria. " in few
    hidden = [wording.noise(replace(found, reference=None, of_others=others), builtin_catalogue()) for others in (True, False)]
    assert "the mean, here of those with an exactly known value who pass all other criteria" in hidden[0]
    assert f" and {3 - round(found.again)} to fail it: a next value" in said
    assert not any("to fail it" in each for each in hidden)
    assert "the mean, here of all with an exactly known value, for few of them pass" in hidden[1]


# Patient by patient


@dataclass(frozen=True)
class One:
    """A patient whose value is known: whether it makes them eligible or they are so otherwise; their own spread and the square of it that r is made of."""

    value: float
    passes: bool
    otherwise: bool
    spread: float
    square: float


def by_hand(people: Sequence[One], threshold: float, above: bool) -> tuple[int, int, float, float]:
    """Of those who pass by their value: how many, how many near, how many again; and the reliability."""
    logs = [math.log(each.value) for each in people]
    mean = sum(logs) / len(logs)
    variance = sum((each - mean) ** 2 for each in logs) / len(logs)
    reliability = max(0.0, 1 - sum(each.square for each in people) / len(people) / variance)
    beyond = [each for each in people if each.passes]
    near, again = 0, 0.0
    for each in beyond:
        near += each.value * math.exp(-each.spread) <= threshold if above else each.value * math.exp(each.spread) >= threshold
        expected = mean + reliability * (math.log(each.value) - mean)
        chance = normal((expected - math.log(threshold)) / (each.spread * math.sqrt(1 + reliability)))
        again += chance if above else 1 - chance
    return len(beyond), near, again, reliability


def counted(found: Noise) -> tuple[int, int, float, float]:
    return found.beyond, found.near, pytest.approx(found.again, abs=1e-5), pytest.approx(found.reliability)


PASSES = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("role", ["inclusion", "exclusion"])
@pytest.mark.parametrize("compared", PASSES)
def test_a_measured_value_against_the_oracle(compared: str, role: str, seed: int) -> None:
    """Beside the threshold stands an alternative, so that a value that does not meet it, or is equal to it, may be an eligible patient's."""
    random = np.random.default_rng(seed)
    included = role == "inclusion"
    above = (compared in (">", ">=")) == included
    limit = UACR.replace('"down", unbounded = "down"', '"down"' if above else '"up"')
    join, other = ("any", "occurred(t2dm)") if included else ("all", "not occurred(t2dm)")
    edges = (1000, 1000 * math.exp(S), 1000 * math.exp(-S))
    written = [f"{random.choice(edges) if random.random() < 0.3 else math.exp(random.normal(7, 0.8)):.9g}" for _ in range(80)]
    others = [bool(random.random() < 0.3) for _ in written]
    patients = [patient(uacr=value, t2dm="@5d" if also else "no") for value, also in zip(written, others, strict=True)]
    patients += [patient(t2dm="@5d"), patient(uacr=">2000", t2dm="@5d"), patient(uacr="<500", t2dm="@5d"), patient()]
    made = workbench(protocol_of(f"uacr {compared} p", other, role=role, join=join, parameters=limit), patients, "uacr", "t2dm")
    found = noise(made, AS_WRITTEN, "C.p")
    meets = PASSES[compared]
    people = [One(float(value), meets(float(value), 1000) == included, also, S, S**2) for value, also in zip(written, others, strict=True)]
    assert found is not None
    assert by_hand(people, 1000, above) == counted(found)
    assert found.eligible == sum(each.passes or each.otherwise for each in people) + 3
    assert any(each.value == 1000 for each in people)


@pytest.mark.parametrize(("value", "near"), [("1000", 1), ("1590.24475", 1), ("1590.24476", 0), ("999", None)])
def test_exactly_one_spread_from_the_threshold(value: str, near: int | None) -> None:
    assert 1590.24475 < 1000 * math.exp(S) < 1590.24476
    found = of("uacr >= p", UACR, uacr(value, "200"))
    assert (found.beyond, found.near) == ((0, 0) if near is None else (1, near))


# Of an estimate

CR, CYS = "creatinine", "cystatin_c"
SPREADS = {CR: math.sqrt(math.log(1 + 0.06**2)), CYS: math.sqrt(math.log(1 + 0.10**2))}
SLOPES = {  # below the knot of a woman and of a man, above it
    "2021_cr": {CR: (-0.241, -0.302, -1.200)},
    "2009_cr": {CR: (-0.329, -0.411, -1.209)},
    "2012_cys": {CYS: (-0.499, -0.499, -1.328)},
    "2021_cr_cys": {CR: (-0.219, -0.144, -0.544), CYS: (-0.323, -0.323, -0.778)},
    "2012_cr_cys": {CR: (-0.248, -0.207, -0.601), CYS: (-0.375, -0.375, -0.711)},
}
KNOTS = {CR: (0.7, 0.9), CYS: (0.8, 0.8)}


def egfr_limit(value: float, above: bool) -> str:
    return f'p = {{ value = {value}, min = 10, max = 150, step = 1, unit = "mL/min/1.73m²", label = "p", loosens = "{"down" if above else "up"}" }}'


def with_cystatin(made: Workbench) -> Workbench:
    """The workbench under a catalogue that gives a variation of cystatin C."""
    catalogue = made.screener.catalogue
    given = replace(catalogue[CYS], within_person=WithinPerson(0.10, "made up", False))
    made.screener.catalogue = replace(catalogue, variables={**catalogue.variables, CYS: given})
    return made


@pytest.mark.parametrize("equation", SLOPES)
@pytest.mark.parametrize(("threshold", "above"), [(20, True), (60, False), (105, True), (105, False)])
def test_an_estimate_against_the_oracle(equation: str, threshold: float, above: bool) -> None:
    """One spread more of each concentration is put into the equation; of two, what they change adds in quadrature."""
    random = np.random.default_rng(threshold)
    people, patients = [], []
    for _ in range(200):
        levels = {name: float(f"{math.exp(random.normal(0.2, 0.7)):.3g}") for name in (CR, CYS)}
        age, female = float(random.integers(20, 80)), bool(random.random() < 0.5)
        patients.append(patient(creatinine=f"{levels[CR]}", cystatin_c=f"{levels[CYS]}", age_exact=f"{age:g}", sex="female" if female else "male"))
        value = ckd_epi(equation, levels, age, female)
        squares, changes = 0.0, []
        for name, (of_women, of_men, high) in SLOPES[equation].items():
            slope = high if levels[name] > KNOTS[name][not female] else of_women if female else of_men
            squares += (slope * SPREADS[name]) ** 2
            moved = {**levels, name: levels[name] * math.exp(SPREADS[name] if above else -SPREADS[name])}
            changes.append(math.log(ckd_epi(equation, moved, age, female) / value))
        passes = value >= threshold if above else value <= threshold
        people.append(One(value, passes, False, math.sqrt(sum(each**2 for each in changes)), squares))
    patients += [patient(creatinine="1", cystatin_c="1", age_exact="50"), patient(age_exact="50", sex="male"), patient(creatinine="1", sex="male")]
    made = workbench(protocol_of(f'egfr("{equation}") {">=" if above else "<="} p', parameters=egfr_limit(threshold, above)), patients)
    found = noise(with_cystatin(made), AS_WRITTEN, "C.p")
    assert found is not None
    assert (found.computed, list(found.measured)) == (True, list(SLOPES[equation]))
    assert by_hand(people, threshold, above) == counted(found)
    assert 0 < found.near < found.beyond < 200


def test_an_estimate_by_hand() -> None:
    """A man of 60 has 20 mL/min/1.73 m² at a creatinine of 3.3773 mg/dL (a test vector) and may have one that a spread of 6 % short of it, from 3.1805."""
    found = of('egfr("2021_cr") >= p', egfr_limit(20, True), [man("3.377"), man("3.181"), man("3.180"), man("3.378"), man("1")])
    assert (found.eligible, found.beyond, found.near) == (4, 4, 2)
    assert found.measured[CR].cv == 0.06
    assert found.measured[CR].source == "from memory"
    values = [142 * (level / 0.9) ** -1.2 * 0.9938**60 for level in (3.377, 3.181, 3.180, 3.378, 1)]
    logs = [math.log(each) for each in values]
    mean = sum(logs) / 5
    spread = 1.2 * SPREADS[CR]
    reliability = 1 - spread**2 / (sum((each - mean) ** 2 for each in logs) / 5)
    chances = [
        normal((mean + reliability * (logs[place] - mean) - math.log(20)) / (spread * math.sqrt(1 + reliability))) for place in (0, 1, 2, 4)
    ]
    assert found.reliability == pytest.approx(reliability)
    assert found.again == pytest.approx(sum(chances), abs=1e-6)


def man(creatinine: str) -> Patient:
    return patient(creatinine=creatinine, age_exact="60", sex="male")


def test_across_the_knot_the_slopes_of_both_sides_count() -> None:
    """A woman's creatinine of 0.69 lies below 0.7, 6 % more above: near is what that much more makes of the estimate, not what either slope would."""
    rate = 142 * (0.69 * math.exp(SPREADS[CR]) / 0.7) ** -1.2 * 0.9938**30 * 1.012
    woman = patient(creatinine="0.69", age_exact="30", sex="female")
    near = [of('egfr("2021_cr") >= p', egfr_limit(limit, True), [woman]).near for limit in (math.floor(rate), math.ceil(rate))]
    assert near == [0, 1]
    assert ckd_epi("2021_cr", {CR: 0.69}, 30, True) * math.exp(-0.241 * SPREADS[CR]) > math.ceil(rate) > math.floor(rate)


def test_an_estimate_from_what_no_variation_is_given_of_is_left_out() -> None:
    patients = [patient(creatinine="1", cystatin_c="1", age_exact="50", sex="male")]
    for equation in ("2012_cys", "2012_cr_cys", "2021_cr_cys"):
        made = workbench(protocol_of(f'egfr("{equation}") >= p', parameters=egfr_limit(20, True)), patients)
        assert noise(made, AS_WRITTEN, "C.p") is None
        assert noise(with_cystatin(made), AS_WRITTEN, "C.p") is not None


# Left out


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        ("uacr == p", UACR.replace(', loosens = "down"', "")),  # of no direction
        ("latest(egfr_reported) >= p", UACR.replace("mg/g", "mL/min/1.73m²")),  # no variation given
        ("age >= p", 'p = { value = 45, min = 18, max = 60, step = 1, unit = "years", label = "p", loosens = "down" }'),  # no variation given
        ("occurred(t2dm, within=p)", 'p = { value = 45, min = 18, max = 60, step = 1, unit = "days", label = "p", loosens = "up" }'),
    ],
)
def test_what_is_left_out(rule: str, limit: str) -> None:
    patients = [patient(uacr="400", egfr_reported="1200", age="50", sex="female", t2dm="@5d")]
    assert noise(workbench(protocol_of(rule, parameters=limit), patients), AS_WRITTEN, "C.p") is None


def test_a_lifted_threshold_and_a_criterion_off_have_no_noise() -> None:
    protocol = protocol_of("uacr >= p", parameters=UACR)
    made = workbench(protocol, uacr("400"))
    assert noise(made, with_value(protocol, AS_WRITTEN, "C.p", -math.inf), "C.p") is None
    assert noise(made, with_criterion_off(protocol, AS_WRITTEN, "C"), "C.p") is None


@pytest.mark.parametrize(("rule", "limit"), [("uacr >= p", UACR), ('egfr("2021_cr") >= p', egfr_limit(20, True))])
@pytest.mark.parametrize("patients", [[], [patient()]])
def test_with_nobody_and_with_nothing_known(patients: list[Patient], rule: str, limit: str) -> None:
    made = workbench(protocol_of(rule, parameters=limit), patients, "uacr", CR, "age_exact")
    found = noise(made, AS_WRITTEN, "C.p")
    assert found is not None
    assert (found.eligible, found.beyond, found.near, found.again, found.reliability) == (0, 0, 0, 0, 0)


def test_the_built_in_protocol() -> None:
    protocol = builtin_protocol()
    file = BytesIO()
    wide(600, np.random.default_rng(3)).to_parquet(file)
    workbench = Workbench(load_cohort("clinic.parquet", file.getvalue()), protocol)
    remembered = set(workbench.screener.memory.results)
    numbers = [name for name, parameter in protocol.parameters.items() if isinstance(parameter, Number)]
    found = {name: about for name in numbers if (about := noise(workbench, AS_WRITTEN, name)) is not None}
    assert list(found) == ["I4.protein_min", "I4.uacr_above", "I5.egfr_min", "I6.sbp_max", "I7.hba1c_max", "E5.tg_max", "E5.ldl_max", "E6.potassium_max"]
    assert set(workbench.screener.memory.results) == remembered
    for each in found.values():
        assert 0 <= each.near <= each.beyond <= each.eligible
        assert 0 < each.again < each.beyond
