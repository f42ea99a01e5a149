"""What comes of an upload: a cohort, sentences, or a fault of the product."""

from __future__ import annotations

import re
import time
import traceback
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort, read_mapping, tables_in, together
from feasibility.intake.answers import accept_suggestions, overlaid
from feasibility.intake.build import build
from feasibility.intake.load import read_files
from feasibility.intake.places import shown
from feasibility.intake.suggest import suggest
from feasibility.patterns import count
from feasibility.problems import Problem, Unusable
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN
from feasibility.screening.screen import Screener
from feasibility.ui.draft import Draft, draft_of
from feasibility.variables import builtin_catalogue
from fuzzing import dresses
from fuzzing.case import Case

COHORT, SENTENCES = "cohort", "sentences"
PREVIEWED = 20
TELLING = re.compile(
    r"NoneType|Traceback|<class |object at 0x|\b[A-Z]\w*(?:Error|Exception)\b|site-packages|pyarrow|numpy|calamine|readstat"
    r"|/tmp/|/root/|/home/|/proc/|\.py\b|std::|codec can't|straddling|block_size"
)

Counts = dict[str, tuple[int, ...]]


@dataclass
class Verdict:
    """``outcome`` is ``cohort`` or ``sentences``; ``faults`` are what must not be, each with the place it was found at.

    ``seconds`` is the work of the way that took longest.
    """

    kind: str
    outcome: str = ""
    faults: list[str] = field(default_factory=list)
    said: str = ""
    seconds: float = 0.0
    counts: Counts | None = None


class Fault(Exception):
    """Something the product must not do."""


def judge(case: Case, on_the_page: bool = True) -> Verdict:
    """Put an upload through the shell's way, the steps of intake one by one, and the Data page's way."""
    verdict = Verdict(case.kind)
    before = _fingerprint(_loaded())
    ways = (_step_by_step, *((_on_the_page,) if on_the_page else ()), _in_one_call) if case.mapping is None else (_with_mapping,)
    for way in ways:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            began = time.process_time()
            try:
                counts = way(case)
            except Unusable as unusable:
                verdict.outcome, verdict.said = verdict.outcome or SENTENCES, verdict.said or str(unusable)[:300]
                verdict.faults += [f"{way.__name__}: {fault}" for fault in _badly_said(unusable.problems, case)]
                if case.same_as is not None:
                    verdict.faults.append(f"{way.__name__}: refused, though it holds the same data: {str(unusable)[:300]}")
            except BaseException as error:  # a panic of a library written in Rust is no Exception
                if isinstance(error, KeyboardInterrupt | SystemExit):
                    raise
                verdict.faults.append(f"{way.__name__}: {_last_place(error)}")
            else:
                verdict.outcome, verdict.counts = COHORT, counts
                if case.same_as is not None and counts != _expected():
                    verdict.faults.append(f"{way.__name__}: other counts than the same data: {_differences(counts)}")
        verdict.seconds = max(verdict.seconds, time.process_time() - began)
        verdict.faults += dict.fromkeys(f"{way.__name__}: a warning: {each.category.__name__}: {str(each.message)[:200]}" for each in warned)
    if _fingerprint(_loaded()) != before:
        verdict.faults.append("the cohort already loaded is not as it was")
    return verdict


def _last_place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/feasibility/" in frame.filename] or frames
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.name}:{frame.lineno}" for frame in reversed(ours[-3:]))
    return f"{type(error).__name__}: {str(error)[:160]!r} at {places}"


def _step_by_step(case: Case) -> Counts:
    catalogue = builtin_catalogue()
    tables = together([table for file in case.files for table in tables_in(*file)], catalogue)
    mapping, problems = accept_suggestions(suggest(tables, catalogue))
    columns, rows = set(tables.cells()), sum(table.rows_read for table in tables.present.values())
    cohort = build("upload", tables, mapping, catalogue)
    _check_report(cohort, columns, rows)
    _check_sentences((*problems, *cohort.report.problems))
    return counts_of(cohort)


def _in_one_call(case: Case) -> Counts:
    return counts_of(load_cohort("upload", case.files))


def _on_the_page(case: Case) -> Counts:
    """As the Data page does: a draft with its previews, its mapping saved and read again, the cohort used."""
    draft = draft_of([table for tables in read_files(case.files) for table in tables])
    for entry in sorted(draft.entries, key=lambda entry: not draft.use(entry).variables)[:PREVIEWED]:
        draft.preview(entry), draft.examples(entry), draft.sure(entry)
    draft.foreseen(builtin_protocol())
    read_mapping(draft.saved(), builtin_catalogue())
    draft.read(builtin_protocol())
    assert draft.cohort is not None
    return counts_of(draft.cohort)


