"""The protocol file: what is read, and what is refused with criterion, place and expectation, all together."""

from __future__ import annotations

import math

import pytest

from feasibility.parameters import Choice, Direction, Number, Switch
from feasibility.problems import Unusable
from feasibility.protocol import Join, Role, builtin_protocol, read_protocol
from feasibility.rules.nodes import parameters
from feasibility.variables import MissingPolicy, builtin_catalogue

HEAD = 'title = "t"\n'
STAGE = '[[stage]]\nid = "bloods"\nlabel = "Bloods"\ncost = 3\n'
CRITERION = '[[criterion]]\nid = "C"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\n'
PARAMETER = 'm = { value = 3, min = 1, max = 9, step = 1, unit = "mg/g", label = "m" }\n'
READING = '[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "l"\nrule = "uacr > 3"\n'
RATE = "[[criterion.assumed]]\nrate = 0.5\n"
WHOLE = HEAD + STAGE + CRITERION + READING


def problems(text: str) -> list[str]:
    with pytest.raises(Unusable) as raised:
        read_protocol(text, builtin_catalogue())
    assert all(problem.severity == "error" for problem in raised.value.problems)
    return [str(problem) for problem in raised.value.problems]


def test_the_smallest_protocol() -> None:
    protocol = read_protocol(WHOLE, builtin_catalogue())
    assert protocol.ids == ("C",)
    assert protocol["C"].role is Role.INCLUSION
    assert protocol["C"].readings[0].join is Join.ALL
    assert protocol.target_enrolment is None
    assert protocol.text == WHOLE


