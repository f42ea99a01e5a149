"""Arbitrary patients, files and rules: small, odd, and near the edges of windows and thresholds."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st
from oracle.both import rule
from oracle.judge import EXPOSURES
from oracle.patients import INF, MISSING, Columns, Interval, Patient, Rec

from feasibility.cohort import Undated
from feasibility.protocol import Protocol, read_protocol
from feasibility.rules.nodes import Condition, variables
from feasibility.variables import Kind, MissingPolicy, builtin_catalogue

CATALOGUE = builtin_catalogue()
INDEX_DATES = (date(2026, 1, 31), date(2025, 3, 31), date(2024, 2, 29), date(2025, 8, 31), date(2025, 6, 15))
DAYS = (-3, 0, 1, 2, 5, 7, 8, 9, 15, 20, 28, 29, 30, 31, 45, 60, 89, 90, 92, 180, 181, 184, 300, 365, 366, 400, 729, 731, 1826, 1827, 3652, 3653, 4000)
UNDATED_ALWAYS = {"age", "age_exact", "sex"}

# Values around the built-in protocol's thresholds; any other number is from 1 to 5.
NEAR = {
    "age": (40, 44, 45, 60, 80, 81),
    "age_exact": (40.5, 45, 60, 80, 80.9),
    "uacr": (100, 300, 999, 1000, 1001, 2000),
    "urine_protein_24h": (1, 3.4, 3.5, 3.6, 6),
    "creatinine": (0.7, 2, 2.653, 3.377, 3.4, 6),
    "cystatin_c": (0.8, 2, 3, 4),
    "egfr_reported": (15, 19.9, 20, 60),
    "sbp": (120, 159, 160, 161, 180),
    "dbp": (80, 100, 101, 110),
    "hba1c": (6.4, 6.5, 8.9, 9, 9.1, 12),
    "triglycerides": (1, 4.4, 4.5, 6.1, 6.2, 7),
    "ldl": (2, 4, 4.1, 5),
    "total_cholesterol": (5, 6.1, 6.2),
    "potassium": (4, 5.4, 5.5, 5.6, 6),
    "haemoglobin": (8, 9, 12),
    "hbv_dna": (0, 20, 21, 500),
    "hcv_rna": (0, 15, 16, 500),
    "lvef": (30, 40, 60),
}


def intervals(variable: str, exact: bool = False) -> st.SearchStrategy[Interval]:
    """A value of the variable: mostly exactly known."""
    catalogued = CATALOGUE[variable]
    if catalogued.kind is Kind.EVENT:
        return st.sampled_from([(1.0, 1.0)] * 6 + [(0.0, 0.0)] + ([] if exact else [(0.0, 1.0)]))
    if catalogued.values:
        named = sorted(set(catalogued.values.values()))
        return st.sampled_from([each for each in named if each[0] == each[1]] if exact else [*named, MISSING])
    points = st.sampled_from([float(each) for each in NEAR.get(variable, (1, 2, 3, 4, 5))])
    known = points.map(lambda point: (point, point))
    if exact or variable in ("age", "age_exact"):
        return known
    between = st.tuples(points, points).map(lambda pair: (min(pair), max(pair)))
    return st.one_of(known, known, known, between, points.map(lambda point: (-INF, point)), points.map(lambda point: (point, INF)), st.just(MISSING))


@st.composite
def record_lists(
    draw: st.DrawFn, record: str, names: tuple[str, ...], index: date, dated: bool, most: int, partial: bool, exact: bool = False
) -> tuple[Rec, ...]:
    """The records of one type for one patient, on different days; ``partial``: some dates known only to a few days, some ends not at all."""
    number = draw(st.integers(0, min(most, 3)))
    spans = []
    for days_before in draw(st.lists(st.sampled_from(DAYS), min_size=number, max_size=number, unique=True)):
        first = index - timedelta(days_before)
        spans.append((first, first + timedelta(draw(st.sampled_from([0, 0, 1, 4])) if partial else 0)))
    recs = []
    for span in spans:
        values = {name: draw(intervals(name, exact)) for name in names}
        end = None
        if dated and (record in EXPOSURES or record in ("malignancy", "other_trial")):
            length = draw(st.sampled_from([0, 3, 6, 7, 8, 20, 400]))
            known = record in EXPOSURES and not partial
            if known or draw(st.booleans()):
                end = (span[1] + timedelta(length),) * 2
        recs.append(Rec(values, span if dated else None, end))
    return tuple(recs)


@st.composite
def files(
    draw: st.DrawFn, records: tuple[str, ...], partial: bool = False, exact: bool = False, most_patients: int = 4, all_columns: bool = False
) -> tuple[list[Patient], Columns]:
    """A few patients in a file that may lack columns, dates and whole record types."""
    fields: dict[str, tuple[str, ...]] = {}
    undated: dict[str, Undated] = {}
    wide = set()
    for record in records:
        if not all_columns and draw(st.integers(0, 7)) == 0:
            continue
        names = [variable.name for variable in CATALOGUE.fields_of(record)]
        own = [name for name in names if name == record]
        others = [name for name in names if name != record and (all_columns or draw(st.integers(0, 7)) > 0)]
        fields[record] = (*own, *others)
        if not fields[record]:
            del fields[record]
            continue
        event = record in CATALOGUE and CATALOGUE[record].kind is Kind.EVENT
        if record in UNDATED_ALWAYS or draw(st.integers(0, 5)) == 0:
            undated[record] = draw(st.sampled_from([Undated.EVER, Undated.WITHIN])) if event else Undated.CURRENT
        if record in UNDATED_ALWAYS or draw(st.booleans()):
            wide.add(record)
    coverage = draw(st.booleans())
    patients = []
    for _ in range(draw(st.integers(1, most_patients))):
        index = draw(st.sampled_from(INDEX_DATES))
        loose = 2 if partial else 0  # so few dates known in part that every way they may turn out can be looked at
        made = {}
        for record in fields:
            open_dates = loose > 0 and record not in undated and draw(st.booleans())
            most = 1 if record in wide or (open_dates and record in EXPOSURES) else 3
            made[record] = draw(record_lists(record, fields[record], index, record not in undated, most, open_dates, exact))
            loose -= open_dates
        patients.append(Patient(made, index, draw(st.sampled_from([0, 20, 100, 400, 10_000])) if coverage else None))
    return patients, Columns(fields, undated, frozenset(wide))


def windows(closed: str = "within") -> st.SearchStrategy[str]:
    spans = st.sampled_from(["30 days", "7 days", "365 days", "1 month", "6 months", "1 year", "10 years"])
    either = st.sampled_from(["within", "before"])
    return st.one_of(st.just(""), st.builds(lambda name, span: f', {name}="{span}"', either, spans))


OPERATORS = st.sampled_from([">=", ">", "<", "<=", "==", "!="])
EQUALITY = st.sampled_from(["==", "!="])
LAST = st.sampled_from(["", "", ", last=2, apart=7", ", last=3", ", last=2, apart=30"])
RANK = st.sampled_from(["", ", last=3, rank=2", ", last=2, rank=2, apart=7", ", last=2"])
THRESHOLD = st.sampled_from(["300", "999", "1000", "1001", "2000"])

LEAVES = st.one_of(
    st.builds("{}(uacr{}) {} {}".format, st.sampled_from(["latest", "earliest"]), windows(), OPERATORS, THRESHOLD),
    st.builds("{}(uacr{}{}) {} {}".format, st.sampled_from(["lowest", "highest"]), windows(), RANK, OPERATORS, THRESHOLD),
    st.builds("{}(uacr{}{}) {} {}".format, st.sampled_from(["mean", "median", "geometric_mean"]), windows(), LAST, OPERATORS, THRESHOLD),
    st.builds("count({}{}) {} {}".format, st.sampled_from(["t2dm", "uacr", "cerebral_infarction"]), windows(), OPERATORS, st.sampled_from(["0", "1", "2"])),
    st.builds("latest(hba1c{}) < {}".format, windows(), st.sampled_from(["6.5", "9"])),
    st.builds('latest(hbsag{}) {} "positive"'.format, windows(), EQUALITY),
    st.builds("occurred({}{})".format, st.sampled_from(["t2dm", "kidney_biopsy", "cerebral_infarction"]), windows()),
    st.builds('occurred(kidney_biopsy{}, where=biopsy_dx in ["DN", "mixed"])'.format, windows()),
    st.builds('occurred(cerebral_infarction{}, excepting=stroke_lacunar == "yes" and stroke_deficits <= {})'.format, windows(), st.sampled_from("01")),
    st.builds('occurred(malignancy{}, at="{}", excepting=cancer_site == "nmsc")'.format, windows(), st.sampled_from(["start", "end", "later"])),
    st.builds("exposed(iv_antibiotic{}{}{})".format, windows(), st.sampled_from(["", ", longer_than=7", ", longer_than=3"]), st.sampled_from(["", ", gap=7"])),
    st.builds('exposed(iv_antibiotic, before="30 days", longer_than={}, counting="window")'.format, st.sampled_from("37")),
    st.builds('exposed(immunosuppressant{}, longer_than=7, gap=7, where=immunosuppressant_route == "systemic")'.format, windows()),
    st.builds("{}(sbp <= 160 and dbp <= 100{})".format, st.sampled_from(["latest_visit", "any_visit"]), windows()),
    st.builds("{}(not (sbp > 160 or dbp > 100){})".format, st.sampled_from(["latest_visit", "any_visit"]), windows()),
    st.builds('egfr("{}"{}) >= 20'.format, st.sampled_from(["2021_cr", "2009_cr"]), windows()),
    st.builds("{} <= age <= {}".format, st.sampled_from(["18", "45"]), st.sampled_from(["65", "80"])),
    st.just('sex == "female"'),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        inner.map("possible({})".format),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=4,
)
POLICIES = st.dictionaries(
    st.sampled_from(["uacr", "hba1c", "hbsag", "t2dm", "kidney_biopsy", "cerebral_infarction", "stroke_lacunar", "sbp", "iv_antibiotic", "creatinine"]),
    st.sampled_from(list(MissingPolicy)),
    max_size=3,
)


@st.composite
def protocols(draw: st.DrawFn, most_criteria: int = 4) -> Protocol:
    """Any protocol the grammar allows over a few variables: roles, joins, several limbs, exceptions, missing policies."""
    text = 'title = "any"\n'
    for number in range(draw(st.integers(1, most_criteria))):
        text += f'[[criterion]]\nid = "C{number}"\nrole = "{draw(st.sampled_from(["inclusion", "exclusion"]))}"\nlabel = "c"\ntext = "c"\n'
        text += f'[[criterion.reading]]\nid = "r"\nlabel = "r"\njoin = "{draw(st.sampled_from(["all", "any"]))}"\n'
        for limb in range(draw(st.integers(1, 3))):
            text += f"[[criterion.reading.limb]]\nlabel = 'limb {limb}'\nrule = '''{draw(RULES)}'''\n"
            if draw(st.integers(0, 3)) == 0:
                text += f"unless = '''{draw(LEAVES)}'''\n"
            policies = draw(POLICIES)
            text += "missing = { " + ", ".join(f'{variable} = "{policy}"' for variable, policy in policies.items()) + " }\n"
    return read_protocol(text, CATALOGUE)


# Files that hold what a rule or a protocol speaks of, so that something happens


def spoken_of(*conditions: Condition | None) -> tuple[str, ...]:
    """The record types that conditions speak of."""
    names = [name for condition in conditions if condition is not None for name in variables(condition)]
    return tuple(dict.fromkeys(CATALOGUE[name].of for name in names))


def records_of(protocol: Protocol, *criteria: str) -> tuple[str, ...]:
    """The record types that a protocol, or some of its criteria, speaks of."""
    chosen = [protocol[each] for each in criteria or protocol.ids]
    return spoken_of(*(side for each in chosen for reading in each.readings for limb in reading.limbs for side in (limb.rule, limb.unless)))


@st.composite
def rules_and_files(draw: st.DrawFn, partial: bool = False, most_patients: int = 4) -> tuple[Condition, list[Patient], Columns]:
    condition = rule(draw(RULES))
    patients, columns = draw(files(spoken_of(condition), partial, most_patients=most_patients))
    return condition, patients, columns


@st.composite
def protocols_and_files(draw: st.DrawFn, partial: bool = False, most_patients: int = 4) -> tuple[Protocol, list[Patient], Columns]:
    protocol = draw(protocols())
    patients, columns = draw(files(records_of(protocol), partial, most_patients=most_patients))
    return protocol, patients, columns
