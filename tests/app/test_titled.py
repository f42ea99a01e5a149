"""What would change it: under the title of every view stands one sentence, and all else that is said of it is asked for at the title."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.ui.change.page import SECTIONS
from feasibility.ui.change.target import RELAX

ROOT = Path(__file__).parents[2]
SENTENCE = re.compile(r"[A-Z0-9][^.]*\.(?:\d[^.]*\.)*")
"""One full stop, at the end; those inside numbers are none."""
HEADS = {
    "Thresholds": (wording.CURVES_TITLE,),
    "Threshold": ("E5 LDL cholesterol below: who would be eligible",),
    "Two at once": ("E5 LDL cholesterol below and I1 age at least, moved together",),
    "Tornado": (wording.TORNADO_TITLE,),
    "Overlap": (wording.ATTRIBUTION_TITLE, wording.TOGETHER_TITLE, wording.REDUNDANCY_TITLE),
    "Reach a target": (wording.DROPPING_TITLE,),
    RELAX: (wording.PATH_TITLE, wording.FRONT_TITLE, wording.ALLOWED_SAID.title),
    "Screening order": (wording.STAGES_TITLE, wording.SHOWN_TITLE, wording.CHEAPEST_TITLE, wording.EDITOR_SAID.title),
    "Missing data": ("What measuring what is missing could add",),
    "Treat and rescreen": (wording.TREAT_HEAD,),
    "Near misses": (wording.NEAR_HEAD,),
}
"""The titles of each view."""
WITHOUT_MORE = {wording.SHOWN_TITLE, wording.CHEAPEST_TITLE, wording.ALLOWED_SAID.title, wording.NEAR_HEAD, wording.CURVES_TITLE}


@pytest.fixture(scope="module")
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run().switch_page("pages/change.py").run()


def turned_to(app: AppTest, view: str) -> AppTest:
    app.segmented_control(key="change section").set_value({"Threshold": "Thresholds", RELAX: "Reach a target"}.get(view, view)).run()
    if view == "Threshold":
        app.selectbox(key="change threshold").set_value("E5.ldl_max").run()
    if view == RELAX:
        app.segmented_control(key="how to reach").set_value(RELAX).run()
    assert not app.exception
    return app


def said(text: str) -> str:
    """Without markup, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>|\*\*", " ", text)).split())


def in_pictures(app: AppTest) -> Iterator[tuple[str, str]]:
    for chart in app.get("plotly_chart"):
        layout: dict[str, Any] = json.loads(chart.proto.spec)["layout"]
        words = [each["text"] for each in layout.get("annotations", ()) if each.get("name") == "said"]
        if "title" in layout:
            words = [layout["title"]["text"], layout["title"]["subtitle"]["text"]]
        if words:
            yield said(words[0]), said(" ".join(words[1:]))


def beside_pictures(app: AppTest) -> Iterator[tuple[str, str]]:
    """Each title that is no picture's, with what stands next on the page."""
    texts = [each for each in app.main if each.type in ("markdown", "caption", "subheader")]
    for title, under in pairwise(texts):
        if under.type == "caption" or title.type == "subheader":
            yield said(title.value), said(under.value)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("view", HEADS)
def test_under_the_title_of_every_view_stands_one_sentence(app: AppTest, view: str, hidden: bool) -> None:
    app.session_state["session"].small_hidden = hidden
    turned_to(app, view)
    pictures = dict(in_pictures(app))
    under = {**dict(beside_pictures(app)), **pictures}
    assert set(HEADS[view]) <= set(under)
    assert set(pictures) <= set(HEADS[view])
    for title in HEADS[view]:
        assert SENTENCE.fullmatch(under[title]), (title, under[title])
    asked = {said(each.value) for each in app.markdown if each.help}
    assert {title for title in HEADS[view] if title not in WITHOUT_MORE} <= asked


def test_every_view_is_looked_at() -> None:
    assert set(SECTIONS) == set(HEADS) - {"Threshold", RELAX}
