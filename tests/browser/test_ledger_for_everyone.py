"""The ledger for everyone: named and spoken, in view on a projector, on a large screen and at 200 % zoom, with 60 criteria, and with texts that mean harm."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from browser.agreement import follows, shows
from browser.app_server import ROOT, Visit, Visitor
from browser.expected import Core
from browser.reading import handles
from playwright.sync_api import expect

from feasibility.protocol import read_protocol
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, with_value
from feasibility.variables import builtin_catalogue

# Names and voices


def test_every_line_is_a_slider_with_a_name_and_a_spoken_value(visitor: Visitor, core: Core) -> None:
    found = visitor.ledger.evaluate(
        """ledger => [...ledger.querySelectorAll('[data-handle]')].map(line => [line.dataset.handle, line.getAttribute('role'), line.tabIndex,
          ...['label', 'valuetext', 'valuenow', 'valuemin', 'valuemax'].map(name => line.getAttribute('aria-' + name))])"""
    )
    in_rows = {each["name"] for row in core.view()["rows"] for line in row["lines"] for scale in line["scales"] for each in scale["handles"]}
    by_tab = {"I1.age_min", "I1.age_max"}  # the first row is in use: the others are an arrow away
    order = {each["name"]: 0 if each["name"] in by_tab or each["name"] not in in_rows else -1 for each in handles(core.view())}
    expected = [
        [each["name"], "slider", order[each["name"]], each["label"], each["texts"][each["at"]], str(each["at"]), "0", str(len(each["values"]) - 1)]
        for each in handles(core.view())
    ]
    assert sorted(found) == sorted(expected)
    names = [label for _, _, _, label, *_ in found]
    assert all(names)
    assert len(set(names)) == len(names)


def test_everything_that_can_be_pressed_has_a_name(visitor: Visitor) -> None:
    visitor.drag("I5.egfr_min", 0)
    visitor.ledger_button("open", "I4").click()
    visitor.page.get_by_label("UACR counts").wait_for()
    for role in ("button", "switch", "slider", "checkbox"):
        found = visitor.ledger.get_by_role(role)
        assert found.count() > 0
        assert found.count() == visitor.ledger.get_by_role(role, name=re.compile(r"\w")).count(), f"a {role} without a name"


FOCUSED = """() => { let found = document.activeElement; while (found.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found.dataset.focus ?? found.textContent; }"""


def focused(visitor: Visitor) -> str:
    said: str = visitor.page.evaluate(FOCUSED)
    return said


def test_a_line_is_a_few_tabs_away(visitor: Visitor, core: Core) -> None:
    visitor.page.evaluate("() => document.activeElement.blur()")
    tabs = 0
    while focused(visitor) != "skip" and tabs < 13:
        visitor.page.keyboard.press("Tab")
        tabs += 1
    assert tabs <= 12, "five pages and the buttons above it"
    expect(visitor.ledger.get_by_role("button", name="Skip to the lines")).to_be_in_viewport()
    visitor.page.keyboard.press("Enter")
    expect(visitor.handle("I1.age_min")).to_be_focused()
    visitor.page.keyboard.press("ArrowRight")
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I1.age_min", 46))
    expect(visitor.handle("I1.age_min")).to_be_focused()


GOODBYE = """async ({address, view, key}) => {
  const { default: show } = await import(address);
  const host = document.body.appendChild(document.createElement('div')), parentElement = host.attachShadow({ mode: 'open' });
  parentElement.innerHTML = '<div class="ledger"></div>';
  const called = [], hear = (name, value) => called.push(name), call = () => show({ data: view, parentElement, setTriggerValue: hear });
  const later = time => new Promise(done => setTimeout(done, time));
  const goodbye = call(), line = parentElement.querySelector(`[data-handle="${key}"]`);
  line.focus();
  goodbye();
  await later(50);
  const gone = call();
  const kept = line.isConnected && parentElement.activeElement === line;
  host.remove();
  gone();
  await later(50);
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true }));
  await later(300);
  return { kept, heard: called.includes('proposed') };
}"""


def test_a_line_keeps_the_focus_when_streamlit_takes_the_ledger_off_and_puts_it_on_again(visitor: Visitor, core: Core) -> None:
    """As it does now and then between two views; once the ledger is off the page for good it hears nothing any more."""
    address = f"{visitor.app.url}/_stcore/bidi-components/feasibility.ledger/ledger.js"
    found = visitor.page.evaluate(GOODBYE, {"address": address, "view": core.view(), "key": "I1.age_min"})
    assert found == {"kept": True, "heard": False}


def test_arrows_go_from_row_to_row_and_tab_through_the_row_in_use(visitor: Visitor, core: Core) -> None:
    visitor.handle("I5.egfr_min").focus()
    been = []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown"):
        visitor.page.keyboard.press(key)
        been.append(focused(visitor))
    assert been == ["handle I4.uacr_above", "handle I4.protein_min", "handle I3.biopsy_window", "open I2", "handle I1.age_min", "handle I1.age_min", "open I2"]
    visitor.handle("I6.dbp_max").focus()
    for key, where in (("ArrowDown", "handle I7.hba1c_max"), ("ArrowDown", "open E1"), ("ArrowDown", "handle E2.course_above"), ("ArrowUp", "open E1")):
        visitor.page.keyboard.press(key)
        assert focused(visitor) == where
    visitor.ledger_button("switch", "I6").focus()
    in_the_row = ["grip I6", "open I6", "reading I6", "handle I6.sbp_max", "handle I6.dbp_max", "value I6.sbp_max", "value I6.dbp_max"]
    for where in in_the_row:
        visitor.page.keyboard.press("Tab")
        assert focused(visitor) == where
    visitor.page.keyboard.press("Tab")
    assert focused(visitor) == "switch I8", "past the table"
    visitor.page.keyboard.press("Shift+Tab")
    assert focused(visitor) == "value I6.dbp_max", "and back to where it was"
    visitor.page.keyboard.press("ArrowDown")
    assert focused(visitor) == "value I7.hba1c_max"
    shows(visitor, core)


def test_every_control_of_every_row_can_be_reached_by_keyboard(visitor: Visitor) -> None:
    visitor.open("/?set=I5.egfr_min=15").settled()
    rows = visitor.ledger.locator(".rows")
    wanted = set(rows.evaluate("rows => [...rows.querySelectorAll('[data-focus]')].filter(each => each.offsetParent).map(each => each.dataset.focus)"))
    visitor.ledger_button("switch", "I1").focus()
    reached = set()
    for _ in rows.locator("[data-row]").all():
        at = focused(visitor)
        while (here := focused(visitor)) in wanted - reached:
            reached.add(here)
            visitor.page.keyboard.press("Tab")
        rows.locator(f'[data-focus="{at}"]').focus()
        visitor.page.keyboard.press("ArrowDown")
    assert wanted - reached == set()


def test_what_is_open_below_a_row_is_in_the_order_of_tab_with_it(visitor: Visitor) -> None:
    visitor.ledger_button("open", "I4").click()
    visitor.page.get_by_label("UACR counts").wait_for()
    visitor.value("I4.uacr_above").focus()
    visitor.page.keyboard.press("Tab")
    assert focused(visitor) == "handle I4.apart"
    visitor.handle("I5.egfr_min").focus()
    for where in ("handle I5.egfr_max", "value I5.egfr_min", "value I5.egfr_max", "switch I8"):
        visitor.page.keyboard.press("Tab")
        assert focused(visitor) == where


def test_each_column_says_what_it_counts_under_its_head_and_at_length_on_asking(visitor: Visitor) -> None:
    left = "Left after this step eligible undetermined lost here"
    for name in ("Fail it of all patients", "Gain if off in eligible", "Unknown of all", "Share of loss", left):
        head = visitor.ledger.get_by_role("columnheader", name=name)
        expect(head).to_be_visible()
        expect(head).to_have_accessible_description(re.compile(r"\w+ \w+"))
    button = visitor.ledger.get_by_role("button", name="what the columns count")
    button.focus()
    visitor.page.keyboard.press("Enter")
    explanation = visitor.ledger.locator(".explanation")
    for said in ("out of all patients", "What the criterion costs", "None before it".lower(), "each ineligible patient"):
        expect(explanation.get_by_text(said).first).to_be_visible()
    assert visitor.ledger.evaluate(SCROLLS) == {"sideways": False, "down": False}
    visitor.page.keyboard.press("Escape")
    expect(explanation).to_be_hidden()
    expect(button).to_be_focused()


def test_a_move_is_spoken_and_the_focus_stays_on_the_line(visitor: Visitor, core: Core) -> None:
    live = visitor.ledger.locator("[aria-live]")
    visitor.make_ready("I5.egfr_min")
    visitor.press("I5.egfr_min", "ArrowLeft")
    lowered = with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 19)
    expect(live).to_contain_text(core.numbers(lowered)["headline eligible value"])
    expect(live).to_contain_text(core.numbers(lowered)["headline change value"])
    expect(visitor.handle("I5.egfr_min")).to_be_focused()
    expect(visitor.handle("I5.egfr_min")).to_have_attribute("aria-valuetext", "≥ 19")
    visitor.drag("I7.hba1c_max", 0)
    expect(live).to_contain_text(core.numbers(with_value(core.protocol, lowered, "I7.hba1c_max", 7))["headline eligible value"])
    expect(visitor.handle("I7.hba1c_max")).to_be_focused()
    for name, scenario in (("Undo", lowered), ("Undo", AS_WRITTEN), ("Redo", lowered)):  # outside the ledger
        visitor.after(visitor.page.get_by_role("button", name=name, exact=True).click)
        expect(live).to_have_text(re.compile(rf"\b{core.numbers(scenario)['headline eligible value']};"))


@pytest.mark.parametrize(("reduced_motion", "glides"), [("reduce", False), ("no-preference", True)])
def test_nothing_glides_for_those_who_want_no_motion(visit: Visit, reduced_motion: str, glides: bool) -> None:
    visitor = visit(reduced_motion=reduced_motion).settled()
    times = visitor.ledger.evaluate(
        """ledger => [...ledger.querySelectorAll('*')].flatMap(each => ['', '::before', '::after'].flatMap(part => {
          const { transitionDuration, animationDuration } = getComputedStyle(each, part || null);
          return `${transitionDuration},${animationDuration}`.split(',').map(parseFloat);
        }))"""
    )
    assert (max(times) > 0) == glides


# In view

OUT_OF_VIEW = """ledger => [...ledger.querySelectorAll('[data-headline], .heads, [data-row], [data-cell], [data-value], [data-aside], [data-order]')]
  .filter(each => each.offsetParent && each.textContent)
  .filter(each => { const { left, top, right, bottom } = each.getBoundingClientRect();
    return left < -0.5 || top < -0.5 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5; })
  .map(each => `${each.closest('[data-row]')?.dataset.row ?? ''} ${each.className} ${each.textContent.slice(0, 40)}`)"""
UNCOVERED = """element => { const { left, top, width, height } = element.getBoundingClientRect();
  const at = element.getRootNode().elementFromPoint(left + width / 3, top + height / 2);
  return element.contains(at) || element === at; }"""
SCROLLS = """ledger => {
  const main = document.querySelector('[data-testid="stMain"]'), rows = ledger.querySelector('.rows'), page = document.documentElement;
  return {sideways: [page, main, ledger, rows].some(each => each.scrollWidth > each.clientWidth),
          down: [page, main, rows].some(each => each.scrollHeight > each.clientHeight)};
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_the_whole_protocol_is_in_view_at_once(visit: Visit, width: int, height: int) -> None:
    visitor = visit(viewport={"width": width, "height": height}).settled()
    expect(visitor.page.locator("[data-row]")).to_have_count(18)
    assert visitor.ledger.evaluate(SCROLLS) == {"sideways": False, "down": False}
    assert visitor.ledger.evaluate(OUT_OF_VIEW) == []


OVERLAPS = """ledger => [...ledger.querySelectorAll('.values-of')].flatMap(cell => {
  const parts = [...cell.querySelectorAll('[data-value], [data-back], .unit, .called, [data-cell="saved"]')]
    .filter(each => each.offsetParent && each.textContent)
    .map(each => [each.textContent, each.getBoundingClientRect()]);
  return parts.flatMap(([text, { right }], at) => parts.slice(at + 1).filter(([, { left }]) => left < right - 0.5).map(([other]) => `${text} and ${other}`));
})"""


def test_a_few_changes_push_nothing_out_of_view_and_nothing_over_another(visitor: Visitor) -> None:
    visitor.open("/?set=I5.egfr_min=15,I5.egfr_max=60,I4.uacr_above=1250,E4.stroke_window=12,lab_window=28&rate=I8=0.4").settled()
    assert visitor.ledger.evaluate(OVERLAPS) == []
    assert visitor.ledger.evaluate(SCROLLS) == {"sideways": False, "down": False}
    assert visitor.ledger.evaluate(OUT_OF_VIEW) == []


def test_the_headline_stands_still_whatever_it_says(visitor: Visitor) -> None:
    places = """ledger => [...ledger.querySelectorAll('[data-headline]')].map(each => { const { left, top, width } = each.getBoundingClientRect();
      return [each.dataset.headline, Math.round(left), Math.round(top), Math.round(width)]; })"""
    before = visitor.ledger.evaluate(places)
    for value in (60, 10):
        hand = visitor.take_up("I5.egfr_min")
        hand.to((value - 10) / 50)
        visitor.page.wait_for_timeout(50)
        assert visitor.ledger.evaluate(places) == before
        hand.release()
        assert visitor.ledger.evaluate(places) == before


NAMELESS = """ledger => [...ledger.querySelectorAll('.values-of')].filter(cell => cell.querySelectorAll('[data-value]').length > 1).flatMap(cell =>
  [...cell.querySelectorAll('[data-value]')].filter(value => {
    const word = value.parentElement.querySelector('.called'), row = cell.closest('.row').getBoundingClientRect();
    const [named, own] = [word, value].map(each => each.getBoundingClientRect());
    return !word.textContent || word.scrollWidth > word.clientWidth || named.right > own.left + 1 || own.right > row.right;
  }).map(value => value.dataset.value))"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (640, 360)])
def test_each_of_two_values_in_a_row_has_its_word_beside_it(visit: Visit, width: int, height: int) -> None:
    visitor = visit("/?set=I5.egfr_max=60,I6.sbp_max=150,E4.stroke_window=12", viewport={"width": width, "height": height}).settled()
    expect(visitor.row("I6")).to_contain_text(re.compile("systolic≤ 150.*diastolic≤ 100"))
    assert visitor.ledger.evaluate(NAMELESS) == []


MOST_READINGS = 7  # of one clause
CUT_SHORT = """ledger => [...ledger.querySelectorAll('[data-reading] span, .opener .label')].filter(each => each.scrollWidth > each.clientWidth + 1)
  .map(each => each.textContent)"""


@pytest.mark.parametrize("reading", range(MOST_READINGS))
def test_no_reading_and_no_name_is_cut_short_on_a_projector(visitor: Visitor, core: Core, reading: int) -> None:
    chosen = [(each.id, each.readings[reading].id) for each in core.protocol.criteria if len(each.readings) > max(reading, 1)]
    visitor.open("/?reading=" + ",".join("=".join(each) for each in chosen)).settled()
    expect(visitor.ledger.locator("[data-chip]")).to_have_count(len(chosen) if reading else 0)
    assert visitor.ledger.evaluate(CUT_SHORT) == []


def test_a_reading_says_its_whole_name_when_pointed_at_or_in_focus(visitor: Visitor) -> None:
    says = "reading => getComputedStyle(reading, '::before').content"
    reading = visitor.ledger_button("reading", "E6")
    assert reading.evaluate(says) == "none"
    reading.hover()
    assert reading.evaluate(says) == '"high twice, or on a binder"'
    visitor.page.mouse.move(640, 2)
    visitor.ledger_button("open", "E6").focus()
    visitor.page.keyboard.press("Tab")
    expect(reading).to_be_focused()
    assert reading.evaluate(says) == '"high twice, or on a binder"'
    expect(reading).to_have_accessible_name("Reading of E6 Uncontrolled hyperkalaemia: high twice, or on a binder")


def test_at_200_per_cent_nothing_has_to_be_scrolled_sideways(visit: Visit, core: Core) -> None:
    visitor = visit(viewport={"width": 640, "height": 360}, device_scale_factor=2).settled()
    assert not visitor.ledger.evaluate(SCROLLS)["sideways"]
    hand = visitor.take_up("I5.egfr_min")
    follows(hand, core, [0, 25, 50])
    hand.release()
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 60))
    assert not visitor.ledger.evaluate(SCROLLS)["sideways"]


def test_at_200_per_cent_who_is_eligible_stays_in_view_while_the_page_scrolls(visit: Visit, core: Core) -> None:
    visitor = visit(viewport={"width": 640, "height": 360}, device_scale_factor=2).settled()
    first, row = visitor.page.locator('[data-headline="eligible"]'), visitor.row("E12")
    for where in (visitor.row("I1"), row, visitor.page.locator(".aside")):
        where.scroll_into_view_if_needed()
        expect(first).to_be_in_viewport(ratio=1)
        assert first.evaluate(UNCOVERED), "nothing lies over it"
        expect(first).to_contain_text(core.numbers()["headline eligible value"])
        expect(first).to_contain_text("up to 442 if missing data resolve")
    assert visitor.page.get_by_test_id("stMain").evaluate("main => main.scrollTop") > 100
    hand = visitor.take_up("E12.trial_window")
    follows(hand, core, [0, 12])
    expect(first).to_be_in_viewport(ratio=1)
    visitor.page.keyboard.press("Escape")
    hand.release()


# What is set aside, and the findings


@pytest.fixture
def few_columns(tmp_path: Path) -> Path:
    kept = ["patient_id", "sex", "birth_date", "index_date", "hba1c_percent", "hba1c_date", "sbp_1", "dbp_1", "bp_1_date"]
    pd.read_csv(ROOT / "sample_data" / "dkd_wide.csv", dtype=str, usecols=kept).to_csv(tmp_path / "few.csv", index=False)
    return tmp_path / "few.csv"


def test_what_is_set_aside_takes_one_line_until_all_is_asked_for(visitor: Visitor, few_columns: Path) -> None:
    visitor.choose_file(few_columns)
    visitor.use_file()
    visitor.settled()
    aside, last = visitor.ledger.locator(".aside"), visitor.page.locator('[data-aside="E13"]')
    more = visitor.ledger.get_by_role("button", name="show all 18")
    before = aside.bounding_box()
    assert before is not None
    assert before["height"] < 32
    expect(last).to_be_hidden()
    more.focus()
    visitor.page.keyboard.press("Enter")
    expect(last).to_be_visible()
    expect(last).to_be_in_viewport(ratio=1)
    assert visitor.ledger.evaluate(SCROLLS) == {"sideways": False, "down": False}
    visitor.ledger.get_by_role("button", name="show fewer").click()
    expect(last).to_be_hidden()
    assert aside.bounding_box() == before


def test_what_fits_in_one_line_is_all_shown(visitor: Visitor) -> None:
    expect(visitor.page.locator("[data-aside]:visible")).to_have_count(4)
    expect(visitor.ledger.locator(".show-all")).to_be_hidden()


def test_the_findings_say_how_many_there_are_and_fade_where_they_go_on(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="6 findings").click()
    expect(visitor.page.get_by_text("6 findings in this cohort, then 5 remarks on the text")).to_be_visible()
    found = visitor.part("found")
    expect(found).to_contain_text("CKD-EPI")
    assert found.evaluate("e => e.scrollHeight > e.clientHeight && getComputedStyle(e).maskImage.includes('gradient')")
    assert visitor.page.get_by_test_id("stPopoverBody").evaluate("e => e.scrollHeight <= e.clientHeight + 1"), "only the list scrolls"
    found.hover()
    visitor.page.mouse.wheel(0, 5000)
    last = found.get_by_text("Laboratories that report 2009 turn away patients whom 2021 admits.")
    expect(last).to_be_in_viewport()
    below = "e => { const of = e.closest('.st-key-found').getBoundingClientRect(); return of.bottom - e.getBoundingClientRect().bottom; }"
    assert visitor.wait_until(lambda: last.evaluate(below) >= 40, 3000), "the end is not faded"


# Another protocol


def criterion(number: int, label: str, text: str) -> str:
    said = json.dumps(label)
    role, sign, loosens, written = ("inclusion", ">=", "down", 18 + number // 2) if number <= 30 else ("exclusion", ">", "up", 59 + number // 2)
    return f"""
[[criterion]]
id = "C{number}"
role = "{role}"
label = {said}
text = {json.dumps(text)}
note = {said}
[criterion.parameters]
limit = {{ value = {written}, min = 18, max = 90, step = 1, unit = "years", label = {said}, loosens = "{loosens}" }}
[[criterion.reading]]
id = "one"
label = {said}
[[criterion.reading.limb]]
label = {said}
rule = "age {sign} limit"
[[criterion.reading]]
id = "other"
label = {json.dumps("other " + label)}
[[criterion.reading.limb]]
label = {said}
rule = "age {sign} limit"
"""


def protocol_of(core: Core, path: Path, text: str) -> Core:
    path.write_text(text, encoding="utf-8")
    return Core(Workbench(core.workbench.cohort, read_protocol(text, builtin_catalogue())))


@pytest.fixture
def sixty(core: Core, tmp_path: Path) -> tuple[Path, Core]:
    path = tmp_path / "sixty.toml"
    return path, protocol_of(core, path, 'title = "Sixty"\n' + "".join(criterion(number, f"Age {number}", "Of age.") for number in range(1, 61)))


def test_sixty_criteria_scroll_under_the_headline_and_the_heads(visitor: Visitor, sixty: tuple[Path, Core]) -> None:
    path, core = sixty
    visitor.use_protocol(path)
    shows(visitor, core)
    always = """ledger => [...ledger.querySelectorAll('.headline, .changes, .heads')].map(each => {
      const { top, bottom } = each.getBoundingClientRect(); return [each.className, top, bottom]; })"""
    before = visitor.ledger.evaluate(always)
    assert len(before) == 3
    assert all(0 <= top < bottom <= 720 for _, top, bottom in before)
    expect(visitor.row("C60")).not_to_be_in_viewport()
    visitor.row("C1").hover()
    visitor.page.mouse.wheel(0, 5000)
    expect(visitor.row("C60")).to_be_in_viewport(ratio=0.9)
    expect(visitor.row("C1")).not_to_be_in_viewport()
    assert visitor.ledger.evaluate(always) == before
    assert visitor.page.evaluate("() => window.scrollY") == 0
    hand = visitor.take_up("C60.limit")
    seen = follows(hand, core, [0, 20, 40, 60])
    assert len({shown.numbers["C60 fails"] for shown in seen}) > 1
    hand.release()
    after = shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "C60.limit", 78))
    assert after.chips == ["C60.limit"]
    expect(visitor.row("C60")).to_be_in_viewport(ratio=0.9)


HARM = """<img src=x onerror="window.harmed = 'yes'">"""
HOSTILE = [
    HARM,
    """"quoted" & <b>bold</b> 'and' `so` ${on} </style><script>window.harmed = 1</script>""",
    "\u202eright to left\u202c שלום",
    "**bold** [a](javascript:x) $x^2$ :red[r]",
]


def test_texts_that_mean_harm_stay_texts(visitor: Visitor, core: Core, tmp_path: Path) -> None:
    path = tmp_path / "hostile.toml"
    text = f"title = {json.dumps(HARM)}\n" + "".join(criterion(number, label, label) for number, label in enumerate(HOSTILE, 1))
    hostile = protocol_of(core, path, text)
    visitor.use_protocol(path)
    shows(visitor, hostile)
    for number, label in enumerate(HOSTILE, 1):
        expect(visitor.row(f"C{number}").get_by_text(label, exact=True).first).to_be_visible()
    visitor.type_value("C1.limit", HARM)
    expect(visitor.page.get_by_role("alert")).to_contain_text("<img src=x")
    visitor.type_value("C1.limit", "33")
    visitor.ledger_button("open", "C1").click()
    expect(visitor.page.locator("[data-detail] blockquote")).to_have_text(HARM)
    visitor.ledger_button("reading", "C2").click()
    expect(visitor.ledger_button("option", "other")).to_contain_text("other " + HOSTILE[1])
    visitor.ledger_button("option", "other").click()
    visitor.settled()
    expect(visitor.ledger_button("chip", "C2 reading")).to_contain_text(HOSTILE[1])
    assert visitor.page.evaluate("() => window.harmed") is None
    assert visitor.page.locator("img[src=x], .ledger b b, .ledger script").count() == 0
