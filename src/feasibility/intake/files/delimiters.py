"""How the lines of a text file are cut into cells: delimiter, quotation marks, escapes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LINES_LOOKED_AT = 60
DELIMITERS = (",", "\t", ";", "|", "^", "~", " ")
RUNS = (re.compile(r"[ \t]{2,}"), re.compile(r"[ \t]+"))

_SAID = re.compile(r'"?sep=([\t\x1f -~])"?', re.IGNORECASE)
_SINGLE_QUOTED = re.compile(r"(?:^|(?<=[,;\t|^~]))'[^']*'(?=[,;\t|^~]|$)")


@dataclass(frozen=True)
class Cut:
    """``delimiter`` separates cells; ``said`` if the file's first line says so (``sep=;``); ``runs`` if runs of spaces do."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    said: bool = False
    runs: re.Pattern[str] | None = None


def cut_of(text: str) -> Cut:
    """How a text's first lines are cut: by the delimiter that gives the most cells, equally often, from the earliest line on."""
    lines = text.splitlines()[:200]
    if lines and (said := _SAID.fullmatch(lines[0].strip("\ufeff\r\n"))):
        return Cut(said[1], _quote(lines), _escape(text), said=True)
    lines = [line for line in lines if line.strip()][:LINES_LOOKED_AT]
    quote = _quote(lines)
    best = max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter, quote))
    consistent = _fit(lines, best, quote)[0]
    in_runs = sum("  " in line for line in lines) * 2 > len(lines)
    if (not consistent or (best == " " and in_runs)) and (runs := _in_runs(lines)) is not None:
        return Cut("\t", quote, runs=runs)
    if best == " " and not consistent:
        best = ","
    return Cut(best, quote, _escape(text))


def _fit(lines: Sequence[str], delimiter: str, quote: str) -> tuple[bool, bool, int, int]:
    """Whether most lines have as many cells as each other, by a sign rarer in prose than a space; how soon such a line comes; how many cells."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter, quotechar=quote)]
    except csv.Error:
        widths = []
    if not widths:
        return False, False, 0, 0
    often = Counter(widths)
    usual = max(often, key=lambda width: (often[width] * (width > 1), width))
    if usual == 1 or often[usual] * 2 <= len(widths):
        return False, delimiter != " ", 0, widths[0] if delimiter != " " else 0
    return True, delimiter != " ", -widths.index(usual), usual


def _in_runs(lines: Sequence[str]) -> re.Pattern[str] | None:
    """The runs of spaces that cut most lines into as many cells."""
    for pattern in RUNS:
        widths = Counter(len(pattern.split(line.strip())) for line in lines)
        usual, times = widths.most_common(1)[0] if widths else (1, 0)
        if usual > 1 and times * 5 >= len(lines) * 4:
            return pattern
    return None


def _quote(lines: Sequence[str]) -> str:
    """A single quotation mark where most lines have cells in them and none has a double one."""
    looked_at = lines[:LINES_LOOKED_AT]
    single = sum(len(_SINGLE_QUOTED.findall(line)) > 1 for line in looked_at)
    return "'" if single * 2 > len(looked_at) and not any('"' in line for line in looked_at) else '"'


def _escape(text: str) -> str | None:
    """A backslash where quotation marks within cells are written with one, and none is doubled."""
    return "\\" if re.search(r'\\"[^,;\t|\r\n]', text) and not re.search(r'[^,;\t|\r\n]""[^,;\t|\r\n]', text) else None