REFUSED = [
    # the file, where, what is said
    ("title = ", "protocol file", "is not valid TOML"),
    (HEAD, "top level", "there is no [[criterion]]"),
    (CRITERION + READING, "top level", "title is missing"),
    ("title = 3\n" + CRITERION + READING, "top level", "title is 3; expected a text"),
    (HEAD + 'target_enrolment = "many"\n' + CRITERION + READING, "top level", "target_enrolment is 'many'; expected a whole number"),
    (HEAD + "target_enrolment = true\n" + CRITERION + READING, "top level", "target_enrolment is True"),
    (HEAD + 'author = "x"\n' + CRITERION + READING, "top level", "'author' is not known here"),
    (HEAD + "criterion = 3\n", "top level", "criterion is not a list of tables; write [[criterion]]"),
    (HEAD + CRITERION, "criterion C", "neither a [[criterion.reading]] nor a [[criterion.assumed]]"),
    (HEAD + CRITERION.replace('"C"', "7") + READING, "criterion 7", "id is 7; expected a text"),
    (HEAD + CRITERION.replace('id = "C"\n', "") + READING, "criterion 1", "id is missing"),
    (HEAD + CRITERION.replace("inclusion", "include") + READING, "criterion C", "role is 'include'; expected one of inclusion, exclusion"),
    (HEAD + CRITERION.replace('label = "c"\n', "") + READING, "criterion C", "label is missing"),
    (HEAD + CRITERION + "treatable = true\n" + READING, "criterion C", "'treatable' is not known here"),
    (HEAD + CRITERION + 'modifiable = "yes"\n' + READING, "criterion C", "modifiable is 'yes'; expected true or false"),
    (HEAD + (CRITERION + READING) * 2, "criterion C", "this id is used twice"),
    (HEAD + CRITERION + READING * 2, "criterion C", "the reading id 'r' is used twice"),
    (HEAD + CRITERION + READING.replace('id = "r"\n', ""), "criterion C, reading 1", "id is missing"),
    (HEAD + CRITERION + '[[criterion.reading]]\nid = "r"\nlabel = "r"\n', "criterion C, reading r", "no [[criterion.reading.limb]]"),
    (HEAD + CRITERION + READING.replace('label = "r"', 'label = "r"\njoin = "some"'), "criterion C, reading r", "join is 'some'; expected one of all, any"),
    (HEAD + CRITERION + READING.replace("uacr > 3", "urea > 3"), "criterion C, reading r, limb l", "at 'urea': urea is neither a variable"),
    (HEAD + CRITERION + READING + 'unless = "urea > 3"\n', "criterion C, reading r, limb l, unless", "urea is neither"),
    (HEAD + CRITERION + READING + 'stage = "bloods"\n', "criterion C, reading r, limb l", "'bloods' is not a stage"),
    (
        HEAD + CRITERION + READING + 'missing = { uacr = "gone" }\n',
        "criterion C, reading r, limb l",
        "missing uacr = 'gone'; expected a variable and one of unknown",
    ),
    (HEAD + CRITERION + READING + 'missing = { urea = "absent" }\n', "criterion C, reading r, limb l", "missing urea"),
    (HEAD + CRITERION + READING + "rule = 3\n", "protocol file", "is not valid TOML"),
    (HEAD + CRITERION + READING.replace('"uacr > 3"', "3"), "criterion C, reading r, limb l", "rule is 3; expected a rule"),
    (HEAD + CRITERION + RATE.replace("0.5", "1.5"), "criterion C, assumed pass rate", "rate is 1.5; expected a number from 0 to 1"),
    (HEAD + CRITERION + RATE.replace("0.5", "nan"), "criterion C, assumed pass rate", "expected a number from 0 to 1"),
    (HEAD + CRITERION + RATE + 'when = "urea > 3"\n', "criterion C, assumed pass rate, when", "urea is neither"),
    (HEAD + STAGE + STAGE.replace("bloods", "x") + 'after = ["y"]\n' + CRITERION + READING, "stage x", "after names 'y', which is not a stage"),
    (HEAD + STAGE + 'after = ["bloods"]\n' + CRITERION + READING, "stage bloods", "it would come after itself"),
    (HEAD + STAGE + 'after = ["x"]\n' + STAGE.replace("bloods", "x") + 'after = ["bloods"]\n' + CRITERION + READING, "stage x", "it would come after itself"),
    (HEAD + STAGE + "after = [[1]]\n" + CRITERION + READING, "stage bloods", "after names [1], which is not a stage"),
    (HEAD + STAGE.replace("3", "-1") + CRITERION + READING, "stage bloods", "cost is -1; expected a number from 0"),
    (HEAD + STAGE.replace("3", "inf") + CRITERION + READING, "stage bloods", "cost is inf; expected a number from 0"),
    (HEAD + STAGE + STAGE + CRITERION + READING, "stage bloods", "twice"),
    (HEAD + '[[stage]]\nid = "s"\nlabel = "s"\n' + CRITERION + READING, "stage s", "cost is missing"),
    (HEAD + '[[preset]]\nid = "p"\nlabel = "p"\nset = { w = 3 }\n' + CRITERION + READING, "preset p", "w is not a parameter"),
    (HEAD + "[parameters]\n" + PARAMETER + '[[preset]]\nid = "p"\nlabel = "p"\nset = { m = 99 }\n' + CRITERION + READING, "preset p", "1 to 9"),
    (HEAD + "[parameters]\n" + PARAMETER.replace(', label = "m"', "") + CRITERION + READING, "parameter m", "label is missing"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("value = 3", "value = 30") + CRITERION + READING, "parameter m", "value 30 lies outside 1 to 9"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("value = 3", "value = inf") + CRITERION + READING, "parameter m", "value inf lies outside"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("min = 1", "min = 9") + CRITERION + READING, "parameter m", "expected min < max"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("step = 1", "step = 0") + CRITERION + READING, "parameter m", "a step above 0"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("step = 1, ", "") + CRITERION + READING, "parameter m", "step is missing"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("step = 1", "step = 2") + CRITERION + READING, "parameter m", "is no multiple of the step 2"),
    (
        HEAD + "[parameters]\n" + PARAMETER.replace(" }", ', loosens = "left" }') + CRITERION + READING,
        "parameter m",
        "loosens is 'left'; expected one of up, down",
    ),
    (HEAD + "[parameters]\n" + PARAMETER.replace(" }", ', scale = "root" }') + CRITERION + READING, "parameter m", "scale is linear or log"),
    (
        HEAD + "[parameters]\n" + PARAMETER.replace("min = 1", "min = 0").replace(" }", ', scale = "log" }') + CRITERION + READING,
        "parameter m",
        "a min above 0",
    ),
    (HEAD + "[parameters]\n" + PARAMETER.replace(" }", ", best = 3 }") + CRITERION + READING, "parameter m", "'best' is not known here"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("m =", "uacr =") + CRITERION + READING, "parameter uacr", "its name is a variable's"),
    (HEAD + "[parameters]\n" + PARAMETER.replace("m =", '"a-b" =') + CRITERION + READING, "parameter a-b", "letters, digits and _ only"),
    (HEAD + '[parameters]\nc = { value = "x", label = "c" }\n' + CRITERION + READING, "parameter c", "options is missing"),
    (HEAD + '[parameters]\nc = { value = "x", label = "c", options = ["y"] }\n' + CRITERION + READING, "parameter c", "not one of its options"),
    (HEAD + CRITERION + "[criterion.parameters]\n" + PARAMETER.replace("step = 1", "step = -1") + READING, "criterion C, parameter m", "a step above 0"),
    (HEAD + CRITERION + '[[criterion.limb]]\nlabel = "l"\nrule = "uacr > 3"\n' + RATE, "criterion C", "reading"),  # a limb that no reading would ever use
    (HEAD + CRITERION.replace('"C"', '"C.1"') + READING, "criterion C.1", "id"),  # "C.1.limit=3" could not be told apart
    (HEAD + CRITERION.replace('"C"', '"A,B"') + READING, "criterion A,B", "id"),  # nor could a list of criteria
]


