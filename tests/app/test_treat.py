"""Treat and rescreen on the page: the core's numbers, hidden where small counts are."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.figures.style import LIGHT
from feasibility.figures.treatment import treated
from feasibility.protocol import builtin_protocol
from feasibility.results import rounded
from feasibility.results.disclosure import SMALL, Rounding
from feasibility.results.overview import Workbench
from feasibility.results.treatable import Treatable, TreatableSet, treatable
from feasibility.scenario import AS_WRITTEN, with_criterion_off
from feasibility.ui import cohorts

ROOT = Path(__file__).parents[2]
PROTOCOL = builtin_protocol()


@pytest.fixture(scope="module")
def found() -> Treatable:
    overview = Workbench(cohorts.sample(), PROTOCOL).overview(AS_WRITTEN)
    return treatable(overview.patterns, overview.order, PROTOCOL)


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    app.switch_page("pages/change.py").run()
    app.segmented_control(key="change section").set_value(wording.TREAT_HEAD).run()
    assert not app.exception
    return app


def test_the_page_shows_the_numbers_of_the_core(app: AppTest, found: Treatable) -> None:
    said = wording.said_of_treat(found)
    assert said.more == wording.treat_explained(found)
    assert app.get("plotly_chart")[0].proto.alt == said.whole
    assert app.dataframe[-1].value.iloc[:, 1].tolist() == [each.patients for each in found.sets]


@pytest.mark.parametrize(("eligible", "drawn"), [(14, [85, 14, 1]), (13, [0, 13, 1])])
def test_few_who_could_be_treated_are_drawn_by_themselves_and_it_is_said(eligible: int, drawn: list[int]) -> None:
    """Beside 85 of 100 a part of 15 can be seen."""
    figure = treated(Treatable(200, 100, ("I6",), 99 - eligible, eligible, 1, (TreatableSet(("I6",), eligible + 1, eligible, 1),)), LIGHT, ())
    assert [bar.x[0] for bar in figure.data] == drawn
    alone = not drawn[0]
    assert any("are not drawn" in each.text for each in figure.layout.annotations) == alone
    assert figure.layout.xaxis.range == (0, eligible + 1 if alone else 100)


def test_small_counts_are_hidden_here_too(app: AppTest, found: Treatable) -> None:
    app.session_state["session"].small_hidden = True
    app.run()
    shown = rounded.treatable(Rounding(SMALL, found.patients), found, app.session_state["session"].shown.tally)
    assert app.get("plotly_chart")[0].proto.alt == wording.said_of_treat(shown).whole
    assert all(number % SMALL == 0 for number in app.dataframe[-1].value.iloc[:, 2].tolist())


def test_where_nothing_can_be_treated_it_says_so(app: AppTest, found: Treatable) -> None:
    session = app.session_state["session"]
    for criterion in found.modifiable:
        session.propose(with_criterion_off, criterion)
    app.run()
    assert not app.exception
    assert wording.plain(wording.NONE_TREATABLE) in [each.value for each in app.caption]
