"""A synthetic cohort, for the sample data, the tests and the benchmarks: no real patient is in it."""

from feasibility.synthetic.draw import INDEX_DATE, Completeness, wide
from feasibility.synthetic.tables import SAMPLE_PATIENTS, SAMPLE_SEED, LongTables, long, write_sample

__all__ = ["INDEX_DATE", "SAMPLE_PATIENTS", "SAMPLE_SEED", "Completeness", "LongTables", "long", "wide", "write_sample"]
