"""Numbers, proportions and words in a row, as people read them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from feasibility.results.accounting import Tally

NO_LIMIT = "no limit"
NOTHING = "–"
MOST_LISTED = 5
# What Markdown would take for markup: signs anywhere, marks of lists and headings at the beginning, what makes a link, an icon or a colour.
MARKUP = re.compile(r"[\\`*_\[\]<>~|$&@]|:(?=\S)|(?<=www)\.|^[#+-]|^\d+(?=[.)])", re.IGNORECASE)


def count(number: int) -> str:
    """``1,497``."""
    return f"{number:,}"


def signed(number: int) -> str:
    """``+21``, ``−5``, ``0``: a true minus sign."""
    return "0" if number == 0 else f"{'+' if number > 0 else '−'}{abs(number):,}"


def percent(share: float | None) -> str:
    """``15.6 %``, ``0.10 %``, or ``<0.01 %`` for little that is not nothing; ``–`` of nobody."""
    if share is None:
        return NOTHING
    if 0 < share < 0.00005:
        return "<0.01 %"
    return f"{100 * share:.{2 if 0 < share < 0.01 else 1}f} %"


def percent_range(low: float, high: float) -> str:
    """``14.1–17.3 %``, and ``0.07–0.14 %`` where a tenth would hide the difference."""
    places = 2 if high < 0.01 else 1
    return f"{100 * low:.{places}f}–{100 * high:.{places}f} %"


def rate(share: float) -> str:
    """An assumed pass rate: ``50 %``, ``99.5 %``."""
    return f"{100 * share:.3g} %"


def ratio(number: float) -> str:
    """Patients for one eligible: ``6.4``, ``143``; ``–`` where there is none."""
    if math.isinf(number):
        return NOTHING
    return f"{number:,.1f}" if number < 100 else f"{number:,.0f}"


def patients(number: int) -> str:
    return f"{number:,} patient" if number == 1 else f"{number:,} patients"


def several(number: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Iterable[str], joined: str = "and") -> str:
    """``a, b and c``."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} {joined} {last}" if first else last


def plain(text: object) -> str:
    """Text from a file as Markdown that shows exactly that text: no markup, links, formulas, icons or line breaks."""
    return MARKUP.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), " ".join(str(text).split()))


def plain_for_figure(text: str) -> str:
    """Text from a file inside a figure's label, where a few HTML tags would be markup."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def share_of(share: float, ineligible: int) -> str:
    """A Shapley share of the loss: ``17 %`` of the ineligible, ``<1 %`` for little that is not nothing."""
    if not ineligible:
        return NOTHING
    whole = round(100 * share / ineligible)
    return "<1 %" if share > 0 and not whole else f"{whole} %"


def left(tally: Tally) -> str:
    """``135 + 307``: the eligible, and the undetermined where there are any."""
    return count(tally.eligible) + (f" + {count(tally.undetermined)}" if tally.undetermined else "")


def sentences(*parts: str) -> str:
    """One after another, without those that say nothing."""
    return " ".join(filter(None, parts))