def _with_mapping(case: Case) -> Counts:
    assert case.mapping is not None
    catalogue = builtin_catalogue()
    mapping = read_mapping(case.mapping, catalogue)
    tables = together([table for file in case.files for table in tables_in(*file)], catalogue)
    accepted, _ = accept_suggestions(overlaid(suggest(tables, catalogue), mapping, tables, catalogue))
    counts = counts_of(build("upload", tables, accepted, catalogue))
    draft: Draft = draft_of([table for tables in read_files(case.files) for table in tables])
    draft.use_mapping_file(case.mapping, "mapping.toml")
    for entry in draft.entries[:PREVIEWED]:
        draft.preview(entry)
    draft.read(builtin_protocol())
    return counts


def counts_of(cohort: Cohort) -> Counts:
    """Patients, and for each criterion of the built-in protocol how many pass, fail and are unknown."""
    screening = Screener(cohort).screen(builtin_protocol(), AS_WRITTEN)
    patterns = count(screening.outcomes, cohort.patients)
    if int(patterns.patients.sum()) != cohort.patients or len(cohort.ids) != cohort.patients or len(set(cohort.ids)) != cohort.patients:
        raise Fault(f"{cohort.patients} patients, {int(patterns.patients.sum())} counted, {len(set(cohort.ids))} different")
    each = {name: tuple(np.bincount(truth.astype(np.int64) + 1, minlength=3).tolist()) for name, truth in screening.outcomes.items()}
    eligible = int(patterns.patients[(patterns.failed == 0) & (patterns.unknown == 0)].sum())
    undetermined = int(patterns.patients[(patterns.failed == 0) & (patterns.unknown != 0)].sum())
    return {"patients": (cohort.patients,), "eligible, undetermined": (eligible, undetermined)} | each


def _check_report(cohort: Cohort, columns: set[str], rows: int) -> None:
    report = cohort.report
    if not (report.rows_read == rows == sum(file.rows_read for file in report.files) and 0 <= report.rows_used <= report.rows_read):
        raise Fault(f"rows do not add up: {rows} in the tables, {report.rows_read} reported read, {report.rows_used} used")
    if unaccounted := columns - {entry.column for entry in report.columns}:
        raise Fault(f"columns that no word is said of: {sorted(unaccounted)[:5]!r}")


def _check_sentences(problems: Iterable[Problem]) -> None:
    for problem in problems:
        if TELLING.search(str(problem)):
            raise Fault(f"a sentence that tells of the machinery: {str(problem)[:250]}")


def _badly_said(problems: Iterable[Problem], case: Case) -> list[str]:
    """What is wrong with the sentences of a refusal: they name the file, what was found and what was expected, and a remedy; nothing of the machinery."""
    names = [shown(name) for name, _ in case.files] + (["mapping", "mapping.toml"] if case.mapping is not None else [])
    found = []
    for problem in problems:
        text = str(problem)
        if TELLING.search(text):
            found.append(f"tells of the machinery: {text[:300]}")
        if not any(name[:30] in text for name in names) and len(case.files) == 1:
            found.append(f"names no file: {text[:300]}")
        if not problem.remedy.strip() and "expected" not in problem.message:
            found.append(f"no remedy: {text[:300]}")
        if not problem.message.strip() or "\n" in text or any(ord(sign) < 32 for sign in text):
            found.append(f"not a sentence: {text[:300]!r}")
    return found


@cache
def _expected() -> Counts:
    return counts_of(load_cohort("upload", dresses.extract().files))


def _differences(counts: Counts) -> str:
    expected = _expected()
    return ", ".join(f"{name} {counts.get(name)} instead of {expected.get(name)}" for name in dict.fromkeys((*expected,
        *counts)) if counts.get(name) != expected.get(name))[:300]


@cache
def _loaded() -> Cohort:
    """The cohort that is loaded while others are tried."""
    return load_cohort("loaded", dresses.extract().files)


def _fingerprint(cohort: Cohort) -> tuple[object, ...]:
    arrays = (array for records in cohort.records.values() for values in records.fields.values() for array in (values.lo, values.hi))
    return cohort.digest, cohort.patients, tuple(cohort.ids), tuple(hash(array.tobytes()) for array in arrays), len(cohort.report.problems)
