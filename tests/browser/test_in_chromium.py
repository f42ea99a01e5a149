"""The app as people meet it: in a browser, page by page, numbers read off the screen and held against the core's."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from browser.agreement import shows
from browser.app_server import ROOT, Browser, Visit, Visitor, running_app
from browser.expected import Core
from playwright.sync_api import Route, expect

from feasibility import wording
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value

SIDEWAYS = """() => Math.max(...[document.documentElement, document.querySelector('[data-testid="stMain"]')].map(e => e.scrollWidth - e.clientWidth))"""
PAGES = ("What would change it", "Data", "Data quality", "Criteria", "Workbench")


def nothing_broke(visitor: Visitor) -> bool:
    """No error box on the screen; if there is one, what the server wrote says why."""
    assert visitor.page.get_by_test_id("stException").count() == 0, visitor.app.said()[-4000:]
    return True


def test_the_app_opens_with_the_samples_numbers(visitor: Visitor, core: Core) -> None:
    expect(visitor.page.get_by_text("2,000 patients").first).to_be_visible()
    shows(visitor, core)


def test_a_file_is_mapped_and_its_numbers_are_those_of_the_core(visitor: Visitor, core: Core, tmp_path: Path) -> None:
    # The sample without the unit of one column, which nobody could guess: asked for, and given.
    table = pd.read_csv(ROOT / "sample_data" / "dkd_wide.csv", dtype=str).rename(columns={"uacr_mg_g": "UACR"})
    table.to_csv(tmp_path / "clinic.csv", index=False)
    visitor.choose_file(tmp_path / "clinic.csv")
    question = visitor.page.locator('[class*="st-key-question-"]').filter(has_text="UACR").filter(has_text="must be answered")
    visitor.choose(question, "mg/g")
    expect(question).to_have_count(0)
    visitor.use_file()
    expect(visitor.page.get_by_text("clinic.csv").first).to_be_visible()
    shows(visitor, core)
    visitor.press("I7.hba1c_max", "ArrowRight")
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I7.hba1c_max", 9.1))


def test_a_column_is_given_its_meaning_in_the_table_by_keyboard(visitor: Visitor, core: Core, tmp_path: Path) -> None:
    """A header nobody knows: its cell in the table of columns is typed into, and what the protocol lacks says so at once."""
    table = pd.read_csv(ROOT / "sample_data" / "dkd_wide.csv", dtype=str).rename(columns={"hba1c_percent": "glyc. (%)", "hba1c_date": "glyc. on"})
    first = ["patient_id", "glyc. (%)", "glyc. on"]
    table[[*first, *(each for each in table if each not in first)]].to_csv(tmp_path / "c.csv", index=False)
    visitor.choose_file(tmp_path / "c.csv")
    lacking = visitor.page.get_by_role("tab", name=re.compile("of 21 criteria"))
    expect(lacking).to_have_text("17 of 21 criteria")
    grid = visitor.page.get_by_test_id("stDataFrame").first.bounding_box()
    assert grid is not None
    box = visitor.page.locator("#portal").get_by_role("combobox")
    for _ in range(5):  # a grid that is drawn anew while keys are pressed does not hear them
        visitor.page.mouse.click(grid["x"] + 20, grid["y"] + 52)
        for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):  # to the meaning of the first column
            visitor.page.keyboard.press(key)
            visitor.page.wait_for_timeout(200)
        if box.count():
            break
    expect(box).to_be_focused()
    visitor.page.keyboard.type("HbA1c")
    expect(visitor.page.get_by_role("option", name="HbA1c", exact=True)).to_be_visible()
    visitor.after(lambda: visitor.page.keyboard.press("Enter"))
    expect(lacking).to_have_text("18 of 21 criteria")


def test_files_dropped_together_are_one_cohort(visitor: Visitor, core: Core, tmp_path: Path) -> None:
    table = pd.read_csv(ROOT / "sample_data" / "dkd_wide.csv", dtype=str)
    first = [each for each in table if not each.startswith(("uacr", "creatinine", "hba1c"))]
    table[first].to_csv(tmp_path / "patients.csv", index=False)
    table[["patient_id", *(each for each in table if each not in first)]].sample(frac=1, random_state=3).to_csv(tmp_path / "labs.csv", index=False)
    visitor.choose_file(tmp_path / "patients.csv", tmp_path / "labs.csv")
    expect(visitor.page.get_by_text("labs.csv, 2,000 rows")).to_be_visible()
    visitor.use_file()
    shows(visitor, core)


def test_a_file_that_cannot_be_used_costs_a_message_and_nothing_else(visitor: Visitor, core: Core, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    visitor.press("I5.egfr_min", "ArrowRight")
    visitor.choose_file(tmp_path / "broken.xlsx")
    expect(visitor.page.get_by_role("alert").first).to_contain_text("workbook")
    visitor.turn_to("Workbench")
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 21))


def test_reading_shows_what_it_does_and_can_be_stopped(visitor: Visitor, core: Core, tmp_path: Path) -> None:
    """A file that takes seconds: stopped, it leaves the cohort loaded as it is and the file in hand."""
    table = pd.read_csv(ROOT / "sample_data" / "dkd_wide.csv", dtype=str)
    many = pd.concat([table.assign(patient_id=table["patient_id"] + f"-{copy}") for copy in range(160)])
    many.to_csv(tmp_path / "large.csv", index=False)
    visitor.choose_file(tmp_path / "large.csv")
    visitor.page.get_by_role("button", name="Use this cohort").click()
    expect(visitor.page.get_by_role("progressbar").first).to_be_visible()
    visitor.after(visitor.page.get_by_role("button", name="Stop", exact=True).click)
    expect(visitor.page.get_by_text("Loaded: Sample clinic")).to_be_visible()
    expect(visitor.page.get_by_role("button", name="Use this cohort")).to_be_enabled()
    assert nothing_broke(visitor)
    visitor.turn_to("Workbench")
    shows(visitor, core)


def test_what_is_wrong_with_a_file_is_shown_and_saved(visitor: Visitor, tmp_path: Path) -> None:
    table = pd.read_csv(ROOT / "sample_data" / "dkd_wide.csv", dtype=str)
    table.loc[4, "ldl_mmol_l"] = "=1+1"
    table.loc[table["site"] == "D", "tg_mmol_l"] = (pd.to_numeric(table["tg_mmol_l"]) * 9).round(2).astype(str)
    table.loc[3, ["sbp_1", "dbp_1"]] = ["80", "120"]
    pd.concat([table, table.iloc[:2]]).to_csv(tmp_path / "messy.csv", index=False)
    visitor.choose_file(tmp_path / "messy.csv")
    visitor.use_file()
    visitor.turn_to("Data quality")
    page = visitor.page.get_by_test_id("stMain")
    expect(page).to_contain_text("2,002 rows read = 2,000 used + 2 set aside; 2,000 patients")
    expect(page).to_contain_text("Set aside: 2 repeat another row word for word.")
    for part, said in (("Sites", "◆ marks a median"), ("Contradictions", "of 18 contradictions found"), ("Problems", "lines.")):
        visitor.after(visitor.page.get_by_role("radio", name=part).or_(visitor.page.get_by_role("button", name=part)).first.click)
        expect(page).to_contain_text(said)
        assert nothing_broke(visitor)
    visitor.after(visitor.page.get_by_text("Single cells").click)
    with visitor.page.expect_download() as saved:
        visitor.page.get_by_role("button", name="Save as CSV").click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Severity,")
    assert any("2,002 rows read = 2,000 used + 2 set aside" in line for line in lines)
    assert any(",6,ldl_mmol_l,LDL cholesterol,'=1+1," in line for line in lines)


def test_the_link_brings_back_the_scenario(visitor: Visitor, visit: Visit, core: Core) -> None:
    visitor.press("I7.hba1c_max", "ArrowLeft")
    visitor.ledger_button("switch", "E5").click()
    scenario = with_criterion_off(core.protocol, with_value(core.protocol, AS_WRITTEN, "I7.hba1c_max", 8.9), "E5")
    shows(visitor, core, scenario)
    somebody_else = visit(visitor.page.url.removeprefix(visitor.app.url))
    shows(somebody_else, core, scenario)


def test_a_page_opened_directly_on_a_cold_server_is_shown(browser: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path / "log.txt") as cold:
        visitor = Visitor(browser, cold).open("/data")
        expect(visitor.page.get_by_role("link", name="Workbench", exact=True)).to_be_visible()
        assert nothing_broke(visitor)
        visitor.turn_to("Workbench")
        visitor.settled()
        assert visitor.shown().numbers["headline eligible value"]
        visitor.close()
        assert "Traceback" not in cold.said()


def test_a_link_to_a_page_brings_its_scenario_to_a_cold_server_too(browser: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path / "log.txt") as cold:
        visitor = Visitor(browser, cold).open("/change?off=E5")
        expect(visitor.part("chips")).to_contain_text("E5 Severe hyperlipidaemia off")
        visitor.close()


def test_turning_pages_keeps_the_scenario(visitor: Visitor, core: Core) -> None:
    visitor.press("I5.egfr_min", "ArrowRight")
    for page in PAGES:
        visitor.turn_to(page)
        assert nothing_broke(visitor)
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 21))


def test_a_ledger_is_shown_when_its_style_sheet_has_come(visitor: Visitor, core: Core) -> None:
    """Read before, its rows have the right numbers and bars without width."""
    visitor.settled().turn_to("Data")
    held: list[Route] = []
    visitor.page.route("**/ledger.css", lambda route: held.append(route))  # a built-in cannot be given
    visitor.turn_to("Workbench")
    expect(visitor.ledger).to_have_attribute("data-state", "ready")
    expect(visitor.ledger).to_be_hidden()
    visitor.wait_until(lambda: bool(held))
    held[0].continue_()
    shows(visitor, core)
    visitor.page.unroute("**/ledger.css")


def test_a_form_on_the_criteria_page_and_the_ledger_change_the_same_scenario(visitor: Visitor, core: Core) -> None:
    visitor.press("I5.egfr_min", "ArrowRight")
    visitor.turn_to("Criteria")
    expect(visitor.part("chips")).to_contain_text("eGFR at least 21")
    visitor.after(visitor.part("on E5").locator("label").click)
    both = with_criterion_off(core.protocol, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 21), "E5")
    expect(visitor.page.get_by_test_id("stMain")).to_contain_text(wording.in_a_line(core.workbench.overview(both)).replace("**", ""))
    visitor.turn_to("Workbench")
    shows(visitor, core, both)


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_every_page_fits_the_projector_in_light_and_dark(visit: Visit, color_scheme: str) -> None:
    visitor = visit(color_scheme=color_scheme)
    for page in PAGES:
        visitor.turn_to(page)
        assert visitor.page.evaluate(SIDEWAYS) <= 0, page
        background = visitor.page.get_by_test_id("stApp").evaluate("e => getComputedStyle(e).backgroundColor")
        lightness = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
        assert (lightness < 80) == (color_scheme == "dark"), f"{page}: {background}"
        assert nothing_broke(visitor)


def test_nothing_is_fetched_from_outside(visitor: Visitor) -> None:
    for page in PAGES:
        visitor.turn_to(page)
    assert any(address.startswith("ws") for address in visitor.asked)
    assert visitor.asked_elsewhere() == []
