"""The shell: one JSON object and exit 0, or sentences on stderr and exit 2; the same numbers as the core."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from feasibility.cli import main
from feasibility.intake import load_cohort
from feasibility.logic import UNKNOWN
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, change, with_preset
from feasibility.screening.screen import PASS, Screener

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
WIDE = SAMPLE / "dkd_wide.csv"
LONG = [SAMPLE / "dkd_patients.csv", "--measurements", SAMPLE / "dkd_measurements.csv", "--events", SAMPLE / "dkd_events.csv"]
PROTOCOL = builtin_protocol()


@pytest.fixture(scope="module")
def workbench() -> Workbench:
    return Workbench(load_cohort(WIDE.name, WIDE), PROTOCOL)


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    status = main(["screen", *map(str, arguments), "--json"])
    printed = capsys.readouterr()
    assert (status, printed.err) == (0, "")
    answer: dict[str, Any] = json.loads(printed.out)
    return answer


def test_the_contract(capsys: pytest.CaptureFixture[str], workbench: Workbench) -> None:
    answer, overview = said(capsys, WIDE), workbench.overview(AS_WRITTEN)
    assert {"protocol", "patients", "assessed", "partly_assessed", "not_assessed", "off", "eligible", "undetermined", "ineligible"} <= set(answer)
    assert {"criteria", "funnel", "assumed", "problems"} <= set(answer)
    assert answer["patients"] == answer["eligible"] + answer["undetermined"] + answer["ineligible"] == 2000
    assert (answer["eligible"], answer["undetermined"]) == (overview.tally.eligible, overview.tally.undetermined)
    criterion = answer["criteria"][0]
    assert set(criterion) == {"id", "fails", "unknown", "first_fail", "only_fail", "only_unknown", "gain", "gain_possible", "share"}
    assert [step["id"] for step in answer["funnel"]] == answer["assessed"]
    assert answer["funnel"][-1]["eligible"] == answer["eligible"]
    assert sum(step["lost"] for step in answer["funnel"]) == answer["ineligible"]
    assert sum(each["share"] for each in answer["criteria"]) == pytest.approx(answer["ineligible"], abs=0.01)
    assert answer["partly_assessed"] == {"E10": ["lactating"]}
    assert answer["not_assessed"] == ["I8", "E9", "E13"]
    assert {each["id"] for each in answer["assumed"]} == {"I8", "E9", "E10", "E13"}
    assert all(set(problem) == {"severity", "where", "message", "remedy"} for problem in answer["problems"])


OPTIONS = [
    (["--set", "I5.egfr_min=30"], [("set", "I5.egfr_min=30")]),
    (["--reading", "E5=both"], [("reading", "E5=both")]),
    (["--off", "E9"], [("off", "E9")]),
    (["--off", "I6,E5", "--set", "I7.hba1c_max=inf"], [("off", "I6"), ("off", "E5"), ("set", "I7.hba1c_max=inf")]),
    (["--missing", "E7.hbsag=absent"], [("missing", "E7.hbsag=absent")]),
    (["--order", "I5,I7"], [("order", "I5,I7")]),
    (["--order", "largest"], [("order", "largest")]),
    (["--rate", "I8=0.4"], [("rate", "I8=0.4")]),
]


@pytest.mark.parametrize(("arguments", "changes"), OPTIONS)
def test_every_option_is_the_cores_change(
    arguments: list[str], changes: list[tuple[str, str]], capsys: pytest.CaptureFixture[str], workbench: Workbench
) -> None:
    scenario = AS_WRITTEN
    for option, text in changes:
        scenario = change(PROTOCOL, scenario, option, text)
    assert scenario != AS_WRITTEN
    agrees(said(capsys, WIDE, *arguments), workbench, scenario)


def test_a_preset_and_one_index_date_for_all(capsys: pytest.CaptureFixture[str], workbench: Workbench) -> None:
    agrees(said(capsys, WIDE, "--preset", "trial-conduct"), workbench, with_preset(PROTOCOL, AS_WRITTEN, "trial-conduct"))
    agrees(said(capsys, WIDE, "--index-date", "2026-01-31"), workbench, AS_WRITTEN)
    later = said(capsys, WIDE, "--index-date", "2027-06-30")
    assert later["eligible"] < workbench.overview(AS_WRITTEN).tally.eligible


def agrees(answer: dict[str, Any], workbench: Workbench, scenario: Scenario) -> None:
    overview = workbench.overview(scenario)
    assert (answer["eligible"], answer["undetermined"]) == (overview.tally.eligible, overview.tally.undetermined)
    assert [(step["id"], step["lost"]) for step in answer["funnel"]] == [(step.id, step.lost) for step in overview.steps]
    assert answer["expected"] == pytest.approx(overview.expected, abs=1e-3)
    assert answer["off"] == [each for each in PROTOCOL.ids if each in scenario.off]


def test_the_long_tables_screen_as_the_wide_file_patient_by_patient(capsys: pytest.CaptureFixture[str]) -> None:
    wide = load_cohort(WIDE.name, WIDE)
    long = load_cohort(
        "long", SAMPLE / "dkd_patients.csv", (LONG[2].name, LONG[2]), (LONG[4].name, LONG[4])  # type: ignore[union-attr,arg-type]  # paths, not options
    )
    assert list(wide.ids) == list(long.ids)
    outcomes = [Screener(each).screen(PROTOCOL, AS_WRITTEN).outcomes for each in (wide, long)]
    assert list(outcomes[0]) == list(outcomes[1])
    # Of seven patients with both types of diabetes the long table counts one record of each; two flags do not say which has more.
    both_types = (wide.records["t1dm"].fields["t1dm"].lo == 1) & (wide.records["t2dm"].fields["t2dm"].lo == 1)
    assert [np.unique(each["I2"][both_types]).tolist() for each in outcomes] == [[UNKNOWN], [PASS]]
    for criterion_id, outcome in outcomes[0].items():
        alike = ~both_types if criterion_id == "I2" else np.ones(wide.patients, bool)
        assert np.array_equal(outcome[alike], outcomes[1][criterion_id][alike]), criterion_id
    one, other = said(capsys, WIDE, "--off", "I2"), said(capsys, *LONG, "--off", "I2")
    del one["problems"], other["problems"]
    assert one == other


STOPPED = [
    (["nothing.csv"], "could not be opened"),
    ([], "nothing to read"),
    ([str(WIDE), "--set", "I5.egfr_min=300"], "I5.egfr_min: 300 lies outside 10 to 60"),
    ([str(WIDE), "--set", "I5.egfr=30"], "the nearest are I5.egfr_min"),
    ([str(WIDE), "--reading", "E5=nor"], "E5 has no reading 'nor'"),
    ([str(WIDE), "--off", "X1"], "'X1' is not a criterion"),
    ([str(WIDE), "--missing", "E7.hba1c=absent"], "E7 does not speak of 'hba1c'"),
    ([str(WIDE), "--missing", "E7.hbsag=perhaps"], "'perhaps' is not a missing policy"),
    ([str(WIDE), "--preset", "none"], "'none' is not a preset"),
    ([str(WIDE), "--protocol", "nothing.toml"], "nothing.toml: cannot be read"),
    ([str(WIDE), "--mapping", str(WIDE)], "not valid TOML"),
]


@pytest.mark.parametrize(("arguments", "sentence"), STOPPED)
def test_what_stops_it_is_said_on_stderr(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", *arguments]) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.out == ""


def test_as_a_module_and_for_people() -> None:
    done = subprocess.run([sys.executable, "-m", "feasibility", "screen", str(WIDE)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "2,000 patients" in done.stdout
    assert "* E10: assessed only on lactating" in done.stdout
