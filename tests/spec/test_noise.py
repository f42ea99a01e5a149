"""How near to a threshold the eligible lie, and how many would pass again."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
import pytest
from oracle.both import protocol_of
from oracle.patients import Patient, patient
from spec.test_count_tables import workbench

from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.noise import Noise, noise
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value
from feasibility.synthetic import wide

UACR = 'p = { value = 1000, min = 100, max = 3000, step = 10, unit = "mg/g", label = "p", loosens = "down", unbounded = "down" }'
HBA1C = 'p = { value = 9, min = 7, max = 12, step = 0.1, unit = "%", label = "p", loosens = "up" }'
S = math.sqrt(math.log(1 + 0.49**2))  # 0.4634: within a factor of 1.59


def of(rule: str, limit: str, patients: list[Patient]) -> Noise:
    (found,) = noise(workbench(protocol_of(rule, parameters=limit), patients), AS_WRITTEN)
    return found


def uacr(*values: str) -> list[Patient]:
    return [patient(uacr=value) for value in values]


def test_near_a_threshold() -> None:
    """1000 times 1.589 is 1589: of those beyond, that far is near. Whose value is known in part passes, but how near is not known."""
    found = of("uacr >= p", UACR, uacr("1000", "1300", "1580", "1600", "5000", ">2000", "900", "?"))
    assert (found.eligible, found.beyond, found.near) == (6, 5, 3)
    assert (found.variable, found.threshold, found.within_person.cv, found.within_person.verified) == ("uacr", 1000, 0.49, True)


def test_below_a_threshold() -> None:
    """HbA1c varies by 4 %: from 8.65 on it is near 9."""
    found = of("hba1c < p", HBA1C, [patient(hba1c=value) for value in ("8.9", "8.7", "8.6", "7", "9", "9.5")])
    assert (found.eligible, found.beyond, found.near) == (4, 4, 2)
    assert not found.within_person.verified


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


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        ("uacr == p", UACR.replace(', loosens = "down"', "")),  # of no direction
        ('egfr("2021_cr") >= p', UACR.replace("mg/g", "mL/min/1.73m²")),  # computed
        ("age >= p", 'p = { value = 45, min = 18, max = 60, step = 1, unit = "years", label = "p", loosens = "down" }'),  # no variation given
        ("occurred(t2dm, within=p)", 'p = { value = 45, min = 18, max = 60, step = 1, unit = "days", label = "p", loosens = "up" }'),
    ],
)
def test_what_is_left_out(rule: str, limit: str) -> None:
    patients = [patient(uacr="400", creatinine="1", age="50", sex="female", t2dm="@5d")]
    assert noise(workbench(protocol_of(rule, parameters=limit), patients), AS_WRITTEN) == ()


def test_a_lifted_threshold_and_a_criterion_off_have_no_noise() -> None:
    protocol = protocol_of("uacr >= p", parameters=UACR)
    made = workbench(protocol, uacr("400"))
    assert noise(made, with_value(protocol, AS_WRITTEN, "C.p", -math.inf)) == ()
    assert noise(made, with_criterion_off(protocol, AS_WRITTEN, "C")) == ()


@pytest.mark.parametrize("patients", [[], uacr("?")])
def test_with_nobody_and_with_nothing_known(patients: list[Patient]) -> None:
    (found,) = noise(workbench(protocol_of("uacr >= p", parameters=UACR), patients, "uacr"), AS_WRITTEN)
    assert (found.eligible, found.beyond, found.near, found.again, found.reliability) == (0, 0, 0, 0, 0)


def test_the_built_in_protocol() -> None:
    protocol = builtin_protocol()
    file = BytesIO()
    wide(600, np.random.default_rng(3)).to_parquet(file)
    workbench = Workbench(load_cohort("clinic.parquet", file.getvalue()), protocol)
    remembered = set(workbench.screener.memory.results)
    found = {each.parameter.name: each for each in noise(workbench, AS_WRITTEN)}
    assert list(found) == ["I4.protein_min", "I4.uacr_above", "I6.sbp_max", "I7.hba1c_max", "E5.tg_max", "E5.ldl_max", "E6.potassium_max"]
    assert set(workbench.screener.memory.results) == remembered
    for each in found.values():
        assert 0 <= each.near <= each.beyond <= each.eligible
        assert 0 < each.again < each.beyond
