"""The criteria page: every clause beside its reading; readings, policies, assumptions and the protocol itself change there too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from feasibility.protocol import builtin_protocol, read_protocol
from feasibility.scenario import AS_WRITTEN, with_missing_policy, with_rate, with_reading, with_value
from feasibility.ui.session import Session
from feasibility.variables import MissingPolicy, builtin_catalogue
from feasibility.wording import plain

ROOT = Path(__file__).parents[2]
PROTOCOL = builtin_protocol()
TINY = """
title = "Tiny"
[[criterion]]
id = "A"
role = "inclusion"
label = "Adult"
text = "Adults."
[criterion.parameters]
age_min = { value = 18, min = 16, max = 30, step = 1, unit = "years", label = "age at least" }
[[criterion.reading]]
id = "age"
label = "age"
[[criterion.reading.limb]]
label = "age"
rule = "age >= age_min"
"""


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    app.switch_page("pages/criteria.py").run()
    assert not app.exception
    return app


def session(app: AppTest) -> Session:
    found = app.session_state["session"]
    assert isinstance(found, Session)
    return found


def upload(app: AppTest, text: str) -> None:
    app.file_uploader(key="upload protocol").set_value(("other.toml", text.encode(), "application/toml")).run()
    assert not app.exception


def test_every_clause_stands_there_word_for_word_beside_a_sentence(app: AppTest) -> None:
    shown = " ".join(each.value for each in app.markdown)
    assert [each.id for each in PROTOCOL.criteria if plain(each.text) not in shown] == []
    assert plain("Age is at least 45 years and at most 80 years.") in shown


def test_a_reading_chosen_here_is_the_scenarios(app: AppTest) -> None:
    app.radio(key="readings E5").set_value("both").run()
    assert session(app).scenario == with_reading(PROTOCOL, AS_WRITTEN, "E5", "both")


def test_an_assumed_pass_rate_moved_here_is_the_scenarios(app: AppTest) -> None:
    app.slider(key="rate I8").set_value(25.0).run()
    assert session(app).scenario == with_rate(PROTOCOL, AS_WRITTEN, "I8", 0.25)


def test_thresholds_and_missing_policies_open_and_change(app: AppTest) -> None:
    app.session_state["adjust I7"] = True
    app.run()
    app.selectbox(key="missing I7.hba1c").select(MissingPolicy.FAIL).run()
    app.select_slider(key="value I7.hba1c_max").set_value(10.0).run()
    expected = with_missing_policy(PROTOCOL, with_value(PROTOCOL, AS_WRITTEN, "I7.hba1c_max", 10.0), "I7.hba1c", MissingPolicy.FAIL)
    assert session(app).scenario == expected


def test_another_protocol_is_used_and_the_built_in_one_comes_back(app: AppTest) -> None:
    upload(app, TINY)
    assert session(app).protocol.title == "Tiny"
    app.switch_page("pages/workbench.py").run()
    assert not app.exception
    assert '"name": "A.age_min"' in app.get("bidi_component")[0].proto.json
    app.switch_page("pages/criteria.py").run()
    app.button(key="built in").click().run()
    assert session(app).protocol is PROTOCOL


def test_a_protocol_with_mistakes_is_refused_with_all_of_them_and_the_current_one_stays(app: AppTest) -> None:
    upload(app, TINY.replace("age >= age_min", "agee >= age_min").replace('role = "inclusion"', 'role = "neither"'))
    assert session(app).protocol is PROTOCOL
    assert len(app.error) == 1
    assert len(app.dataframe[0].value) >= 1


def test_what_the_other_protocol_does_not_know_of_the_scenario_is_said(app: AppTest) -> None:
    app.radio(key="readings E5").set_value("both").run()
    upload(app, TINY)
    assert session(app).scenario == AS_WRITTEN
    assert any("E5" in warning.value for warning in app.warning)


def test_a_protocol_that_is_not_text_is_refused_with_a_sentence(app: AppTest) -> None:
    app.file_uploader(key="upload protocol").set_value(("other.toml", TINY.replace("Tiny", "Größe").encode("latin-1"), "application/toml")).run()
    assert not app.exception
    assert session(app).protocol is PROTOCOL
    assert "not UTF-8 text" in app.dataframe[0].value.to_string()


def test_an_exception_is_shown_and_what_only_it_speaks_of_has_a_missing_policy_too(app: AppTest) -> None:
    upload(app, TINY.replace('rule = "age >= age_min"', 'rule = "age >= age_min"\nunless = "occurred(heart_failure)"'))
    app.session_state["adjust A"] = True
    app.run()
    assert {"missing A.age", "missing A.heart_failure"} <= {box.key for box in app.selectbox}
    assert any("Unless:" in text.value and "heart failure" in text.value.lower() for text in app.markdown)


def test_a_stages_cost_is_edited_and_saved_with_the_protocol(app: AppTest) -> None:
    app.radio(key="readings E5").set_value("both").run()
    app.session_state["stages"] = True
    app.run()
    stage = PROTOCOL.stages[1]
    app.number_input(key=f"cost {stage.id}").set_value(2.5).run()
    assert not app.exception
    changed = session(app).protocol
    assert changed.stages[1] == replace(stage, cost=2.5)
    assert read_protocol(changed.text, builtin_catalogue()).stages == changed.stages
    assert changed.text.count("#") == PROTOCOL.text.count("#"), "comments stay"
    assert session(app).scenario == with_reading(PROTOCOL, AS_WRITTEN, "E5", "both")
    assert len(session(app).history) == 1, "what was changed before can still be undone"
    app.button(key="built in").click().run()
    assert session(app).protocol is PROTOCOL
