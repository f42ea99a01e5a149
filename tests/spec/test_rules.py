"""Rule text: what is understood, and what is refused with the place and what was expected."""

from __future__ import annotations

import pytest

from feasibility.parameters import Choice, Number, Switch, Unbounded
from feasibility.rules import nodes as n
from feasibility.rules.parse import Scope, read_rule
from feasibility.variables import builtin_catalogue

PARAMETERS = {
    "limit": Number("C.limit", "limit", 3.5, 0, 10, 0.1, "g/24h"),
    "uacr_limit": Number("C.uacr_limit", "limit", 1000, 0, 9000, 10, "mg/g"),
    "window": Number("window", "window", 28, 1, 365, 1, "days"),
    "long_window": Number("long_window", "window", 6, 1, 60, 1, "months"),
    "times": Number("C.times", "times", 2, 1, 3, 1),
    "endless": Number("C.endless", "endless", 2, 1, 3, 1, unbounded=Unbounded.UP),
    "asked": Switch("C.asked", "asked", True),
    "equation": Choice("C.equation", "equation", "2021_cr", ("2021_cr", "2009_cr")),
    "site": Choice("C.site", "site", "nmsc", ("nmsc", "other")),
}
SCOPE = Scope(builtin_catalogue(), {name: (parameter.name, parameter) for name, parameter in PARAMETERS.items()})


def mistakes(text: str) -> tuple[str, ...]:
    condition, found = read_rule(text, SCOPE)
    assert (condition is None) == bool(found)
    return found


