"""What a picture says of itself, so that it can stand on a slide alone."""

from __future__ import annotations

from feasibility.cohort import Cohort
from feasibility.results.overview import Overview
from feasibility.scenario import Order, changes
from feasibility.wording.criteria import title
from feasibility.wording.files import cohort_line
from feasibility.wording.headline import if_resolved, in_a_line
from feasibility.wording.ledger import rounded_to
from feasibility.wording.numbers import count

ORDER_OF_STEPS = {Order.PROTOCOL: "in the protocol's order", Order.STAGE: "by stage of screening", Order.LARGEST_LOSS: "largest loss first"}


def of_the_picture(overview: Overview, cohort: Cohort, unit: int) -> tuple[str, ...]:
    """The lines above a picture: the protocol, the cohort with who is eligible, what was changed, the order, and to what counts are rounded."""
    scenario, tally = overview.screening.scenario, overview.tally
    found = [each for each in changes(overview.screening.protocol, scenario) if each.key != "order"]
    changed = "; ".join(f"{each.text} (was {each.was})" for each in found)
    written = f"as written ({count(overview.written.eligible)} eligible)"
    order = ORDER_OF_STEPS[scenario.order] if isinstance(scenario.order, Order) else "in an order made by hand"
    lines = (
        title(overview.screening.protocol),
        f"{cohort_line(cohort)}. {in_a_line(overview).replace('**', '').rstrip('.')}; {if_resolved(tally)}.",
        f"Changed against {written}: {changed}." if found else "As written: nothing is changed.",
        f"Steps {order}.",
        rounded_to(unit),
    )
    return tuple(line for line in lines if line)
