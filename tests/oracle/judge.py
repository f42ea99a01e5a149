"""What a rule says of one patient, and what a criterion makes of it: FALSE 0, UNKNOWN 1, TRUE 2."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product

from feasibility.cohort import Undated
from feasibility.parameters import Value
from feasibility.protocol import Criterion, Join, Limb, Reading, Role
from feasibility.rules import nodes as n
from feasibility.variables import MissingPolicy, builtin_catalogue
from oracle.patients import INF, MISSING, Columns, Interval, Patient, Rec, months_earlier, record_of

FALSE, UNKNOWN, TRUE = 0, 1, 2
NAMES = ("FALSE", "UNKNOWN", "TRUE")
EXPOSURES = ("immunosuppressant", "iv_antibiotic", "potassium_binder")


@dataclass(frozen=True)
class Case:
    """A patient every date of whom is known to the day, in a file with these columns, under these parameters and missing policies."""

    patient: Patient
    columns: Columns
    values: Mapping[str, Value] = field(default_factory=dict)
    policies: Mapping[str, MissingPolicy] = field(default_factory=dict)

    def __call__(self, setting: object) -> object:
        return self.values[setting.name] if isinstance(setting, n.Ref) else setting

    def policy(self, variable: str) -> MissingPolicy:
        return self.policies.get(variable, builtin_catalogue()[variable].missing)

    def has_column(self, variable: str) -> bool:
        return variable in self.columns.fields.get(record_of(variable), ())

    def records(self, record: str) -> list[Rec]:
        """Newest first."""
        recs = list(self.patient.records.get(record, ()))
        return recs if record in self.columns.undated else sorted(recs, key=lambda rec: rec.date[0], reverse=True)

    def span(self, window: n.Window | None) -> tuple[date, date]:
        """The first and the last day of a window."""
        if window is None:
            return date.min, self.patient.index
        length, newest = self(window.length), self.patient.index - timedelta(0 if window.closed else 1)
        if length == INF:
            return date.min, newest
        if window.unit == "days":
            return self.patient.index - timedelta(int(length)), newest
        return months_earlier(self.patient.index, int(length) * (12 if window.unit == "years" else 1)), newest

    def inside(self, rec: Rec, day: date | None, record: str, window: n.Window | None) -> int:
        first, last = self.span(window)
        if day is not None:
            return TRUE if first <= day <= last else FALSE
        return UNKNOWN if self.columns.undated[record] is Undated.EVER and first > date.min else TRUE

    def covered(self, window: n.Window | None) -> bool:
        first = self.span(window)[0]
        return self.patient.covered_days is None or first == date.min or self.patient.index - timedelta(self.patient.covered_days) <= first


# Conditions


def truth(node: n.Condition, case: Case, rec: Rec | None = None) -> int:
    match node:
        case n.Decided(holds=holds):
            return TRUE if holds else FALSE
        case n.Switched(switch=switch):
            return TRUE if case(switch) else FALSE
        case n.Not(condition=inner):
            return TRUE - truth(inner, case, rec)
        case n.All(conditions=inners):
            return min(truth(inner, case, rec) for inner in inners)
        case n.AnyOf(conditions=inners):
            return max(truth(inner, case, rec) for inner in inners)
        case n.Possible(condition=inner):
            return min(truth(inner, case, rec), UNKNOWN)
        case n.Compare():
            return comparison(node, case, rec)
        case n.Occurred():
            return occurred(node, case)
        case n.Exposed():
            return exposed(node, case)
        case n.Visit():
            return visited(node, case)
    raise AssertionError(node)


def comparison(node: n.Compare, case: Case, rec: Rec | None) -> int:
    if node.operator == "!=":
        return TRUE - comparison(n.Compare(node.left, "==", node.right), case, rec)
    left, right = quantity(node.left, case, rec), quantity(node.right, case, rec)
    if node.operator != "==":  # no limit: it holds, or does not, for everybody
        for side, other, upward in ((node.right, node.left, ("<", "<=")), (node.left, node.right, (">", ">="))):
            if isinstance(side, n.Constant) and math.isinf(case(side.value)) and not isinstance(other, n.Constant):
                return TRUE if (case(side.value) > 0) == (node.operator in upward) else FALSE
    for side in (node.left, node.right):
        if nothing_recorded(side, case, rec):
            return FALSE
    if isinstance(node.right, n.Label) and node.operator == "==":  # to be called so is to lie in what the name stands for
        return TRUE if right[0] <= left[0] and left[1] <= right[1] else FALSE if left[1] < right[0] or left[0] > right[1] else UNKNOWN
    return compare(left, node.operator, right)


def compare(left: Interval, operator: str, right: Interval) -> int:
    match operator:
        case ">=":
            return TRUE if left[0] >= right[1] else FALSE if left[1] < right[0] else UNKNOWN
        case ">":
            return TRUE if left[0] > right[1] else FALSE if left[1] <= right[0] else UNKNOWN
        case "<=":
            return compare(right, ">=", left)
        case "<":
            return compare(right, ">", left)
    if left[1] < right[0] or left[0] > right[1]:
        return FALSE
    return TRUE if left[0] == left[1] == right[0] == right[1] else UNKNOWN


def nothing_recorded(side: n.Quantity, case: Case, rec: Rec | None) -> bool:
    """Whether the policy *absent* makes the comparison FALSE: no record where the rule looks, and the feed covers it."""
    if isinstance(side, n.Field):
        return case.has_column(side.variable) and case.policy(side.variable) is MissingPolicy.ABSENT and rec.values.get(side.variable, MISSING) == MISSING
    if not isinstance(side, n.Pick) or case.policy(side.variable) is not MissingPolicy.ABSENT or not case.has_column(side.variable):
        return False
    return not valued(side.variable, side.window, case) and case.covered(side.window)


def occurs(event: str, rec: Rec) -> int:
    lo, hi = rec.values.get(event, MISSING)
    return FALSE if (lo, hi) == MISSING or hi < 1 else TRUE if lo >= 1 else UNKNOWN


def counts(node: n.Occurred | n.Exposed | n.Count, event: str, rec: Rec, case: Case) -> int:
    """Whether the event of a record occurred and is one the term speaks of."""
    held = [occurs(event, rec)]
    if node.where is not None:
        held.append(truth(node.where, case, rec))
    if getattr(node, "excepting", None) is not None:
        held.append(TRUE - truth(node.excepting, case, rec))
    return min(held)


def occurred(node: n.Occurred, case: Case) -> int:
    if not case.has_column(node.event):
        return UNKNOWN
    best = FALSE
    last_day = case.patient.index - timedelta(0 if node.window is None or node.window.closed else 1)
    older = FALSE
    for rec in case.records(node.event):
        day = rec.date and rec.date[0]
        if node.at is n.At.FIRST and node.window is not None and not math.isinf(case(node.window.length)):
            before = TRUE - case.inside(rec, day, node.event, node.window) if day is None or day <= last_day else FALSE
            older = max(older, min(counts(node, node.event, rec, case), before))
        if day and day <= last_day and node.at in (n.At.END, n.At.LATER):
            if rec.end:
                day = min(rec.end[0], last_day)
            elif node.at is n.At.END:  # it ended on any day since it began
                held = [case.inside(rec, each, node.event, node.window) for each in (day, last_day)]
                best = max(best, min(counts(node, node.event, rec, case), held[0] if held[0] == held[1] else UNKNOWN))
                continue
        best = max(best, min(counts(node, node.event, rec, case), case.inside(rec, day, node.event, node.window)))
    return unless_not_recorded(min(best, TRUE - older), node.event, node.window, case)


def unless_not_recorded(best: int, event: str, window: n.Window | None, case: Case) -> int:
    known = [rec.values[event] for rec in case.records(event) if rec.values.get(event, MISSING) != MISSING]
    if best != FALSE:
        return best
    if case.policy(event) is MissingPolicy.ABSENT:
        return FALSE if case.covered(window) or any(hi < 1 for _, hi in known) else UNKNOWN
    return FALSE if known else UNKNOWN


def exposed(node: n.Exposed, case: Case) -> int:
    """Adding a prescription can only lengthen a course, so the sure ones decide for TRUE and all that may count for FALSE."""
    if not case.has_column(node.event):
        return UNKNOWN
    taken = {rec_id: counts(node, node.event, rec, case) for rec_id, rec in enumerate(case.records(node.event))}
    recs = case.records(node.event)
    if node.event in case.columns.undated:
        best = FALSE
        for number, rec in enumerate(recs):
            length = TRUE if node.longer_than is None else UNKNOWN
            best = max(best, min(taken[number], case.inside(rec, None, node.event, node.window), length))
    else:
        sure, perhaps = ([recs[number] for number, held in taken.items() if held >= least] for least in (TRUE, UNKNOWN))
        best = TRUE if long_enough(node, sure, case) else UNKNOWN if long_enough(node, perhaps, case) else FALSE
    return unless_not_recorded(best, node.event, node.window, case)


def long_enough(node: n.Exposed, recs: list[Rec], case: Case) -> bool:
    first_day, last_day = case.span(node.window)
    periods = sorted((rec.date[0], rec.end[0]) for rec in recs if rec.date[0] <= last_day)  # the future has not been taken yet
    courses: list[list[tuple[date, date]]] = []
    for start, end in periods:
        if courses and (start - max(last for _, last in courses[-1])).days - 1 <= case(node.gap):
            courses[-1].append((start, end))
        else:
            courses.append([(start, end)])
    in_window = {day for start, end in periods for day in days(max(start, first_day, case.patient.index - timedelta(2000)), min(end, last_day))}
    for course in courses:
        overlaps = any(max(start, first_day) <= min(end, last_day) for start, end in course)
        whole = (min(max(end for _, end in course), last_day) - course[0][0]).days + 1
        length = len(in_window) if node.counting is n.Counting.WINDOW else whole
        if overlaps and (node.longer_than is None or length > case(node.longer_than)):
            return True
    return False


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(1)


def visited(node: n.Visit, case: Case) -> int:
    if node.record not in case.columns.fields:
        return UNKNOWN
    asked = n.variables(node.condition)
    visits = [rec for rec in case.records(node.record) if any(rec.values.get(name, MISSING) != MISSING for name in asked)]
    visits = [rec for rec in visits if case.inside(rec, rec.date and rec.date[0], node.record, node.window)]
    held = [truth(node.condition, case, rec) for rec in visits]
    if not held:
        return UNKNOWN
    return held[0] if node.which is n.Which.LATEST else max(held)


# Quantities


def quantity(node: n.Quantity, case: Case, rec: Rec | None = None) -> Interval:
    match node:
        case n.Constant(value=number):
            return (float(case(number)),) * 2
        case n.Label(lo=lo, hi=hi):
            return lo, hi
        case n.Field(variable=name):
            return rec.values.get(name, MISSING) if case.has_column(name) else MISSING
        case n.Pick():
            return picked(node, case)
        case n.Count():
            return counted(node, case)
        case n.Egfr():
            return egfr(node, case)
    raise AssertionError(node)


def valued(variable: str, window: n.Window | None, case: Case) -> list[tuple[date | None, Interval]]:
    """The variable's values in the window, newest first."""
    record = record_of(variable)
    recs = [rec for rec in case.records(record) if rec.values.get(variable, MISSING) != MISSING]
    return [(rec.date and rec.date[0], rec.values[variable]) for rec in recs if case.inside(rec, rec.date and rec.date[0], record, window)]