@pytest.mark.parametrize(("text", "where", "said"), REFUSED)
def test_refused(text: str, where: str, said: str) -> None:
    found = problems(text)
    assert any(where in each and said in each for each in found), found


def test_all_problems_come_together() -> None:
    text = HEAD + "[parameters]\n" + PARAMETER.replace("step = 1", "step = 0") + CRITERION + READING.replace("uacr > 3", "urea > 3 and occurred(uacr)")
    text += CRITERION.replace('"C"', '"D"').replace("inclusion", "include") + READING + '[[stage]]\nid = "s"\n'
    found = "\n".join(problems(text))
    for said in ("parameter m", "urea is neither", "uacr is not an event", "criterion D: role", "stage s: label is missing"):
        assert said in found


@pytest.mark.parametrize(("criteria", "fine"), [(63, True), (64, False)])
def test_at_most_63_criteria(criteria: int, fine: bool) -> None:
    text = HEAD + "".join((CRITERION + READING).replace('"C"', f'"C{number}"') for number in range(criteria))
    if fine:
        assert len(read_protocol(text, builtin_catalogue()).criteria) == 63
    else:
        assert any("64 criteria; expected at most 63" in each for each in problems(text))


@pytest.mark.parametrize(
    "text", ["\x00", "[[[", "a = 1\na = 2\n", "criterion = [1]\n", "parameters = 3\n", "[[parameters]]\n", "[criterion]\n", "stage = [[]]\n"]
)
def test_any_other_text_is_refused_and_never_a_crash(text: str) -> None:
    assert problems(text)


def test_a_deeply_nested_rule_is_a_problem_not_a_crash() -> None:
    assert problems(HEAD + CRITERION + READING.replace("uacr > 3", "not " * 5000 + "uacr > 3"))


