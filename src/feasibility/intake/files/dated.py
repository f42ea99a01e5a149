"""Numbers that a statistics package shows as dates, by the day and unit it counts from."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

_DAY = 86_400.0
_FROM_1960 = -3653
_FROM_1582 = -141_428
"""Days from 1970-01-01 to the days from which SAS and Stata, and SPSS, count."""

_YEAR_1, _YEAR_9999 = -719_162, 2_932_896

# What is shown as a date (units of a day), by how it is written in the file; times of day and lengths of time stay numbers.
FORMATS: dict[str, tuple[tuple[re.Pattern[str], float, int], ...]] = {
    package: tuple((re.compile(pattern), per_day, start) for pattern, per_day, start in formats)
    for package, formats in {
        "SAS": (
            (r"(?:E8601DT|B8601DT|IS8601DT|E8601DZ|B8601DZ|DATETIME|DATEAMPM|MDYAMPM|DTDATE|DTMONYY|DTYEAR|NLDATM)[A-Z]*[\d.]*", _DAY, _FROM_1960),
            (
                r"(?:DATE|DDMMYY|MMDDYY|YYMMDD|E8601DA|B8601DA|IS8601DA|JULIAN|JULDAY|WEEKDATE|WEEKDATX|WORDDATE|WORDDATX|MONYY|MMYY|YYMM|YYMON|YEAR|NLDATE)"
                r"[A-Z]*[\d.]*",
                1.0,
                _FROM_1960,
            ),
        ),
        "SPSS": ((r"(?:A|E|J|S)?DATE[\d.]*|DATETIME[\d.]*|YMDHMS[\d.]*|MOYR[\d.]*|QYR[\d.]*|WKYR[\d.]*", _DAY, _FROM_1582),),
        "Stata": ((r"%-?\d*T[C].*", _DAY * 1000, _FROM_1960), (r"%-?\d*T?D.*", 1.0, _FROM_1960)),
    }.items()
}


def dates_in(numbers: pa.Array, shown_as: str, package: str) -> tuple[pa.Array | None, int]:
    """The days that numbers stand for, and how many stand for none; None if they are not shown as dates."""
    for pattern, per_day, start in FORMATS[package]:
        if pattern.fullmatch(shown_as):
            days = np.floor(numbers.to_numpy(zero_copy_only=False) / per_day) + start
            there = ~np.isnan(days)
            possible = there & (days >= _YEAR_1) & (days <= _YEAR_9999)
            whole = np.where(possible, days, 0).astype(np.int32)
            return pa.array(whole, pa.int32(), mask=~possible).cast(pa.date32()), int((there & ~possible).sum())
    return None, 0