def picked(node: n.Pick, case: Case) -> Interval:
    if not case.has_column(node.variable):
        stated = builtin_catalogue()[node.variable].if_column_absent  # the catalogue may say what a file without the column means
        return MISSING if stated is None else builtin_catalogue()[node.variable].values[stated]
    found = valued(node.variable, node.window, case)
    if node.last is not None:
        chosen: list[tuple[date | None, Interval]] = []
        for day, interval in found:
            if chosen and chosen[0][0] and day and node.span is not None and (chosen[0][0] - day).days > case(node.span):
                break
            if not chosen or day is None or (chosen[-1][0] - day).days >= (case(node.apart) or 0):
                chosen.append((day, interval))
        number = int(case(node.last))
        found = chosen[:number] + [(None, MISSING)] * (number - len(chosen))
    if not found:
        return MISSING
    ends = [[interval[end] for _, interval in found] for end in (0, 1)]
    match node.statistic:
        case n.Statistic.LATEST:
            return found[0][1]
        case n.Statistic.EARLIEST:
            return found[-1][1]
        case n.Statistic.LOWEST:
            return tuple(sorted(end)[int(case(node.rank)) - 1] for end in ends)
        case n.Statistic.HIGHEST:
            return tuple(sorted(end, reverse=True)[int(case(node.rank)) - 1] for end in ends)
        case n.Statistic.MEAN:
            return tuple(rounded(sum(end) / len(end)) for end in ends)
        case n.Statistic.MEDIAN:
            return tuple(rounded(statistics.median(end)) for end in ends)
        case n.Statistic.GEOMETRIC_MEAN:
            logs = [[-INF if end <= 0 else math.log(end) for end in side] for side in ends]
            return tuple(rounded(math.exp(sum(side) / len(side))) for side in logs)
    raise AssertionError(node)


