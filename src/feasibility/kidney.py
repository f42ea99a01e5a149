"""Estimated glomerular filtration rate: the CKD-EPI equations, for exact values and for intervals.

All take serum creatinine in mg/dL (IDMS-traceable), cystatin C in mg/L, age in decimal years at the sample, and give mL/min/1.73 m², unrounded.
They hold for adults; :func:`interval` gives nothing known below 18 years. Coefficients: National Institute of Diabetes and Digestive and Kidney
Diseases, "eGFR equations for adults", checked against the R packages nephro and kidney.epi.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from feasibility.logic import Bools, Floats, Intervals, missing

ADULT_YEARS = 18.0
RACE_FACTOR_2009 = 1.159
RACE_FACTOR_2012 = 1.08

_LEAST = 1e-6  # stands in for a concentration of 0 or less, which has no logarithm


@dataclass(frozen=True)
class Term:
    """What one concentration does to the logarithm of the rate: one slope below a knot κ, another above; κ and the one below by sex, female first."""

    knot: tuple[float, float]
    below: tuple[float, float]
    above: float

    def log(self, values: Floats, female: Bools) -> Floats:
        """What it adds to the logarithm of the rate."""
        over = self._over(values, female)
        return self._slope(over, female) * over

    def change(self, values: Floats, female: Bools, times: float) -> Floats:
        """What the logarithm of the rate changes by when the concentration is multiplied: by ``times``, above 0."""
        before = self._over(values, female)
        after = before + math.log(times)
        return self._slope(after, female) * after - self._slope(before, female) * before

    def mean_square(self, values: Floats, female: Bools, among: Bools) -> float:
        """The mean of the squares of the slopes at the values of those ``among`` whom it is asked; 0 of nobody."""
        women = among & female
        parts = zip(self.knot, self.below, (women, among & ~female), strict=True)
        counted = [(below, int(np.count_nonzero(who)), int(np.count_nonzero(who & (values > knot)))) for knot, below, who in parts]
        squares = sum(above * self.above**2 + (people - above) * below**2 for below, people, above in counted)
        return squares / max(sum(people for _, people, _ in counted), 1)

    def _over(self, values: Floats, female: Bools) -> Floats:
        over: Floats = np.log(values) - _by_sex(female, (np.log(self.knot[0]), np.log(self.knot[1])))
        return over

    def _slope(self, over: Floats, female: Bools) -> Floats:
        slope: Floats = np.where(over > 0, self.above, _by_sex(female, self.below))
        return slope


def _by_sex(female: Bools, either: tuple[float, float]) -> Floats | float:
    return either[0] if either[0] == either[1] else np.where(female, *either)


def _creatinine(female_below: float, male_below: float, above: float) -> Term:
    return Term((0.7, 0.9), (female_below, male_below), above)


def _cystatin(below: float, above: float) -> Term:
    return Term((0.8, 0.8), (below, below), above)


_CREATININE_2021, _CREATININE_2009 = _creatinine(-0.241, -0.302, -1.200), _creatinine(-0.329, -0.411, -1.209)
_CYSTATIN_2012 = _cystatin(-0.499, -1.328)
_COMBINED_2012 = _creatinine(-0.248, -0.207, -0.601), _cystatin(-0.375, -0.711)
_COMBINED_2021 = _creatinine(-0.219, -0.144, -0.544), _cystatin(-0.323, -0.778)


def ckd_epi_2021_creatinine(creatinine: Floats, age: Floats, female: Bools) -> Floats:
    """142 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−1.200 · 0.9938^age · 1.012 [female]; κ 0.7 F, 0.9 M; α −0.241 F, −0.302 M (Inker 2021; NIDDK)."""
    return _scaled(142.0, _CREATININE_2021.log(creatinine, female) + age * np.log(0.9938), female, 1.012)


def ckd_epi_2009_creatinine(creatinine: Floats, age: Floats, female: Bools) -> Floats:
    """141 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−1.209 · 0.993^age · 1.018 [female]; κ 0.7 F, 0.9 M; α −0.329 F, −0.411 M (Levey 2009; nephro).

    Without the race term, as laboratories outside North America report it; :data:`RACE_FACTOR_2009` times the result is the equation with it.
    """
    return _scaled(141.0, _CREATININE_2009.log(creatinine, female) + age * np.log(0.993), female, 1.018)


def ckd_epi_2009_creatinine_with_race(creatinine: Floats, age: Floats, female: Bools, black: Bools) -> Floats:
    """:func:`ckd_epi_2009_creatinine` · 1.159 [Black] (Levey 2009; nephro)."""
    return np.where(black, RACE_FACTOR_2009, 1.0) * ckd_epi_2009_creatinine(creatinine, age, female)


def ckd_epi_2012_cystatin(cystatin: Floats, age: Floats, female: Bools) -> Floats:
    """133 · min(Scys/0.8, 1)^−0.499 · max(Scys/0.8, 1)^−1.328 · 0.996^age · 0.932 [female] (Inker 2012; NIDDK; nephro)."""
    return _scaled(133.0, _CYSTATIN_2012.log(cystatin, female) + age * np.log(0.996), female, 0.932)


def ckd_epi_2012_combined(creatinine: Floats, cystatin: Floats, age: Floats, female: Bools) -> Floats:
    """135 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−0.601 · min(Scys/0.8, 1)^−0.375 · max(Scys/0.8, 1)^−0.711 · 0.995^age · 0.969 [female].

    κ 0.7 F, 0.9 M; α −0.248 F, −0.207 M (Inker 2012; nephro). Without the race term; :data:`RACE_FACTOR_2012` times the result is the equation with it.
    """
    log = _COMBINED_2012[0].log(creatinine, female) + _COMBINED_2012[1].log(cystatin, female)
    return _scaled(135.0, log + age * np.log(0.995), female, 0.969)


def ckd_epi_2012_combined_with_race(creatinine: Floats, cystatin: Floats, age: Floats, female: Bools, black: Bools) -> Floats:
    """:func:`ckd_epi_2012_combined` · 1.08 [Black] (Inker 2012; nephro)."""
    return np.where(black, RACE_FACTOR_2012, 1.0) * ckd_epi_2012_combined(creatinine, cystatin, age, female)


def ckd_epi_2021_combined(creatinine: Floats, cystatin: Floats, age: Floats, female: Bools) -> Floats:
    """135 · min(Scr/κ, 1)^α · max(Scr/κ, 1)^−0.544 · min(Scys/0.8, 1)^−0.323 · max(Scys/0.8, 1)^−0.778 · 0.9961^age · 0.963 [female].

    κ 0.7 F, 0.9 M; α −0.219 F, −0.144 M (Inker 2021; NIDDK; nephro).
    """
    log = _COMBINED_2021[0].log(creatinine, female) + _COMBINED_2021[1].log(cystatin, female)
    return _scaled(135.0, log + age * np.log(0.9961), female, 0.963)


@dataclass(frozen=True)
class Equation:
    """One of the equations. ``function`` takes creatinine, cystatin C, age and female, and looks only at those it needs.

    ``terms``: by the variable of each concentration it needs what that does to the rate, whatever the age and the other concentration.
    """

    label: str
    terms: Mapping[str, Term]
    function: Callable[[Floats, Floats, Floats, Bools], Floats]

    @property
    def needs_creatinine(self) -> bool:
        return "creatinine" in self.terms

    @property
    def needs_cystatin(self) -> bool:
        return "cystatin_c" in self.terms


def _both(creatinine: Term, cystatin: Term) -> Mapping[str, Term]:
    return {"creatinine": creatinine, "cystatin_c": cystatin}


EQUATIONS = MappingProxyType(
    {
        "2021_cr": Equation(
            "CKD-EPI 2021, creatinine", {"creatinine": _CREATININE_2021}, lambda cr, cys, age, female: ckd_epi_2021_creatinine(cr, age, female)
        ),
        "2009_cr": Equation(
            "CKD-EPI 2009, creatinine, no race term", {"creatinine": _CREATININE_2009}, lambda cr, cys, age, female: ckd_epi_2009_creatinine(cr, age, female)
        ),
        "2012_cys": Equation(
            "CKD-EPI 2012, cystatin C", {"cystatin_c": _CYSTATIN_2012}, lambda cr, cys, age, female: ckd_epi_2012_cystatin(cys, age, female)
        ),
        "2012_cr_cys": Equation("CKD-EPI 2012, creatinine and cystatin C, no race term", _both(*_COMBINED_2012), ckd_epi_2012_combined),
        "2021_cr_cys": Equation("CKD-EPI 2021, creatinine and cystatin C", _both(*_COMBINED_2021), ckd_epi_2021_combined),
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


def female(sex: Intervals) -> Bools:
    """Who is female, or may be: ``sex`` as :func:`interval` takes it."""
    may_be: Bools = sex.lo < 0.5
    return may_be


def _open(given: Intervals) -> Bools:
    return np.zeros(len(given), np.bool_) if given.exact else given.lo != given.hi


def _rate(equation: Equation, creatinine: Floats, cystatin: Floats, age: Floats, sex: Intervals, hull: Callable[[Floats, Floats], Floats]) -> Floats:
    """The rate at these values: of the patient's sex, or the hull of both where it is not known."""
    creatinine, cystatin = np.maximum(creatinine, _LEAST), np.maximum(cystatin, _LEAST)
    rate = equation.function(creatinine, cystatin, age, female(sex))
    rows = np.flatnonzero((sex.lo < 0.5) & (sex.hi > 0.5))
    if len(rows):
        male = equation.function(creatinine[rows], cystatin[rows], age[rows], np.zeros(len(rows), np.bool_))
        rate[rows] = hull(rate[rows], male)
    return rate


def _scaled(constant: float, log: Floats, female: Bools, female_factor: float) -> Floats:
    by_sex: Floats = np.where(female, constant * female_factor, constant)
    return by_sex * np.exp(log)