def test_readings_joins_limbs_and_parameters() -> None:
    text = (
        HEAD
        + 'target_enrolment = 120\n[parameters]\nw = { value = 28, min = 1, max = 99, step = 1, unit = "days", label = "w" }\n'
        + STAGE
        + CRITERION.replace("inclusion", "exclusion")
        + "modifiable = true\n[criterion.parameters]\n"
        + 'm = { value = inf, min = 1, max = 9, step = 0.5, unit = "mg/g", label = "m", loosens = "up", unbounded = "up" }\n'
        + 's = { value = true, label = "s" }\ne = { value = "2021_cr", options = ["2021_cr", "2009_cr"], label = "e" }\n'
        + '[[criterion.limb]]\nlabel = "common"\nrule = "s and occurred(t2dm)"\n'
        + '[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "own"\nstage = "bloods"\n'
        + 'rule = "latest(uacr, within=w) > m"\nunless = "occurred(t1dm)"\nmissing = { uacr = "fail" }\n'
        + '[[criterion.reading]]\nid = "q"\nlabel = "q"\njoin = "all"\n'
        + "[[criterion.assumed]]\nrate = 0.9\nwhen = 'sex == \"female\"'\n[[criterion.assumed]]\nrate = 1\n"
    )
    protocol = read_protocol(text, builtin_catalogue())
    criterion = protocol["C"]
    assert criterion.modifiable
    assert [reading.id for reading in criterion.readings] == ["r", "q"]
    assert [reading.join for reading in criterion.readings] == [Join.ANY, Join.ALL]
    assert [[limb.label for limb in reading.limbs] for reading in criterion.readings] == [["own", "common"], ["common"]]
    own = criterion.readings[0].limbs[0]
    assert own.missing == {"uacr": MissingPolicy.FAIL}
    assert own.unless is not None
    assert [assumed.rate for assumed in criterion.assumed] == [0.9, 1.0]
    assert tuple(protocol.parameters) == ("w", "C.m", "C.s", "C.e")
    assert criterion.parameters == ("C.m", "C.s", "C.e")
    limit = protocol.parameters["C.m"]
    assert isinstance(limit, Number)
    assert (limit.value, limit.loosens) == (math.inf, Direction.UP)
    assert isinstance(protocol.parameters["C.s"], Switch)
    assert isinstance(protocol.parameters["C.e"], Choice)
    assert protocol.shared_parameters() == (protocol.parameters["w"],)


def test_a_criterions_own_parameter_goes_before_a_shared_one() -> None:
    text = (
        HEAD
        + "[parameters]\n"
        + PARAMETER
        + CRITERION
        + "[criterion.parameters]\n"
        + PARAMETER.replace("value = 3", "value = 4")
        + READING.replace("> 3", "> m")
    )
    assert parameters(read_protocol(text, builtin_catalogue())["C"].readings[0].limbs[0].rule) == ("C.m",)


def test_the_built_in_protocol() -> None:
    protocol = builtin_protocol()
    assert protocol.ids == (*(f"I{number}" for number in range(1, 9)), *(f"E{number}" for number in range(1, 14)))
    assert [criterion.role for criterion in protocol.criteria] == [Role.INCLUSION] * 8 + [Role.EXCLUSION] * 13
    assert protocol.target_enrolment == 120
    assert protocol.registry == "NCT06969807"
    assert all(criterion.text and len(criterion.label) <= 28 for criterion in protocol.criteria)
    assert [criterion.id for criterion in protocol.criteria if not criterion.readings] == ["I8", "E13"]
    assert [criterion.id for criterion in protocol.criteria if criterion.modifiable] == ["I6", "E5", "E6", "E11"]
    used = {name for criterion in protocol.criteria for name in criterion.parameters} | {each.name for each in protocol.shared_parameters()}
    assert used == set(protocol.parameters)


def test_every_parameter_of_the_built_in_protocol_is_used() -> None:
    protocol = builtin_protocol()
    used = {
        name
        for criterion in protocol.criteria
        for reading in criterion.readings
        for limb in reading.limbs
        for condition in (limb.rule, limb.unless)
        if condition is not None
        for name in parameters(condition)
    }
    assert used == set(protocol.parameters)
