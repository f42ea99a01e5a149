"""The number of eligible patients to be reached, where nobody has said one."""

from __future__ import annotations

import math

MORE = 1.5


def usual_target(planned: int | None, eligible: int, patients: int) -> int:
    """What the protocol plans to enrol if that is more than are eligible, else half as many again as are; at least 1, at most all patients."""
    wanted = planned if planned is not None and planned > eligible else math.ceil(MORE * eligible)
    return max(min(wanted, patients), 1)
