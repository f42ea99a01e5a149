"""The same product from a shell: ``python -m feasibility screen DATA --json``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort, read_mapping
from feasibility.problems import Problem, Unusable
from feasibility.protocol import Protocol, builtin_protocol, read_protocol
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import AS_WRITTEN, Refused, Scenario, change, with_preset
from feasibility.variables import builtin_catalogue
from feasibility.wording import count, listed, on_criteria, patients, percent_range, signed

STOPPED = 2


def main(arguments: Sequence[str]) -> int:
    """Run the command; 0, or 2 with sentences on stderr where the input cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        protocol = read_protocol(_text(options.protocol), builtin_catalogue()) if options.protocol else builtin_protocol()
        scenario = _scenario(protocol, options)
        overview = Workbench(_cohort(options), protocol).overview(scenario)
    except Unusable as unusable:
        for problem in unusable.problems:
            print(problem, file=sys.stderr)
        return STOPPED
    except Refused as refused:
        print(refused, file=sys.stderr)
        return STOPPED
    if options.json:
        print(json.dumps(as_json(overview), ensure_ascii=False))
    else:
        print("\n".join(as_lines(overview)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="feasibility", description="Who is eligible for a trial protocol, and where the others are lost.")
    commands = parser.add_subparsers(required=True, metavar="command")
    screen = commands.add_parser("screen", help="screen a file of patients against a protocol")
    screen.add_argument("data", nargs="*", type=Path, metavar="DATA", help="tables with variables as columns, joined by patient")
    screen.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    screen.add_argument("--protocol", type=Path, metavar="FILE.toml", help="the protocol (default: the built-in one)")
    screen.add_argument("--measurements", type=Path, metavar="FILE", help="long table: patient_id, variable, value, unit, date")
    screen.add_argument("--events", type=Path, metavar="FILE", help="long table: patient_id, event, start, end")
    screen.add_argument("--mapping", type=Path, metavar="FILE.toml", help="what each column means")
    screen.add_argument("--index-date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="screen every patient at this date")
    screen.add_argument("--set", action="append", default=[], metavar="I5.egfr_min=30", help="a parameter's value")
    screen.add_argument("--reading", action="append", default=[], metavar="E5=both", help="another reading of a criterion")
    screen.add_argument("--off", action="append", default=[], metavar="E9", help="switch a criterion off")
    screen.add_argument("--missing", action="append", default=[], metavar="E7.hbsag=absent", help="what no record of a variable means")
    screen.add_argument("--rate", action="append", default=[], metavar="I8=0.4", help="an assumed pass rate")
    screen.add_argument("--order", metavar="I5,I7,…", help="the funnel's order: criteria, or protocol, stage, largest")
    screen.add_argument("--preset", action="append", default=[], metavar="trial-conduct", help="values the protocol sets together")
    return parser


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Unusable([Problem("error", path.name, f"cannot be read: {reason}.", "Check the path and the file.")]) from None


def _scenario(protocol: Protocol, options: argparse.Namespace) -> Scenario:
    scenario = AS_WRITTEN
    for preset in options.preset:
        scenario = with_preset(protocol, scenario, preset)
    for option in ("set", "reading", "off", "missing", "rate"):
        for text in getattr(options, option):
            for each in text.split(",") if option == "off" else [text]:
                scenario = change(protocol, scenario, option, each)
    return change(protocol, scenario, "order", options.order) if options.order else scenario


def _cohort(options: argparse.Namespace) -> Cohort:
    if not options.data and options.measurements is None and options.events is None:
        raise Unusable([Problem("error", "", "There is nothing to read.", "Give a file of patients, or --measurements and --events.")])
    catalogue = builtin_catalogue()
    mapping = read_mapping(_text(options.mapping), catalogue, options.mapping.name) if options.mapping else None
    measurements, events = options.measurements, options.events
    first = [*options.data, *(each for each in (measurements, events) if each)][0]
    return load_cohort(
        first.name + (f" and {len(options.data) - 1} more" if len(options.data) > 1 else ""),
        [(each.name, each) for each in options.data],
        measurements=(measurements.name, measurements) if measurements else None,
        events=(events.name, events) if events else None,
        mapping=mapping,
        index_date=options.index_date,
        catalogue=catalogue,
    )


def as_json(overview: Overview) -> dict[str, Any]:
    """The result as one JSON object, its counts of patients out of ``patients``."""
    screening, tally = overview.screening, overview.tally
    return {
        "protocol": screening.protocol.title,
        "patients": tally.patients,
        "assessed": list(screening.assessed),
        "partly_assessed": {each: list(labels) for each, labels in screening.partly_assessed.items()},
        "not_assessed": list(screening.not_assessed),
        "off": list(overview.off),
        "eligible": tally.eligible,
        "undetermined": tally.undetermined,
        "ineligible": tally.ineligible,
        "criteria": [
            {
                "id": loss.id,
                "fails": loss.fails,
                "unknown": loss.unknown,
                "first_fail": loss.first_fail,
                "only_fail": loss.only_fail,
                "only_unknown": loss.only_unknown,
                "gain": loss.gain,
                "gain_possible": loss.gain_possible,
                "share": round(loss.share, 4),
            }
            for loss in overview.losses
        ],
        "funnel": [{"id": step.id, "eligible": step.eligible, "undetermined": step.undetermined, "lost": step.lost} for step in overview.steps],
        "assumed": [{"id": rate.id, "rate": round(rate.rate, 6), "given": rate.given} for rate in overview.assumed],
        "expected": round(overview.expected, 4),
        "problems": [
            {"severity": problem.severity, "where": problem.where, "message": problem.message, "remedy": problem.remedy}
            for problem in screening.cohort.report.problems
        ],
    }


def as_lines(overview: Overview) -> list[str]:
    """The result for people: the headline, a line a step, what was set aside."""
    screening, tally = overview.screening, overview.tally
    protocol = screening.protocol
    lines = [
        f"{protocol.title}: {patients(tally.patients)}, {on_criteria(overview)}",
        f"eligible {count(tally.eligible)}, undetermined {count(tally.undetermined)}, ineligible on the data {count(tally.ineligible)}",
        f"share eligible {percent_range(*tally.honest_interval)} (95 % interval, gaps included)",
        "",
        _row("", "criterion", "eligible", "undetermined", "lost", "fails", "unknown", "gain if off"),
    ]
    for step, loss in zip(overview.steps, overview.losses, strict=True):
        partly = "*" if step.id in screening.partly_assessed else ""
        numbers = (count(number) for number in (step.eligible, step.undetermined, step.lost, loss.fails, loss.unknown))
        lines.append(_row(step.id + partly, protocol[step.id].label, *numbers, signed(loss.gain)))
    lines += [f"* {each}: assessed only on {listed(labels)}" for each, labels in screening.partly_assessed.items()]
    if screening.not_assessed:
        lines.append(f"not in the data, set aside: {listed(screening.not_assessed)}")
    return lines + [f"{problem.severity}: {problem}" for problem in screening.cohort.report.problems]


def _row(criterion_id: str, label: str, *numbers: str) -> str:
    return f"{criterion_id:5}{label:30}" + "".join(f"{number:>13}" for number in numbers)
