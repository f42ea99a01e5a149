"""Rule text → checked expression. The text is parsed as a Python expression and never evaluated by Python."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from feasibility.kidney import EQUATIONS
from feasibility.parameters import WINDOW_UNITS, Choice, Number, Parameter, Switch
from feasibility.rules.nodes import (
    All,
    AnyOf,
    At,
    Compare,
    Condition,
    Constant,
    Count,
    Counting,
    Egfr,
    Exposed,
    Field,
    Label,
    Not,
    Occurred,
    Pick,
    Possible,
    Quantity,
    Ref,
    Statistic,
    Switched,
    Visit,
    Which,
    Window,
)
from feasibility.variables import Catalogue, Kind, Variable

OPERATORS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
WINDOW_TEXT = re.compile(r"(\d+)\s*(day|month|year)s?")


@dataclass(frozen=True)
class Scope:
    """What a rule may name: the catalogue, and the parameters by the name used in the rule → (full name, parameter)."""

    catalogue: Catalogue
    parameters: Mapping[str, tuple[str, Parameter]]


class _Refused(Exception):
    """One thing wrong at one place of a rule."""

    def __init__(self, node: ast.AST, message: str) -> None:
        super().__init__(message)
        self.node = node


@dataclass
class _Reader:
    scope: Scope
    text: str
    mistakes: list[str] = field(default_factory=list)
    record: str | None = None  # inside where, excepting and visit conditions: whose fields may be named


def read_rule(text: str, scope: Scope) -> tuple[Condition | None, tuple[str, ...]]:
    """The rule as a checked condition, or None; and every mistake found in it, each with the place and what was expected."""
    reader = _Reader(scope, text)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f" at column {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        return None, (f"not a complete expression{place}: {text.strip()!r}",)
    condition = _condition(reader, tree.body)
    return (None if reader.mistakes else condition), tuple(reader.mistakes)


def _noted(read: Callable[[_Reader, Any], Any]) -> Callable[[_Reader, Any], Any]:
    """Note a mistake with its place and go on, so that all mistakes of a rule come together."""

    def reading(reader: _Reader, node: ast.AST) -> Any:
        try:
            return read(reader, node)
        except _Refused as refused:
            where = ast.get_source_segment(reader.text.strip(), refused.node) or ""
            reader.mistakes.append(f"at {where!r}: {refused}")
            return None

    return reading


@_noted
def _condition(reader: _Reader, node: ast.AST) -> Condition | None:
    match node:
        case ast.BoolOp(op=operator, values=values):
            conditions = tuple(_condition(reader, value) for value in values)
            return All(conditions) if isinstance(operator, ast.And) else AnyOf(conditions)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_condition(reader, operand))
        case ast.Compare():
            return _comparison(reader, node)
        case ast.Call(func=ast.Name(id=name)) if reader.record is not None:
            raise _Refused(node, f"{name} speaks of all of a patient's records; inside where=, excepting= and visits only the fields of one record count")
        case ast.Call(func=ast.Name(id=name)) if name in CONDITIONS:
            return CONDITIONS[name](reader, node)
        case ast.Name(id=name) if name in reader.scope.parameters:
            full, parameter = reader.scope.parameters[name]
            if isinstance(parameter, Switch):
                return Switched(Ref(full))
            raise _Refused(node, f"{name} is a {type(parameter).__name__.lower()}, not a switch; compare it with something")
        case _:
            raise _Refused(node, f"expected a condition: a comparison, a switch, and/or/not, or one of {', '.join(CONDITIONS)}")


def _comparison(reader: _Reader, node: ast.Compare) -> Condition:
    sides = [node.left, *node.comparators]
    parts: list[Condition] = []
    for left, operator, right in zip(sides[:-1], node.ops, sides[1:], strict=True):
        if isinstance(operator, (ast.In, ast.NotIn)):
            if not isinstance(right, (ast.List, ast.Tuple)) or not right.elts:
                raise _Refused(right, "expected a list of values in square brackets")
            options: list[Condition] = [_compare(reader, left, "==", option) for option in right.elts]
            among = options[0] if len(options) == 1 else AnyOf(tuple(options))
            parts.append(Not(among) if isinstance(operator, ast.NotIn) else among)
        elif type(operator) in OPERATORS:
            parts.append(_compare(reader, left, OPERATORS[type(operator)], right))
        else:
            raise _Refused(node, "expected one of < <= > >= == != in")
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _compare(reader: _Reader, left: ast.expr, operator: str, right: ast.expr) -> Condition:
    if _is_text(left) and not _is_text(right):
        raise _Refused(left, "put the variable on the left and its value on the right")
    subject = _quantity(reader, left)
    variable = _subject(reader, subject)
    if _is_text(right):
        assert isinstance(right, ast.Constant)
        if variable is None or not variable.values:
            raise _Refused(right, "only a variable with named values can be compared with a text")
        if right.value not in variable.values:
            raise _Refused(right, f"{variable.name} is one of {', '.join(variable.values)}")
        if operator not in ("==", "!=") and variable.kind is Kind.CATEGORY:
            raise _Refused(right, f"{variable.name} has no order; use == or in")
        lo, hi = variable.values[str(right.value)]
        return Compare(subject, operator, Label(str(right.value), lo, hi))
    other = _quantity(reader, right)
    for quantity, constant, place in ((subject, other, right), (other, subject, left)):
        _check_unit(reader, _subject(reader, quantity), quantity, constant, place)
    return Compare(subject, operator, other)


def _check_unit(reader: _Reader, variable: Variable | None, quantity: Quantity, constant: Quantity, place: ast.expr) -> None:
    if not (isinstance(constant, Constant) and isinstance(constant.value, Ref)):
        return
    if isinstance(quantity, Egfr):
        variable = reader.scope.catalogue["egfr_reported"]
    if variable is None:
        return
    name, expected = constant.value.name, variable.unit
    parameter = next(parameter for full, parameter in reader.scope.parameters.values() if full == name)
    assert isinstance(parameter, Number)
    counted = not variable.conversions and not parameter.unit  # classes, deficits: a bare number is a number of them
    if parameter.unit != expected and not counted:
        raise _Refused(place, f"{name} is in {parameter.unit or 'no unit'}, but the value it is compared with is in {expected or 'no unit'}")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _subject(reader: _Reader, quantity: Quantity | None) -> Variable | None:
    match quantity:
        case Pick(variable=name) | Field(variable=name):
            return reader.scope.catalogue[name]
        case _:
            return None


@_noted
def _quantity(reader: _Reader, node: ast.AST) -> Quantity | None:
    match node:
        case ast.Constant(value=bool()):
            raise _Refused(node, "expected a number; a yes or no is a switch parameter")
        case ast.Constant(value=int() | float() as value):
            return Constant(float(value))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return Constant(-float(value))
        case ast.Name(id=name) if name in reader.scope.parameters:
            full, parameter = reader.scope.parameters[name]
            if not isinstance(parameter, Number):
                raise _Refused(node, f"{name} is a {type(parameter).__name__.lower()}, not a number")
            return Constant(Ref(full))
        case ast.Name(id=name) if reader.record is not None:
            return Field(_field(reader, node, name))
        case ast.Name():
            return Pick(Statistic.LATEST, _measured(reader, node).name)
        case ast.Call(func=ast.Name(id=name)) if reader.record is not None:
            raise _Refused(node, f"{name} speaks of all of a patient's records; inside where=, excepting= and visits only the fields of one record count")
        case ast.Call(func=ast.Name(id="egfr")):
            return _egfr(reader, node)
        case ast.Call(func=ast.Name(id="count")):
            return _count(reader, node)
        case ast.Call(func=ast.Name(id=name)) if name in set(Statistic):
            return _pick(reader, node, Statistic(name))
        case _:
            functions = ", ".join([*Statistic, "count", "egfr"])
            raise _Refused(node, f"expected a number, a parameter, a variable, or one of {functions}")


def _field(reader: _Reader, node: ast.AST, name: str) -> str:
    fields = {variable.name for variable in reader.scope.catalogue.fields_of(reader.record or "")}
    if name not in fields:
        raise _Refused(node, f"{name} is not recorded with {reader.record}; its fields are {', '.join(sorted(fields)) or 'none'}")
    return name


def _variable(reader: _Reader, node: ast.AST) -> Variable:
    if not isinstance(node, ast.Name):
        raise _Refused(node, "expected the name of a variable")
    if node.id not in reader.scope.catalogue:
        raise _Refused(node, f"{node.id} is neither a variable of the catalogue nor a parameter of this criterion or the protocol")
    return reader.scope.catalogue[node.id]


def _measured(reader: _Reader, node: ast.AST) -> Variable:
    variable = _variable(reader, node)
    if variable.kind not in (Kind.NUMBER, Kind.CATEGORY):
        raise _Refused(node, f"{variable.name} is {'an event' if variable.kind is Kind.EVENT else 'a date'}; say occurred(…) or exposed(…)")
    if variable.is_field and variable.of not in reader.scope.catalogue.visits:
        raise _Refused(node, f"{variable.name} belongs to {variable.of}; name it inside where= or excepting= of that event")
    return variable


def _event(reader: _Reader, node: ast.AST) -> Variable:
    variable = _variable(reader, node)
    if variable.kind is not Kind.EVENT:
        raise _Refused(node, f"{variable.name} is not an event")
    return variable


@dataclass(frozen=True)
class _Arguments:
    first: list[ast.expr]
    named: dict[str, ast.expr]


def _arguments(node: ast.Call, positional: int, allowed: tuple[str, ...]) -> _Arguments:
    assert isinstance(node.func, ast.Name)
    if len(node.args) != positional or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise _Refused(node, f"{node.func.id} takes {positional} value{'s' if positional > 1 else ''} before its named settings")
    named: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        if keyword.arg not in allowed:
            raise _Refused(node, f"{node.func.id} has no setting {keyword.arg}; it takes {', '.join(allowed)}")
        named[keyword.arg] = keyword.value
    return _Arguments(node.args, named)


def _window(reader: _Reader, arguments: _Arguments) -> Window | None:
    if "within" in arguments.named and "before" in arguments.named:
        raise _Refused(arguments.named["before"], "give within= (up to and with the index date) or before= (up to the day before it), not both")
    closed = "within" in arguments.named
    node = arguments.named.get("within" if closed else "before")
    if node is None:
        return None
    if isinstance(node, ast.Name) and node.id in reader.scope.parameters:
        full, parameter = reader.scope.parameters[node.id]
        if isinstance(parameter, Number) and parameter.unit in WINDOW_UNITS:
            return Window(Ref(full), parameter.unit, closed)
        raise _Refused(node, f"a window is a parameter in {', '.join(WINDOW_UNITS)}")
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := WINDOW_TEXT.fullmatch(node.value.strip())):
        return Window(float(match[1]), match[2] + "s", closed)
    raise _Refused(node, 'expected a window: a parameter in days, months or years, or a text such as "6 months"')


def _setting(reader: _Reader, arguments: _Arguments, name: str, unit: str) -> float | Ref | None:
    """A setting that is a number or a number parameter in ``unit``."""
    node = arguments.named.get(name)
    if node is None:
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool) and node.value >= 0:
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in reader.scope.parameters:
        full, parameter = reader.scope.parameters[node.id]
        if isinstance(parameter, Number) and parameter.unit in (unit, ""):
            if parameter.unbounded is not None and name in ("last", "rank"):
                raise _Refused(node, f"{name} takes a number of values, and {full} may be without a limit")
            return Ref(full)
        raise _Refused(node, f"{name} takes a number{f' in {unit}' if unit else ''}")
    raise _Refused(node, f"{name} takes a number{f' in {unit}' if unit else ''} or a parameter")


def _inside(reader: _Reader, record: str, node: ast.expr | None) -> Condition | None:
    """A condition over the fields of one record of ``record``."""
    if node is None:
        return None
    inner = replace(reader, record=record, mistakes=reader.mistakes)
    condition: Condition | None = _condition(inner, node)
    return condition


def _named(arguments: _Arguments, name: str, kind: type[At] | type[Counting]) -> Any:
    node = arguments.named.get(name)
    if node is None:
        return next(iter(kind))
    if isinstance(node, ast.Constant) and node.value in set(kind):
        return kind(node.value)
    raise _Refused(node, f"{name} is one of {', '.join(kind)}")


def _pick(reader: _Reader, node: ast.Call, statistic: Statistic) -> Quantity:
    plain = statistic in (Statistic.LATEST, Statistic.EARLIEST)
    ranked = statistic in (Statistic.LOWEST, Statistic.HIGHEST)
    allowed = ("within", "before") if plain else ("within", "before", "last", "apart", "span", *(("rank",) if ranked else ()))
    arguments = _arguments(node, 1, allowed)
    variable = _measured(reader, arguments.first[0])
    last = _setting(reader, arguments, "last", "")
    apart = _setting(reader, arguments, "apart", "days")
    span = _setting(reader, arguments, "span", "days")
    rank = _setting(reader, arguments, "rank", "")
    if last is None and (apart, span, rank) != (None, None, None):
        raise _Refused(node, "apart=, span= and rank= go with last=")
    if isinstance(last, float) and (last < 1 or last != math.floor(last)):
        raise _Refused(node, "last= is a whole number from 1")
    if isinstance(rank, float) and not (rank >= 1 and rank == math.floor(rank) and (not isinstance(last, float) or rank <= last)):
        raise _Refused(node, "rank= is a whole number from 1 to last")
    return Pick(statistic, variable.name, _window(reader, arguments), last, apart, span, 1.0 if rank is None else rank)


def _count(reader: _Reader, node: ast.Call) -> Quantity:
    arguments = _arguments(node, 1, ("within", "before", "where"))
    variable = _variable(reader, arguments.first[0])
    return Count(variable.name, _window(reader, arguments), _inside(reader, variable.of, arguments.named.get("where")))


def _egfr(reader: _Reader, node: ast.Call) -> Quantity:
    arguments = _arguments(node, 1, ("within", "before"))
    equation = arguments.first[0]
    window = _window(reader, arguments)
    if isinstance(equation, ast.Constant) and equation.value in EQUATIONS:
        return Egfr(str(equation.value), window)
    if isinstance(equation, ast.Name) and equation.id in reader.scope.parameters:
        full, parameter = reader.scope.parameters[equation.id]
        if isinstance(parameter, Choice) and set(parameter.options) <= set(EQUATIONS):
            return Egfr(Ref(full), window)
    raise _Refused(equation, f"expected an equation: {', '.join(EQUATIONS)}")


def _occurred(reader: _Reader, node: ast.Call) -> Condition:
    arguments = _arguments(node, 1, ("within", "before", "where", "excepting", "at"))
    event = _event(reader, arguments.first[0])
    return Occurred(
        event.name,
        _window(reader, arguments),
        _inside(reader, event.of, arguments.named.get("where")),
        _inside(reader, event.of, arguments.named.get("excepting")),
        _named(arguments, "at", At),
    )


def _exposed(reader: _Reader, node: ast.Call) -> Condition:
    arguments = _arguments(node, 1, ("within", "before", "longer_than", "gap", "counting", "where", "excepting"))
    event = _event(reader, arguments.first[0])
    window = _window(reader, arguments)
    counting = _named(arguments, "counting", Counting)
    if counting is Counting.WINDOW and (window is None or window.unit != "days"):
        raise _Refused(node, 'counting="window" needs a window in days')
    gap = _setting(reader, arguments, "gap", "days")
    return Exposed(
        event.name,
        window,
        _setting(reader, arguments, "longer_than", "days"),
        0.0 if gap is None else gap,
        counting,
        _inside(reader, event.of, arguments.named.get("where")),
        _inside(reader, event.of, arguments.named.get("excepting")),
    )


def _visit(reader: _Reader, node: ast.Call, which: Which) -> Condition:
    arguments = _arguments(node, 1, ("within", "before"))
    names = [inner.id for inner in ast.walk(arguments.first[0]) if isinstance(inner, ast.Name) and inner.id not in reader.scope.parameters]
    records = {reader.scope.catalogue[name].of for name in names if name in reader.scope.catalogue}
    if len(records) != 1 or not records <= set(reader.scope.catalogue.visits):
        raise _Refused(node, "a visit condition speaks of values taken at one visit: " + ", ".join(reader.scope.catalogue.visits))
    record = records.pop()
    condition = _inside(reader, record, arguments.first[0])
    assert condition is not None or reader.mistakes
    return Visit(which, record, condition, _window(reader, arguments))  # type: ignore[arg-type]  # None only where a mistake is noted


def _possible(reader: _Reader, node: ast.Call) -> Condition:
    return Possible(_condition(reader, _arguments(node, 1, ()).first[0]))


CONDITIONS: dict[str, Callable[[_Reader, ast.Call], Condition]] = {
    "occurred": _occurred,
    "exposed": _exposed,
    "latest_visit": lambda reader, node: _visit(reader, node, Which.LATEST),
    "any_visit": lambda reader, node: _visit(reader, node, Which.ANY),
    "possible": _possible,
}
