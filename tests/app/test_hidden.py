"""Small counts hidden on the page of what would change it: no number of few patients stands anywhere, whatever is asked of a small cohort."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.parameters import Number
from feasibility.results.disclosure import SMALL
from feasibility.ui.change.page import SECTIONS
from feasibility.ui.change.target import RELAX
from feasibility.ui.cohorts import SAMPLE_FILE
from feasibility.ui.session import Session

ROOT = Path(__file__).parents[2]
PATIENTS = 70
NOISY = "I4.protein_min"
NO_COUNTS = {"Place", "Relative cost", "Hurts", "Now", "As far as", "Its end", "One step hurts", "Note"}
"""Columns of tables that hold no patients."""


@pytest.fixture(scope="module")
def few() -> bytes:
    """The first patients of the sample: nearly every count of them is a small one."""
    return b"\n".join(SAMPLE_FILE.read_bytes().splitlines()[: PATIENTS + 1]) + b"\n"


@pytest.fixture
def app(few: bytes) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    held: Session = app.session_state["session"]
    held.use(load_cohort("few.csv", few), held.protocol)
    held.small_hidden = True
    app.switch_page("pages/change.py").run()
    return app


def asked(app: AppTest, section: str) -> Iterator[AppTest]:
    """The section as it opens, then with everything in it asked for."""
    app.segmented_control(key="change section").set_value(section).run()
    yield app
    for key in ("change all bars", "all sets"):
        if any(each.key == key for each in app.toggle):
            yield app.toggle(key=key).set_value(True).run()
    if section == "Thresholds":
        yield app.selectbox(key="change threshold").set_value(NOISY).run()
    if section == "Reach a target":
        yield app.number_input(key="target").set_value(40).run()
        yield app.segmented_control(key="how to reach").set_value(RELAX).run()


def strings(spec: Any) -> Iterator[str]:
    if isinstance(spec, str):
        yield spec
    elif isinstance(spec, dict):
        for key, inner in spec.items():
            if key not in ("ticktext", "customdata", "bdata", "dtype", "shape", "font", "textfont", "marker", "line", "template", "colorscale"):
                yield from strings(inner)
    elif isinstance(spec, list):
        for inner in spec:
            yield from strings(inner)


def sentences(app: AppTest) -> Iterator[str]:
    """Everything that is said on the page."""
    for each in (*app.markdown, *app.caption, *app.info, *app.warning, *app.subheader):
        yield each.value
    for each in (*app.markdown, *app.caption):
        yield each.help
    for metric in app.metric:
        yield from (metric.label, metric.value, metric.delta, metric.help)
    for each in (*app.button, *app.toggle):
        yield from (each.label, each.help)
    for table in app.dataframe:
        for name, column in table.value.items():
            if name not in NO_COUNTS:
                yield from (f"{name}: {cell}" for cell in column)
    for chart in app.get("plotly_chart"):
        yield from strings(json.loads(chart.proto.spec))
        yield chart.proto.alt if hasattr(chart.proto, "alt") else ""


def numbers(values: Any) -> list[float]:
    """The numbers of a trace, whichever way they are packed."""
    if isinstance(values, dict):
        return [float(each) for each in np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]))]
    return [float(each) for each in np.ravel(values) if each is not None]


def drawn(app: AppTest) -> Iterator[float]:
    """The patients that bars, cells and curves are as long, as dark and as high as."""
    for chart in app.get("plotly_chart"):
        spec = json.loads(chart.proto.spec)
        for trace in spec["data"]:
            if trace["type"] == "bar":
                along = "x" if trace.get("orientation") == "h" else "y"
                lengths, bases = list(numbers(trace.get(along, []))), list(numbers(trace.get("base", [])))
                edge = spec["layout"][f"{along}axis"].get("range", [None, None])[1]
                bases = bases or [0.0] * len(lengths)
                # What leaves the picture ends at its edge, not at a count.
                yield from (length for length, base in zip(lengths, bases, strict=True) if edge is None or abs(base + length - edge) > 1e-9)
                yield from bases if max(map(abs, lengths), default=0) >= 1 else ()  # the fields of small pictures stand row by row
            elif trace["type"] in ("heatmap", "contour"):
                yield from numbers(trace["z"])
            elif isinstance(trace.get("y"), dict) and trace["y"]["dtype"].startswith(("i", "u")):
                yield from numbers(trace["y"])


def units(app: AppTest) -> str:
    held: Session = app.session_state["session"]
    given = {each.unit for each in held.protocol.parameters.values() if isinstance(each, Number) and each.unit}
    return "|".join(sorted(map(re.escape, given | {each.removesuffix("s") for each in given}), key=len, reverse=True))


def names(app: AppTest) -> list[str]:
    """What the protocol calls its parts and notes of its stages, as it stands on the page."""
    protocol = app.session_state["session"].protocol
    said = [each.label for each in (*protocol.criteria, *protocol.parameters.values(), *protocol.stages)] + [each.id for each in protocol.criteria]
    said += [" ".join(each.note.split()) for each in protocol.stages if each.note]
    said += [each.label for criterion in protocol.criteria for reading in criterion.readings for each in (reading, *reading.limbs)]
    return sorted({*said, *map(wording.plain, said), *map(wording.plain_for_figure, said)}, key=len, reverse=True)


NO_PATIENTS = (
    r"&#\d+;|<[^>]*>|#[0-9a-f]{6}|rgba\([^)]*\)",  # how a text is written
    r"\d*\.\d+|[\d.,–]+ ?%",
    r"\b31 Jan 2026\b|\b24-h\b|^All \d+$",  # dates, names, how many sets
    r"\b1/k\b|\b1 to 10 are\b|\bA concession of 1\b",
    r"\b\d+ (of \d+ )?(criteria|criterion|pairs?|more sets?|more events?|moves?|changes?|parameters?|stages?)\b",
    r"\b\d+ (in part|off)\b",
    r"^Take steps? \d+(–\d+)?$",
    r"(?<=; )\d+ each\b|\bat \d+ each\b",  # what a stage costs
    r"\bsets? of \d+(, \d+)*( and \d+)?\b",
    r"(?<=eligible): \d+\*\*",  # the fewest criteria that make so many eligible
    r"(?<=times the )\d+ to be expected\b",
)
"""Numbers that count no patients, beside values with their units: percentages, ranks, criteria, what chance would give."""


def without(text: str, app: AppTest) -> str:
    """A sentence without what is no count of patients."""
    text = re.sub(r"^(<b>)?\d+ (?=[A-Z]|24)", "", text)  # the place of a stage
    for each in names(app):
        text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", " ", text)
    values = rf"[≥≤<>−]?\ ?[\d.,–]+(\ →\ [\d.,]+)?\ ?({units(app)})(?!\w)|(?<=at\ )[\d.,]+(?=<|$|:)"
    return re.sub("|".join((values, *NO_PATIENTS)), " ", text)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_count_of_few_patients_is_said_or_drawn(app: AppTest, section: str) -> None:
    read = 0
    for page in asked(app, section):
        assert not page.exception
        for sentence in filter(None, sentences(page)):
            if section in ("Reach a target", "Screening order", "Thresholds") and sentence.isdigit():
                continue  # how many criteria, which step, what a stage costs; the ends of a small picture's axis
            left = without(sentence, page)
            found = [int(each.replace(",", "")) for each in re.findall(r"(?<![\w.])\d[\d,]*(?!\w)", left)]
            assert not [each for each in found if each % SMALL], (sentence, left)
            read += len(found)
        assert not [each for each in drawn(page) if abs(each) >= 1 and each % SMALL]
    assert read > 20