def rounded(number: float) -> float:
    return number if math.isinf(number) else float(f"{number:.9g}")


def counted(node: n.Count, case: Case) -> Interval:
    if not case.has_column(node.variable):
        return MISSING
    record = record_of(node.variable)
    least = most = 0
    for rec in case.records(record):
        held = case.inside(rec, rec.date and rec.date[0], record, node.window)
        if node.variable == record and builtin_catalogue()[record].kind == "event":
            held = min(held, counts(node, record, rec, case))
        elif rec.values.get(node.variable, MISSING) == MISSING:
            held = FALSE
        elif node.where is not None:
            held = min(held, truth(node.where, case, rec))
        least, most = least + (held == TRUE), most + (held != FALSE)
    if most and flagged_only(record, case):
        return least, INF
    if case.policy(node.variable) is MissingPolicy.ABSENT:
        known = any(hi < 1 for rec in case.records(record) for _, hi in [rec.values.get(node.variable, MISSING)])
        return least, most if known or case.covered(node.window) else INF
    recorded = any(rec.values.get(node.variable, MISSING) != MISSING for rec in case.records(record))
    return least, most if recorded else INF


def flagged_only(event: str, case: Case) -> bool:
    """Whether a file has room for one yes or no a patient: who has had it twice looks there like who has had it once."""
    return builtin_catalogue()[event].kind == "event" and event in case.columns.wide and len(case.records(event)) == 1


