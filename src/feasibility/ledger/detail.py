"""The detail of one criterion: the clause as written, the rule as a sentence, the counts by what is missing, and the small choices."""

from __future__ import annotations

from feasibility import wording
from feasibility.ledger.rows import Plain, Rows
from feasibility.ledger.scales import Scale, lines, reading_in_use, single, used
from feasibility.parameters import Choice, Number, Switch
from feasibility.protocol import Criterion, Limb, Protocol, Reading
from feasibility.results.disclosure import Rounding
from feasibility.results.overview import Overview, Workbench
from feasibility.rules.nodes import resolve, variables
from feasibility.rules.sentence import sentence
from feasibility.scenario import Scenario, value_of, values
from feasibility.screening.reasons import missing_reasons
from feasibility.screening.screen import Screener
from feasibility.variables import MissingPolicy

FEW_STOPS = 25  # of a number that every stop screens anew


def detail(workbench: Workbench, overview: Overview, rows: Rows, criterion_id: str) -> Plain:
    """What a row opens to."""
    protocol, scenario = overview.screening.protocol, overview.screening.scenario
    criterion = protocol[criterion_id]
    reading = reading_in_use(protocol, scenario, criterion)
    own = [protocol.parameters[name] for name in used(protocol, scenario, criterion)]
    return {
        "id": criterion_id,
        "text": criterion.text,
        "note": " ".join(criterion.note.split()),
        "join": "" if reading is None else wording.how_joined(criterion.role, reading.join, len(reading.limbs)),
        "limbs": [] if reading is None else [_limb(workbench, overview, criterion, reading, limb) for limb in reading.limbs],
        "facts": [{"label": label, "value": value} for label, value in _facts(workbench, overview, criterion_id, rows)],
        "scales": [rows.scale(criterion, scale) for scale in further(protocol, scenario, criterion)],
        "switches": [
            {"name": each.name, "label": each.label, "on": value_of(protocol, scenario, each.name), "changed": each.name in scenario.parameters}
            for each in own
            if isinstance(each, Switch)
        ],
        "choices": [
            {
                "name": each.name,
                "label": each.label,
                "value": value_of(protocol, scenario, each.name),
                "options": [{"id": option, "label": wording.option_of(each, option)} for option in each.options],
            }
            for each in own
            if isinstance(each, Choice)
        ],
    }


def _facts(workbench: Workbench, overview: Overview, criterion_id: str, rows: Rows) -> tuple[tuple[str, str], ...]:
    """What is counted of a criterion, and what is missing of those it is unknown for."""
    loss = overview.loss(criterion_id)
    if loss is None:
        return ()
    counts = wording.facts(overview.tally.patients, loss.fails, loss.unknown, loss.gain, loss.gain_possible)
    return (*counts, *why_unknown(workbench.screener, overview.screening.protocol, overview.screening.scenario, criterion_id, rows.rounding))


def why_unknown(
    screener: Screener, protocol: Protocol, scenario: Scenario, criterion_id: str, rounding: Rounding
) -> tuple[tuple[str, str], ...]:
    """What is missing of the patients a criterion is unknown for."""
    found = missing_reasons(screener, protocol, scenario, criterion_id)
    return wording.reasons(found, screener.catalogue, rounding.count) if found is not None else ()


def further(protocol: Protocol, scenario: Scenario, criterion: Criterion) -> tuple[Scale, ...]:
    """The numbers of a criterion that have no place in its row, each on a plain track."""
    in_row = {handle.parameter.name for line in lines(protocol, scenario, criterion) for scale in line.scales for handle in scale.handles}
    names = [name for name in used(protocol, scenario, criterion) if name not in in_row and isinstance(protocol.parameters[name], Number)]
    return tuple(single(protocol, scenario, name, most=FEW_STOPS) for name in names)


def _limb(workbench: Workbench, overview: Overview, criterion: Criterion, reading: Reading, limb: Limb) -> Plain:
    protocol, scenario = overview.screening.protocol, overview.screening.scenario
    given, catalogue = values(protocol, scenario), workbench.screener.catalogue
    rules = [limb.rule, *([limb.unless] if limb.unless else [])]
    said = [sentence(resolve(rule, given), catalogue) for rule in rules]
    spoken_of = dict.fromkeys(name for rule in rules for name in variables(resolve(rule, given)))
    absent = limb.label in overview.screening.assessments[criterion.id].not_assessed
    stages = {stage.id: stage.label for stage in protocol.stages}
    return {
        "label": limb.label,
        "sentence": " ".join([said[0], *(f"Unless: {each}" for each in said[1:])]),
        "stage": stages.get(limb.stage or "", ""),
        "policies": [
            *([wording.NOT_IN_THIS_FILE] if absent else []),
            *(wording.policy_in_use(catalogue[name], _policy(scenario, criterion, limb, name) or catalogue[name].missing) for name in spoken_of),
        ],
    }


def _policy(scenario: Scenario, criterion: Criterion, limb: Limb, variable: str) -> MissingPolicy | None:
    return scenario.missing.get(f"{criterion.id}.{variable}") or limb.missing.get(variable)
