"""Files → mapped, converted, checked cohort with its report."""

from feasibility.intake.answers import accept_suggestions, answer, overlaid
from feasibility.intake.build import build
from feasibility.intake.files.opened import tables_in
from feasibility.intake.files.table import Table
from feasibility.intake.load import load_cohort, read_files
from feasibility.intake.mapping import BlankEnd, ColumnUse, DateNumbers, DateOrder, LongUse, Mapping, Part, meanings
from feasibility.intake.mapping_file import read_mapping, write_mapping
from feasibility.intake.questions import About, Question, Weight
from feasibility.intake.suggest import Confidence, Suggestion, suggest
from feasibility.intake.tables import Tables, together

__all__ = [
    "About", "BlankEnd", "ColumnUse", "Confidence", "DateNumbers", "DateOrder", "LongUse", "Mapping", "Part", "Question", "Suggestion", "Table", "Tables",
    "Weight", "accept_suggestions", "answer", "build", "load_cohort", "meanings", "overlaid", "read_files", "read_mapping",
    "suggest", "tables_in", "together", "write_mapping",
]  # fmt: skip