BOTH = ["creatinine", "cystatin_c"]
MARKERS = {"2021_cr": ["creatinine"], "2009_cr": ["creatinine"], "2012_cys": ["cystatin_c"]}


def egfr(node: n.Egfr, case: Case) -> Interval:
    """The lowest and the highest of every corner of what is not known; the age is that at the first marker's latest sample."""
    equation = case(node.equation)
    markers = MARKERS.get(equation, BOTH)
    found = [valued(marker, node.window, case) for marker in markers]
    ages, sexes = valued("age_exact", None, case), valued("sex", None, case)
    if not all(found) or not ages:
        return MISSING
    day = found[0][0][0]
    ago = (case.patient.index - day).days / 365.25 if day else 0.0
    corners = []
    for age, sex, *levels in product(ages[0][1], sexes[0][1] if sexes else (0, 1), *(latest[0][1] for latest in found)):
        if age - ago < 18:
            return MISSING
        corners.append(ckd_epi(equation, dict(zip(markers, levels, strict=True)), age - ago, sex == 0))
    settled = [corner for corner in corners if not math.isnan(corner)]  # 0 × inf: other corners hold both ends
    return rounded(min(settled)), rounded(max(settled))


def ckd_epi(equation: str, levels: dict[str, float], age: float, female: bool) -> float:
    kappa = 0.7 if female else 0.9

    def power(marker: str, knot: float, below: float, above: float) -> float:
        level = levels[marker] / knot
        return INF if level <= 0 else 0.0 if level == INF else min(level, 1) ** below * max(level, 1) ** above

    def aged(base: float) -> float:
        return 0.0 if age == INF else base**age

    match equation:
        case "2021_cr":
            return 142 * power("creatinine", kappa, -0.241 if female else -0.302, -1.2) * aged(0.9938) * (1.012 if female else 1)
        case "2009_cr":
            return 141 * power("creatinine", kappa, -0.329 if female else -0.411, -1.209) * aged(0.993) * (1.018 if female else 1)
        case "2012_cys":
            return 133 * power("cystatin_c", 0.8, -0.499, -1.328) * aged(0.996) * (0.932 if female else 1)
        case "2012_cr_cys":
            both = power("creatinine", kappa, -0.248 if female else -0.207, -0.601) * power("cystatin_c", 0.8, -0.375, -0.711)
            return 135 * both * aged(0.995) * (0.969 if female else 1)
        case "2021_cr_cys":
            both = power("creatinine", kappa, -0.219 if female else -0.144, -0.544) * power("cystatin_c", 0.8, -0.323, -0.778)
            return 135 * both * aged(0.9961) * (0.963 if female else 1)
    raise AssertionError(equation)


