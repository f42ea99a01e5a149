"""The number of eligible patients to be reached, where nobody has said one."""

from __future__ import annotations

import math

MORE = 1.5


def to_enrol(planned: int, enrolling: float) -> int | None:
    """So many eligible are needed for so many to enrol, where this share of the eligible is expected to; None where nobody is, whatever is planned.

    A quotient that is whole but for what floats lose (3 / 0.3) is whole.
    """
    return math.ceil(round(planned / enrolling, 6)) if enrolling > 0 else None


def usual_target(planned: int | None, enrolling: float, eligible: int, patients: int) -> int:
    """What it takes to enrol as planned if that is more than are eligible, else half as many again as are; at least 1, at most all patients."""
    needed = None if planned is None else to_enrol(planned, enrolling)
    wanted = needed if needed is not None and needed > eligible else math.ceil(MORE * eligible)
    return max(min(wanted, patients), 1)
