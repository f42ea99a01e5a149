"""Estimated glomerular filtration rate: the CKD-EPI equations, for exact values and for intervals.

All take serum creatinine in mg/dL (IDMS-traceable), cystatin C in mg/L, age in decimal years at the sample, and give mL/min/1.73 m², unrounded.
They hold for adults; :func:`interval` gives nothing known below 18 years. Coefficients: National Institute of Diabetes and Digestive and Kidney
Diseases, "eGFR equations for adults", checked against the R packages nephro and kidney.epi.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from feasibility.logic import Bools, Floats, Intervals, missing

ADULT_YEARS = 18.0
RACE_FACTOR_2009 = 1.159
RACE_FACTOR_2012 = 1.08

_FEMALE_CREATININE, _MALE_CREATININE = 0.7, 0.9  # κ, mg/dL: where the slope changes
_CYSTATIN = 0.8  # mg/L, the same for both sexes
_LEAST = 1e-6  # stands in for a concentration of 0 or less, which has no logarithm


def ckd_epi_2021_creatinine(creatinine: Floats, age: Floats, female: Bools) -> Floats:
    """142 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−1.200 · 0.9938^age · 1.012 [female]; κ 0.7 F, 0.9 M; α −0.241 F, −0.302 M (Inker 2021; NIDDK)."""
    return _scaled(142.0, _creatinine_log(creatinine, female, -0.241, -0.302, -1.200) + age * np.log(0.9938), female, 1.012)


def ckd_epi_2009_creatinine(creatinine: Floats, age: Floats, female: Bools) -> Floats:
    """141 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−1.209 · 0.993^age · 1.018 [female]; κ 0.7 F, 0.9 M; α −0.329 F, −0.411 M (Levey 2009; nephro).

    Without the race term, as laboratories outside North America report it; :data:`RACE_FACTOR_2009` times the result is the equation with it.
    """
    return _scaled(141.0, _creatinine_log(creatinine, female, -0.329, -0.411, -1.209) + age * np.log(0.993), female, 1.018)


def ckd_epi_2009_creatinine_with_race(creatinine: Floats, age: Floats, female: Bools, black: Bools) -> Floats:
    """:func:`ckd_epi_2009_creatinine` · 1.159 [Black] (Levey 2009; nephro)."""
    return np.where(black, RACE_FACTOR_2009, 1.0) * ckd_epi_2009_creatinine(creatinine, age, female)


def ckd_epi_2012_cystatin(cystatin: Floats, age: Floats, female: Bools) -> Floats:
    """133 · min(Scys/0.8, 1)^−0.499 · max(Scys/0.8, 1)^−1.328 · 0.996^age · 0.932 [female] (Inker 2012; NIDDK; nephro)."""
    return _scaled(133.0, _cystatin_log(cystatin, -0.499, -1.328) + age * np.log(0.996), female, 0.932)


def ckd_epi_2012_combined(creatinine: Floats, cystatin: Floats, age: Floats, female: Bools) -> Floats:
    """135 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−0.601 · min(Scys/0.8, 1)^−0.375 · max(Scys/0.8, 1)^−0.711 · 0.995^age · 0.969 [female].

    κ 0.7 F, 0.9 M; α −0.248 F, −0.207 M (Inker 2012; nephro). Without the race term; :data:`RACE_FACTOR_2012` times the result is the equation with it.
    """
    log = _creatinine_log(creatinine, female, -0.248, -0.207, -0.601) + _cystatin_log(cystatin, -0.375, -0.711)
    return _scaled(135.0, log + age * np.log(0.995), female, 0.969)


def ckd_epi_2012_combined_with_race(creatinine: Floats, cystatin: Floats, age: Floats, female: Bools, black: Bools) -> Floats:
    """:func:`ckd_epi_2012_combined` · 1.08 [Black] (Inker 2012; nephro)."""
    return np.where(black, RACE_FACTOR_2012, 1.0) * ckd_epi_2012_combined(creatinine, cystatin, age, female)


def ckd_epi_2021_combined(creatinine: Floats, cystatin: Floats, age: Floats, female: Bools) -> Floats:
    """135 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−0.544 · min(Scys/0.8, 1)^−0.323 · max(Scys/0.8, 1)^−0.778 · 0.9961^age · 0.963 [female].

    κ 0.7 F, 0.9 M; α −0.219 F, −0.144 M (Inker 2021; NIDDK; nephro).
    """
    log = _creatinine_log(creatinine, female, -0.219, -0.144, -0.544) + _cystatin_log(cystatin, -0.323, -0.778)
    return _scaled(135.0, log + age * np.log(0.9961), female, 0.963)


@dataclass(frozen=True)
class Equation:
    """One of the equations. ``function`` takes creatinine, cystatin C, age and female, and looks only at those it needs."""

    label: str
    needs_creatinine: bool
    needs_cystatin: bool
    function: Callable[[Floats, Floats, Floats, Bools], Floats]


EQUATIONS = MappingProxyType(
    {
        "2021_cr": Equation("CKD-EPI 2021, creatinine", True, False, lambda cr, cys, age, female: ckd_epi_2021_creatinine(cr, age, female)),
        "2009_cr": Equation("CKD-EPI 2009, creatinine, no race term", True, False, lambda cr, cys, age, female: ckd_epi_2009_creatinine(cr, age, female)),
        "2012_cys": Equation("CKD-EPI 2012, cystatin C", False, True, lambda cr, cys, age, female: ckd_epi_2012_cystatin(cys, age, female)),
        "2012_cr_cys": Equation("CKD-EPI 2012, creatinine and cystatin C, no race term", True, True, ckd_epi_2012_combined),
        "2021_cr_cys": Equation("CKD-EPI 2021, creatinine and cystatin C", True, True, ckd_epi_2021_combined),
    }
)


def interval(equation: str, creatinine: Intervals | None, cystatin: Intervals | None, age: Intervals, sex: Intervals) -> Intervals:
    """The interval of rates that partly known inputs allow; exact (one array) where every input of every patient is.

    ``sex`` is 0 female, 1 male, [0, 1] or wider where not known: then the hull of both. The rate falls with creatinine, cystatin C and age, so its ends
    come from theirs. Nothing is known, (−inf, inf), where a needed input is missing altogether or the patient may be under 18. An input without an upper
    end (``>15 mg/dL``, age 80 and over) leaves the lower end at 0; a concentration that may be 0 (``<0.3``) leaves the upper end at inf.
    Raises ``KeyError`` for an equation not in :data:`EQUATIONS`.
    """
    chosen = EQUATIONS[equation]
    needed = ((creatinine, chosen.needs_creatinine), (cystatin, chosen.needs_cystatin))
    inputs = [given for given, wanted in needed if wanted and given is not None]
    if len(inputs) < chosen.needs_creatinine + chosen.needs_cystatin:
        return missing(len(age))

    unknown = age.lo < ADULT_YEARS
    boundless = np.zeros(len(age), np.bool_)
    for given in inputs:
        unknown |= np.isneginf(given.lo) & np.isposinf(given.hi)
        boundless |= given.lo <= 0
    boundless |= unknown

    first, last = inputs[0], inputs[-1]  # one and the same where the equation needs only one
    # Ages below 18 are replaced by inf below; the clip only keeps the arithmetic finite.
    upper = _rate(chosen, first.lo, last.lo, np.maximum(age.lo, 0.0), sex, np.maximum)
    upper[boundless] = np.inf
    if all(given.exact for given in (*inputs, age, sex)) and not boundless.any():
        return Intervals(upper, upper)

    # Only rows that are not exact are computed again, so that the two ends of an exact one are the same float.
    partly = ~unknown & (_open(first) | _open(last) | _open(age) | _open(sex) | boundless)
    rows = np.flatnonzero(partly)
    lower = np.where(unknown, -np.inf, upper)
    lowest = _rate(chosen, first.hi[rows], last.hi[rows], age.hi[rows], sex.take(rows), np.minimum)
    lower[rows] = np.minimum(lowest, upper[rows])  # rounding alone could cross the ends of a very narrow interval
    return Intervals(lower, upper)


def _open(given: Intervals) -> Bools:
    return np.zeros(len(given), np.bool_) if given.exact else given.lo != given.hi


def _rate(equation: Equation, creatinine: Floats, cystatin: Floats, age: Floats, sex: Intervals, hull: Callable[[Floats, Floats], Floats]) -> Floats:
    """The rate at these values: of the patient's sex, or the hull of both where it is not known."""
    creatinine, cystatin = np.maximum(creatinine, _LEAST), np.maximum(cystatin, _LEAST)
    rate = equation.function(creatinine, cystatin, age, sex.lo < 0.5)
    rows = np.flatnonzero((sex.lo < 0.5) & (sex.hi > 0.5))
    if len(rows):
        male = equation.function(creatinine[rows], cystatin[rows], age[rows], np.zeros(len(rows), np.bool_))
        rate[rows] = hull(rate[rows], male)
    return rate


def _scaled(constant: float, log: Floats, female: Bools, female_factor: float) -> Floats:
    by_sex: Floats = np.where(female, constant * female_factor, constant)
    return by_sex * np.exp(log)


def _creatinine_log(creatinine: Floats, female: Bools, female_below: float, male_below: float, above: float) -> Floats:
    """The logarithm of the creatinine terms: one slope below κ, another above, by sex."""
    log: Floats = np.log(creatinine) - np.where(female, np.log(_FEMALE_CREATININE), np.log(_MALE_CREATININE))
    slope: Floats = np.where(log > 0, above, np.where(female, female_below, male_below))
    return slope * log


def _cystatin_log(cystatin: Floats, below: float, above: float) -> Floats:
    log: Floats = np.log(cystatin) - np.log(_CYSTATIN)
    slope: Floats = np.where(log > 0, above, below)
    return slope * log