# Dates known in part: every way they may turn out


def worlds(patient: Patient, columns: Columns, exposures: tuple[str, ...] = EXPOSURES) -> Iterator[Patient]:
    """The patient with every date known, once for each way the dates may turn out; two values of one day would have been one record."""
    places = [(record, number) for record, recs in patient.records.items() for number in range(len(recs))]
    choices = [list(_days_of(patient, patient.records[record][number], record in exposures)) for record, number in places]
    for chosen in product(*choices):
        recs: dict[str, list[Rec]] = {}
        for (record, number), (day, end) in zip(places, chosen, strict=True):
            rec = patient.records[record][number]
            recs.setdefault(record, []).append(replace(rec, date=day and (day, day), end=end and (end, end)))
        if all(len({rec.date for rec in each}) == len(each) or record in columns.undated or record in exposures for record, each in recs.items()):
            yield replace(patient, records={record: tuple(each) for record, each in recs.items()})


def _days_of(patient: Patient, rec: Rec, exposure: bool) -> Iterator[tuple[date | None, date | None]]:
    if rec.date is None:
        yield None, None
        return
    for day in days(*rec.date):
        if rec.end is not None:
            last = min(rec.end[1], max(rec.end[0], patient.index + timedelta(1)))  # any day after the index date is as good as another
            yield from ((day, end) for end in days(rec.end[0], last) if end >= day)
        elif exposure:
            recent = patient.index - timedelta(60)
            yield from ((day, end) for end in days(day, max(day, patient.index + timedelta(1))) if end >= recent or (end - day).days <= 15)
        else:
            yield day, None


def over_worlds(judge: object, patient: Patient, columns: Columns) -> int:
    """What holds however the dates turn out; UNKNOWN where that differs."""
    found = {judge(world) for world in worlds(patient, columns)}
    return found.pop() if len(found) == 1 else UNKNOWN


# Criteria


def reach(node: n.Condition, case: Case) -> set[int]:
    """The truth values the columns could give for anybody."""
    match node:
        case n.Decided() | n.Switched():
            return {truth(node, case)}
        case n.Not(condition=inner):
            return {TRUE - each for each in reach(inner, case)}
        case n.Possible(condition=inner):
            return {min(each, UNKNOWN) for each in reach(inner, case)}
        case n.All(conditions=inners):
            return {min(each) for each in product(*(reach(inner, case) for inner in inners))}
        case n.AnyOf(conditions=inners):
            return {max(each) for each in product(*(reach(inner, case) for inner in inners))}
        case n.Visit(record=record, condition=inner):
            return reach(inner, case) if record in case.columns.fields else {UNKNOWN}
        case n.Occurred(event=name) | n.Exposed(event=name):
            return {FALSE, UNKNOWN, TRUE} if case.has_column(name) else {UNKNOWN}
        case n.Compare(left=left, right=right):
            return {FALSE, UNKNOWN, TRUE} if all(shown(side, case) for side in (left, right)) else {UNKNOWN}
    raise AssertionError(node)