REFUSED = [
    # the rule, a part of what is said (the place, what was expected)
    ("", "not a complete expression"),
    ("latest(uacr) >", "not a complete expression"),
    ("latest(uacr) > 3)", "not a complete expression"),
    ("latest(uacr)", "expected a condition"),
    ("3", "expected a condition"),
    ("True", "expected a condition"),
    ("uacr", "expected a condition"),
    ("latest(uacr) > True", "a yes or no is a switch parameter"),
    ("latest(urea) > 3", "urea is neither a variable of the catalogue nor a parameter"),
    ("urea > 3", "urea is neither"),
    ("latest(t2dm) > 3", "t2dm is an event; say occurred"),
    ("birth_date > 3", "birth_date is a date"),
    ("occurred(uacr)", "uacr is not an event"),
    ("exposed(sex)", "sex is not an event"),
    ("occurred(nothing)", "nothing is neither"),
    ("newest(uacr) > 3", "expected a number, a parameter, a variable, or one of latest"),
    ("happened(t2dm)", "expected a condition"),
    ("latest(uacr, 3) > 3", "latest takes 1 value before its named settings"),
    ("latest() > 3", "latest takes 1 value"),
    ("latest(uacr, since=window) > 3", "latest has no setting since; it takes within, before"),
    ("latest(uacr, last=2) > 3", "latest has no setting last"),
    ("mean(uacr, last=2, rank=1) > 3", "mean has no setting rank"),
    ("latest(uacr, **window) > 3", "latest has no setting"),
    ("latest(*uacr) > 3", "latest takes 1 value"),
    ("latest(uacr, within=30) > 3", "expected a window"),
    ('latest(uacr, within="30 weeks") > 3', "expected a window"),
    ('latest(uacr, within="six months") > 3', "expected a window"),
    ("latest(uacr, within=limit) > 3", "a window is a parameter in days, months, years"),
    ("latest(uacr, within=asked) > 3", "a window is a parameter in days, months, years"),
    ("latest(uacr, within=window, before=window) > 3", "not both"),
    ("lowest(uacr, last=0) > 3", "last= is a whole number from 1"),
    ("lowest(uacr, last=1.5) > 3", "last= is a whole number from 1"),
    ("lowest(uacr, last=-1) > 3", "last takes a number"),
    ("lowest(uacr, last=endless) > 3", "last takes a number of values, and C.endless may be without a limit"),
    ("lowest(uacr, last=2, rank=endless) > 3", "rank takes a number of values"),
    ("lowest(uacr, last=2, rank=3) > 3", "rank= is a whole number from 1 to last"),
    ("lowest(uacr, last=2, rank=0) > 3", "rank= is a whole number"),
    ("lowest(uacr, apart=7) > 3", "go with last="),
    ("lowest(uacr, last=2, apart=long_window) > 3", "apart takes a number in days"),
    ("lowest(uacr, last=limit) > 3", "last takes a number"),
    ("latest(uacr) > limit", "C.limit is in g/24h, but the value it is compared with is in mg/g"),
    ("limit < latest(uacr)", "C.limit is in g/24h, but"),
    ('egfr("2021_cr") >= limit', "C.limit is in g/24h, but"),
    ("latest(uacr) > asked", "asked is a switch, not a number"),
    ("limit", "limit is a number, not a switch"),
    ("asked > 3", "asked is a switch, not a number"),
    ('latest(uacr) == "high"', "only a variable with named values"),
    ('sex == "woman"', "sex is one of female, male"),
    ('sex >= "male"', "sex has no order"),
    ('"male" == sex', "put the variable on the left"),
    ('limit == "male"', "only a variable with named values"),
    ('sex in "male"', "expected a list of values in square brackets"),
    ("sex in []", "expected a list of values in square brackets"),
    ("sex is 1", "expected one of < <= > >= == != in"),
    ('egfr("mdrd") > 3', "expected an equation: 2021_cr"),
    ("egfr(site) > 3", "expected an equation"),
    ("stroke_lacunar == 1", "stroke_lacunar belongs to cerebral_infarction"),
    ('occurred(cerebral_infarction, where=cancer_site == "nmsc")', "cancer_site is not recorded with cerebral_infarction"),
    ("occurred(cerebral_infarction, where=stroke_lacunar)", "expected a condition"),
    ('occurred(t2dm, at="noon")', "at is one of start, end, later"),
    ('exposed(iv_antibiotic, counting="days")', "counting is one of course, window"),
    ('exposed(iv_antibiotic, longer_than=7, counting="window")', 'counting="window" needs a window in days'),
    ('exposed(iv_antibiotic, before="3 months", longer_than=7, counting="window")', 'counting="window" needs a window in days'),
    ("exposed(iv_antibiotic, longer_than=limit)", "longer_than takes a number in days"),
    ("any_visit(uacr > 3)", "a visit condition speaks of values taken at one visit: blood_pressure"),
    ("any_visit(sbp > 3 and uacr > 3)", "a visit condition speaks of values taken at one visit"),
    ("any_visit(asked)", "a visit condition speaks of values taken at one visit"),
    ("possible(3)", "expected a condition"),
    ("possible(uacr > 3, uacr > 4)", "possible takes 1 value"),
    ("uacr + 1 > 3", "expected a number, a parameter, a variable"),
    ("uacr > 3 if asked else uacr > 4", "expected a condition"),
    ("[uacr > 3]", "expected a condition"),
    ("lambda: 1", "expected a condition"),
    ("__import__('os').system('true')", "expected a condition"),
    ("uacr.__class__ > 3", "expected a number"),
    ("(uacr := 3) > 3", "expected a number"),
    ("~asked", "expected a condition"),
    ("uacr > 3j", "expected a number"),
    # inside where=, excepting= and visits only the record's own fields may be named
    ("occurred(cerebral_infarction, where=occurred(t2dm))", "where"),
    ("occurred(cerebral_infarction, where=latest(uacr) > 3)", "where"),
    ("occurred(cerebral_infarction, excepting=count(t2dm) > 3)", "excepting"),
    ('occurred(cerebral_infarction, where=egfr("2021_cr") > 3)', "where"),
    ("any_visit(latest(sbp) > 3)", "any_visit"),
    ("any_visit(sbp > 160 and occurred(t2dm))", "any_visit"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_refused(text: str, said: str) -> None:
    found = mistakes(text)
    assert found
    if said not in ("where", "excepting", "any_visit"):  # how that is said is free
        assert any(said in mistake for mistake in found), found


def test_all_mistakes_of_a_rule_come_together_with_their_places() -> None:
    found = mistakes('latest(urea) > 3 and occurred(uacr) or sex == "woman"')
    assert len(found) == 3
    assert "'urea'" in found[0]
    assert "'uacr'" in found[1]
    assert "'\"woman\"'" in found[2]


@pytest.mark.parametrize("text", ["not " * 3000 + "asked", "(" * 150 + "asked" + ")" * 150, " and ".join(["asked"] * 3000), "not (" * 90 + "asked" + ")" * 90])
def test_deep_nesting_is_refused_or_read_but_never_a_crash(text: str) -> None:
    condition, found = read_rule(text, SCOPE)
    assert (condition is None) == bool(found)


LATEST = n.Pick(n.Statistic.LATEST, "uacr")
READ = [
    ("uacr > 3", n.Compare(LATEST, ">", n.Constant(3.0))),
    ("latest(uacr) > -3", n.Compare(LATEST, ">", n.Constant(-3.0))),
    ("1 <= uacr < 3", n.All((n.Compare(n.Constant(1.0), "<=", LATEST), n.Compare(LATEST, "<", n.Constant(3.0))))),
    (
        "latest(uacr, within=window) > uacr_limit",
        n.Compare(n.Pick(n.Statistic.LATEST, "uacr", n.Window(n.Ref("window"), "days")), ">", n.Constant(n.Ref("C.uacr_limit"))),
    ),
    ('latest(uacr, before="1 year") > 3', n.Compare(n.Pick(n.Statistic.LATEST, "uacr", n.Window(1.0, "years", closed=False)), ">", n.Constant(3.0))),
    ('sex in ["male"]', n.Compare(n.Pick(n.Statistic.LATEST, "sex"), "==", n.Label("male", 1.0, 1.0))),
    ("asked and not asked", n.All((n.Switched(n.Ref("C.asked")), n.Not(n.Switched(n.Ref("C.asked")))))),
    ("possible(asked)", n.Possible(n.Switched(n.Ref("C.asked")))),
    ("occurred(t2dm)", n.Occurred("t2dm")),
    ("egfr(equation) >= 20", n.Compare(n.Egfr(n.Ref("C.equation")), ">=", n.Constant(20.0))),
    ("count(t2dm) >= times", n.Compare(n.Count("t2dm"), ">=", n.Constant(n.Ref("C.times")))),
    ("any_visit(sbp <= 160)", n.Visit(n.Which.ANY, "blood_pressure", n.Compare(n.Field("sbp"), "<=", n.Constant(160.0)))),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_read(text: str, expected: n.Condition) -> None:
    assert read_rule(text, SCOPE) == (expected, ())


# Precedence is Python's: not before and before or.
PRECEDENCE = [
    ("asked or asked and not asked", "asked or (asked and (not asked))"),
    ("not uacr > 3 and asked", "(not (uacr > 3)) and asked"),
    ("not asked or asked", "(not asked) or asked"),
]


@pytest.mark.parametrize(("plain", "spelt_out"), PRECEDENCE)
def test_precedence(plain: str, spelt_out: str) -> None:
    assert read_rule(plain, SCOPE)[0] == read_rule(spelt_out, SCOPE)[0] is not None


def test_resolving_takes_out_what_switches_decide() -> None:
    condition, _ = read_rule("(asked and uacr > uacr_limit) or (not asked and hba1c > 9)", SCOPE)
    assert condition is not None
    values = {"C.asked": True, "C.uacr_limit": 1000.0}
    assert n.resolve(condition, values) == n.Compare(LATEST, ">", n.Constant(1000.0))
    assert n.parameters(condition) == ("C.asked", "C.uacr_limit")
    assert n.variables(n.resolve(condition, values)) == ("uacr",)
