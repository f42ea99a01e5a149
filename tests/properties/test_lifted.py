"""On any patients: whom a lifted limit lets in is what judging them one by one at the end of the range and without the limit says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import judge
from oracle.both import judged
from oracle.judge import Case
from oracle.patients import MISSING, Columns, Patient, cohort
from properties.strategies import LEAVES, files, records_of, windows

from feasibility.parameters import Direction, Number, loosest
from feasibility.protocol import Protocol, read_protocol
from feasibility.results.lifted import let_in
from feasibility.results.overview import Workbench
from feasibility.rules import nodes as n
from feasibility.scenario import AS_WRITTEN, Scenario, reading_id, values, with_criterion_off, with_value
from feasibility.screening.screen import PASS
from feasibility.variables import builtin_catalogue

RANGES = {"mg/g": (300, 2000, 1), "%": (6, 12, 0.1), "mmHg": (100, 160, 1), "days": (30, 365, 1)}
LIMITED = {
    "mg/g": st.builds("{}(uacr{})".format, st.sampled_from(["latest", "highest", "geometric_mean"]), windows()),
    "%": st.sampled_from(["latest(hba1c)", "lowest(hba1c, last=2, apart=7)", 'mean(hba1c, within="365 days")']),
    "mmHg": st.sampled_from(["latest(sbp)", "latest(dbp)", 'latest(sbp, within="30 days")']),
}
BY_DIRECTION = {Direction.UP: ("{} <= {}", "not {} > {}"), Direction.DOWN: ("{} > {}", "not {} <= {}")}
VISITS = st.builds("{}(sbp {{}} p and dbp <= 110{})".format, st.sampled_from(["latest_visit", "any_visit"]), windows())


@st.composite
def limits(draw: st.DrawFn, unit: str, direction: Direction) -> str:
    """A condition that more patients meet as ``p`` goes that way."""
    if unit == "days":
        return "occurred(t2dm, within=p)"
    if unit == "mmHg" and draw(st.booleans()):
        return draw(VISITS).format("<=" if direction is Direction.UP else ">=")
    return draw(st.sampled_from(BY_DIRECTION[direction])).format(draw(LIMITED[unit]), "p")


@st.composite
def liftable_protocols(draw: st.DrawFn) -> Protocol:
    """One to three criteria, of which some speak of a number that can be lifted, shared by all."""
    unit = draw(st.sampled_from(list(RANGES)))
    direction = Direction.UP if unit == "days" else draw(st.sampled_from(list(Direction)))
    low, high, step = RANGES[unit]
    text = f'title = "any"\n[parameters]\np = {{ value = {draw(st.sampled_from([low, high]))}, min = {low}, max = {high}, step = {step}, unit = "{unit}", '
    text += f'label = "p", loosens = "{direction}", unbounded = "{direction}" }}\n'
    for number in range(draw(st.integers(1, 3))):
        role = draw(st.sampled_from(["inclusion", "exclusion"]))
        text += f'[[criterion]]\nid = "C{number}"\nrole = "{role}"\nlabel = "c"\ntext = "c"\n'
        text += f'[[criterion.reading]]\nid = "r"\nlabel = "r"\njoin = "{draw(st.sampled_from(["all", "any"]))}"\n'
        for limb in range(draw(st.integers(1, 2))):
            rule = draw(limits(unit, direction))
            rule = f"not ({rule})" if role == "exclusion" else rule
            joined = draw(st.sampled_from(["{0}", "{0}", "({0}) and ({1})", "({0}) or ({1})", "{1}"])).format(rule, draw(LEAVES))
            text += f"[[criterion.reading.limb]]\nlabel = 'limb {limb}'\nrule = '''{joined}'''\n"
    return read_protocol(text, builtin_catalogue())


def limited(node: n.Node, visit: n.Visit | None = None) -> Iterator[tuple[n.Quantity, n.Visit | None]]:
    """What ``p`` is compared with, and the visit of which it is a field."""
    if isinstance(node, n.Compare):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if other == n.Constant(n.Ref("p")):
                yield side, visit
    for child in n.children(node):
        yield from limited(child, node if isinstance(node, n.Visit) else visit)


def known(quantity: n.Quantity, visit: n.Visit | None, case: Case) -> bool:
    if isinstance(quantity, n.Field):
        assert visit is not None
        return bool(judge.valued(quantity.variable, visit.window, case))
    return judge.quantity(quantity, case) != MISSING


def let_in_one_by_one(protocol: Protocol, patients: Sequence[Patient], columns: Columns, scenario: Scenario) -> int:
    number = protocol.parameters["p"]
    assert isinstance(number, Number)
    end = number.max if number.loosens is Direction.UP else number.min
    at_end, lifted = (judged(protocol, patients, columns, with_value(protocol, scenario, "p", value)) for value in (end, loosest(number)))
    found = 0
    for place, patient in enumerate(patients):
        case = Case(patient, columns, values(protocol, scenario))
        asked = []
        for criterion in (protocol[each] for each in lifted if each not in scenario.off):
            reading = reading_id(protocol, scenario, criterion.id)
            assert reading is not None
            for limb in judge.assessed_limbs(criterion.role, criterion.reading(reading), case)[0]:
                asked += [known(quantity, visit, replace(case, policies=limb.missing)) for quantity, visit in limited(limb.rule)]
        before, then = (all(truths[place] == PASS for each, truths in outcomes.items() if each not in scenario.off) for outcomes in (at_end, lifted))
        found += bool(asked) and not any(asked) and then and not before
    return found


@settings(max_examples=settings().max_examples * 4)
@given(liftable_protocols(), st.data())
def test_whom_a_lifted_limit_lets_in(protocol: Protocol, data: st.DataObject) -> None:
    patients, columns = data.draw(files(records_of(protocol), most_patients=6))
    number = protocol.parameters["p"]
    assert isinstance(number, Number)
    lifted = with_value(protocol, AS_WRITTEN, "p", loosest(number))
    scenario = data.draw(st.sampled_from([AS_WRITTEN, lifted, with_criterion_off(protocol, AS_WRITTEN, "C0")]))
    bench = Workbench(cohort(patients, columns), protocol)
    assert let_in(bench, scenario, "p") == let_in_one_by_one(protocol, patients, columns, scenario)
