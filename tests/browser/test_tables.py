"""Tables of a file's own cells, in a browser: nothing leaves them but by way of the product's files, where no cell is a formula."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from browser.app_server import Visitor
from playwright.sync_api import expect

from feasibility import wording

FORMULA = "=1+1"
FILE = f"""patient_id,index_date,sex,hba1c_percent,hba1c_date,=2+2
{FORMULA},2026-01-31,male,9.5,2026-01-10,x
@SUM(1),2026-01-31,female,700,2026-01-10,x
b,2026-01-31,female,8,2026-01-10,x
"""


@pytest.fixture
def with_formulas(visitor: Visitor, tmp_path: Path) -> Visitor:
    path = tmp_path / "formulas.csv"
    path.write_text(FILE)
    visitor.choose_file(path)
    return visitor


def tables_give_nothing_away(visitor: Visitor, least: int) -> None:
    """The menus of all tables in view are there, and have no download of their own."""
    tables = visitor.page.get_by_test_id("stDataFrame")
    expect(tables.nth(least - 1)).to_be_visible()
    for table in tables.all():
        if table.is_visible():
            table.hover()
            expect(table.get_by_role("button", name="Search")).to_have_count(1)
            expect(table.get_by_role("button", name="Download as CSV")).to_have_count(0)


def press(visitor: Visitor, name: str) -> None:
    visitor.after(visitor.page.get_by_role("radio", name=name).or_(visitor.page.get_by_role("button", name=name)).first.click)


def test_no_table_can_be_saved_past_the_products_own_files(with_formulas: Visitor) -> None:
    visitor = with_formulas
    tables_give_nothing_away(visitor, 2)
    visitor.use_file()
    visitor.turn_to("Data quality")
    tables_give_nothing_away(visitor, 1)
    for part in ("Contradictions", "Problems"):
        press(visitor, part)
        tables_give_nothing_away(visitor, 1)
    visitor.turn_to("What would change it")
    press(visitor, "Missing data")
    tables_give_nothing_away(visitor, 1)
    press(visitor, wording.NEAR_HEAD)
    visitor.after(visitor.part("near listed").locator("label").first.click)
    tables_give_nothing_away(visitor, 2)
    expect(visitor.part("near csv").get_by_role("button")).to_be_disabled()
    visitor.turn_to("Workbench")
    visitor.after(visitor.page.get_by_role("button", name="Share").click)  # its own answer first, not to be taken for the next one's
    visitor.after(visitor.part("exact saved").locator("label").first.click)
    visitor.page.keyboard.press("Escape")
    visitor.turn_to("What would change it")
    with visitor.page.expect_download() as saved:
        visitor.part("near csv").get_by_role("button").click()
    table = list(csv.reader(saved.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert [row[0] for row in table[1:]] == [f"'{FORMULA}"]


def test_no_menu_lies_over_the_buttons_above_a_table_that_is_edited(visitor: Visitor) -> None:
    visitor.settled().turn_to("What would change it")
    for parts in (("Screening order",), ("Reach a target", "Relax thresholds")):
        for part in parts:
            press(visitor, part)
        table = visitor.page.get_by_test_id("stDataFrame").last
        table.scroll_into_view_if_needed()
        table.hover()
        expect(table.get_by_role("button")).to_have_count(0)
