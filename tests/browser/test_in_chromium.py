"""The app as people meet it: in a browser, numbers read off the screen and held against the core's."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from browser.app_server import ROOT, App, Browser, Visit, Visitor, running_app
from playwright.sync_api import expect

from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import AS_WRITTEN, from_query, with_value

SIDEWAYS = """() => Math.max(...[document.documentElement, document.querySelector('[data-testid="stMain"]')].map(e => e.scrollWidth - e.clientWidth))"""
PAGES = ("Data", "Criteria", "Workbench")


def eligible_on(visitor: Visitor) -> str:
    return visitor.headline("eligible").get_by_test_id("stMetricValue").inner_text()


def left_after_each_step(visitor: Visitor) -> list[tuple[str, str, str]]:
    """The numbers right of the funnel's bars, from top to bottom: ``543 + 650  −228`` as eligible, undetermined, lost."""
    written = visitor.part("funnel").locator("svg text").all_text_contents()
    read = (re.fullmatch(r"\s*([\d,]+)(?: \+ ([\d,]+))?\s+(?:−([\d,]+)|0)\s*", text.replace("\xa0", " ")) for text in written)
    return [(found[1], found[2] or "0", found[3] or "0") for found in read if found]


def nothing_broke(visitor: Visitor) -> bool:
    """No error box on the screen; if there is one, what the server wrote says why."""
    assert visitor.page.get_by_test_id("stException").count() == 0, visitor.app.said()[-4000:]
    return True


def shows(visitor: Visitor, overview: Overview) -> None:
    tally = overview.tally
    expect(visitor.headline("eligible").get_by_test_id("stMetricValue")).to_have_text(f"{tally.eligible:,}")
    expect(visitor.headline("eligible")).to_contain_text(f"up to {tally.eligible + tally.undetermined:,}")
    expect(visitor.headline("ineligible")).to_contain_text(f"{tally.ineligible:,} of {tally.patients:,}")
    steps = [(f"{step.eligible:,}", f"{step.undetermined:,}", f"{step.lost:,}") for step in overview.steps]
    visitor.wait_until(lambda: left_after_each_step(visitor) == steps)  # a picture is drawn a little after the numbers
    assert left_after_each_step(visitor) == steps


def test_the_app_opens_with_the_samples_numbers(visit: Visit, core: Workbench) -> None:
    visitor = visit()
    expect(visitor.page.get_by_text("2,000 patients").first).to_be_visible()
    shows(visitor, core.overview(AS_WRITTEN))


def test_a_moved_threshold_shows_the_numbers_of_the_core(visit: Visit, core: Workbench) -> None:
    visitor = visit()
    visitor.press("I5.egfr_min", "ArrowRight", times=2)
    shows(visitor, core.overview(with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 22)))
    visitor.after(visitor.part("chips").get_by_role("button").click)
    shows(visitor, core.overview(AS_WRITTEN))


def test_a_file_is_mapped_and_its_numbers_are_those_of_the_core(visit: Visit, core: Workbench, tmp_path: Path) -> None:
    # The sample without the unit of one column, which nobody could guess: asked for, and given.
    table = pd.read_csv(ROOT / "sample_data" / "dkd_wide.csv", dtype=str).rename(columns={"uacr_mg_g": "UACR"})
    table.to_csv(tmp_path / "clinic.csv", index=False)
    visitor = visit()
    visitor.choose_file(tmp_path / "clinic.csv")
    question = visitor.page.locator('[class*="st-key-question-"]').filter(has_text="UACR").filter(has_text="must be answered")
    visitor.choose(question, "mg/g")
    expect(question).to_have_count(0)
    visitor.use_file()
    expect(visitor.page.get_by_text("clinic.csv").first).to_be_visible()
    shows(visitor, core.overview(AS_WRITTEN))
    visitor.press("I7.hba1c_max", "ArrowRight")
    shows(visitor, core.overview(with_value(core.protocol, AS_WRITTEN, "I7.hba1c_max", 9.1)))


def test_a_file_that_cannot_be_used_costs_a_message_and_nothing_else(visit: Visit, core: Workbench, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    visitor = visit()
    visitor.press("I5.egfr_min", "ArrowRight")
    visitor.choose_file(tmp_path / "broken.xlsx")
    expect(visitor.page.get_by_role("alert").first).to_contain_text("workbook")
    visitor.turn_to("Workbench")
    shows(visitor, core.overview(with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 21)))


def test_the_link_brings_back_the_scenario(visit: Visit, core: Workbench) -> None:
    first = visit()
    first.press("I7.hba1c_max", "ArrowLeft")
    first.after(first.part("group").get_by_text("Exclusion").click)
    first.after(first.part("on E5").locator("label").click)
    expect(first.part("chips").get_by_role("button")).to_have_count(2)
    path = first.page.url.removeprefix(first.app.url)
    second = visit(path)
    assert eligible_on(second) == eligible_on(first)
    scenario, problems = from_query(core.protocol, {"set": "I7.hba1c_max=8.9", "off": "E5"})
    assert problems == ()
    shows(second, core.overview(scenario))


def test_a_page_opened_directly_on_a_cold_server_is_shown(browser: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path / "log.txt") as cold:
        visitor = Visitor(browser, cold).open("/data")
        expect(visitor.page.get_by_role("link", name="Workbench", exact=True)).to_be_visible()
        assert nothing_broke(visitor)
        visitor.turn_to("Workbench")
        assert eligible_on(visitor)
        visitor.close()
        assert "Traceback" not in cold.said()


def test_turning_pages_keeps_the_scenario(visit: Visit) -> None:
    visitor = visit()
    visitor.press("I5.egfr_min", "ArrowRight")
    before = eligible_on(visitor)
    for page in PAGES:
        visitor.turn_to(page)
        assert nothing_broke(visitor)
    assert eligible_on(visitor) == before
    expect(visitor.part("value I5.egfr_min").get_by_role("slider")).to_have_value("21")
    expect(visitor.part("chips").get_by_role("button")).to_have_count(1)


def test_two_people_do_not_touch_each_other(visit: Visit, core: Workbench) -> None:
    one, other = visit(), visit()
    one.press("I5.egfr_min", "ArrowRight")
    other.press("I6.sbp_max", "ArrowLeft")
    shows(one, core.overview(with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 21)))
    shows(other, core.overview(with_value(core.protocol, AS_WRITTEN, "I6.sbp_max", 155)))


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


def test_nothing_is_fetched_from_outside(visit: Visit) -> None:
    visitor = visit()
    for page in PAGES:
        visitor.turn_to(page)
    assert any(address.startswith("ws") for address in visitor.asked)
    assert visitor.asked_elsewhere() == []


def test_the_server_had_nothing_to_complain_of(app: App) -> None:
    said = [line for line in app.said().splitlines() if re.search(r"deprecat|Traceback|warning|error|exception", line, re.IGNORECASE)]
    assert said == []