def shown(side: n.Quantity, case: Case) -> bool:
    match side:
        case n.Pick(variable=name):
            return case.has_column(name) or builtin_catalogue()[name].if_column_absent is not None
        case n.Count(variable=name) | n.Field(variable=name):
            return case.has_column(name)
        case n.Egfr(equation=equation):
            return all(case.has_column(name) for name in (*MARKERS.get(case(equation), BOTH), "age_exact"))
    return True


RECORD_TYPES = dict.fromkeys(variable.of for variable in builtin_catalogue().variables.values())
EVERY_COLUMN = Columns({record: tuple(each.name for each in builtin_catalogue().fields_of(record)) for record in RECORD_TYPES})


def stands(limb: Limb, role: Role) -> n.Condition:
    if limb.unless is None:
        return limb.rule
    return n.AnyOf((limb.rule, limb.unless)) if role is Role.INCLUSION else n.All((limb.rule, n.Not(limb.unless)))


def assessed_limbs(role: Role, reading: Reading, case: Case) -> tuple[list[Limb], list[Limb]]:
    """The limbs the columns can show, and those asked but not shown. A limb that switches have settled so that it decides nothing is not asked."""
    neutral = {TRUE if reading.join is Join.ALL else FALSE}
    everything = replace(case, columns=EVERY_COLUMN)
    asked = [limb for limb in reading.limbs if reach(stands(limb, role), everything) != neutral] or list(reading.limbs)
    shown_limbs = [limb for limb in asked if reach(stands(limb, role), case) != {UNKNOWN}]
    return shown_limbs, [limb for limb in asked if limb not in shown_limbs]


def outcome(criterion: Criterion, reading: Reading, case: Case, overridden: Mapping[str, MissingPolicy] | None = None) -> int | None:
    """FAIL 0, UNKNOWN 1, PASS 2; None where no limb is assessable."""
    shown_limbs, others = assessed_limbs(criterion.role, reading, case)
    if not shown_limbs:
        return None
    truths = [limb_truth(limb, criterion.role, replace(case, policies={**limb.missing, **(overridden or {})})) for limb in shown_limbs]
    if others and (criterion.role is Role.INCLUSION) != (reading.join is Join.ALL):
        truths.append(UNKNOWN)
    joined = min(truths) if reading.join is Join.ALL else max(truths)
    return joined if criterion.role is Role.INCLUSION else TRUE - joined


def limb_truth(limb: Limb, role: Role, case: Case) -> int:
    condition = stands(limb, role)
    found = truth(condition, case)
    for variable, policy in case.policies.items():
        if found == UNKNOWN and policy is MissingPolicy.FAIL and lacks(condition, variable, case):
            return FALSE if role is Role.INCLUSION else TRUE
    return found


def speaks_of(node: n.Occurred | n.Exposed | n.Count, field_name: str) -> bool:
    return any(isinstance(each, n.Field) and each.variable == field_name for each in n.walk(node))


def lacks(condition: n.Condition, variable: str, case: Case) -> bool:
    """Whether nothing is recorded of a variable where the condition looks for it."""
    if not case.has_column(variable):
        return False
    for node in n.walk(condition):
        match node:
            case n.Pick(variable=name, window=window) if name == variable and not valued(name, window, case):
                return True
            case n.Egfr(equation=equation, window=window) if variable in (*MARKERS.get(case(equation), BOTH), "age_exact", "sex"):
                if not valued(variable, window if variable in BOTH else None, case):
                    return True
            case n.Occurred(event=name) | n.Exposed(event=name) | n.Count(variable=name) if name == variable:
                if not any(rec.values.get(name, MISSING) != MISSING for rec in case.records(record_of(name))):
                    return True
            case n.Occurred(event=name, window=window) | n.Exposed(event=name, window=window) | n.Count(variable=name, window=window):
                # a field of the event's own: nothing was said of it where the event may count
                for rec in case.records(name) if variable != name and record_of(variable) == name and speaks_of(node, variable) else ():
                    inside = case.inside(rec, rec.date and rec.date[0], name, window)
                    if inside and occurs(name, rec) != FALSE and rec.values.get(variable, MISSING) == MISSING:
                        return True
            case n.Visit(window=window) if variable in n.variables(node.condition):
                if not valued(variable, window, case):
                    return True
    return False
