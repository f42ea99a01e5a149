"""Files → mapped, converted, checked cohort with its report."""

from feasibility.intake.build import Tables, build
from feasibility.intake.load import load_cohort, read_tables
from feasibility.intake.mapping import BlankEnd, ColumnUse, DateNumbers, DateOrder, LongUse, Mapping, Part, meanings, read_mapping, write_mapping
from feasibility.intake.questions import About, Question, Weight
from feasibility.intake.read import Table, read_table
from feasibility.intake.suggest import Confidence, Suggestion, accept_suggestions, answer, overlaid, suggest

__all__ = [
    "About", "BlankEnd", "ColumnUse", "Confidence", "DateNumbers", "DateOrder", "LongUse", "Mapping", "Part", "Question", "Suggestion", "Table", "Tables",
    "Weight", "accept_suggestions", "answer", "build", "load_cohort", "meanings", "overlaid", "read_mapping", "read_table", "read_tables", "suggest",
    "write_mapping",
]  # fmt: skip
