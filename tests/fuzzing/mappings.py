"""Mapping files that say what cannot be, beside an honest extract."""

from __future__ import annotations

import json
import random

from fuzzing.case import Case
from fuzzing.damage import damaged
from fuzzing.hostile_texts import CELLS, HEADERS
from fuzzing.seeds import as_text, long, persons, wide

VARIABLES = ("sex", "age", "birth_date", "uacr", "hba1c", "creatinine", "t2dm", "systolic", "sbp", "index_date", "patient", "stroke", "nothing_such", "",
    "hbsag", "ldl", "biopsy", "observation_start")
VALUES = (
    '"uacr"', '["uacr", "hba1c"]', "[]", "{}", '""', "1", "-1", "1e400", "nan", "inf", "true", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", '"dmy"',
    '"mdy"', '"%"', '"mg/g"', '"mmol/L"', '"date"', '"end"', '"value"',
    '{ 1 = "yes", 2 = "no" }', '{ male = "male", female = "female" }', '{ "" = "yes" }', '["", "-9", "777"]', '[-9, 1.5]', '","', '"."', '";"', '"ever"',
    '"within"', '"current"', '"ongoing"', '{ variable = "uacr" }', "[[]]", '[{}]', "9223372036854775808",
)  # fmt: skip
KEYS = ("variable", "part", "repeat", "unit", "coding", "sentinels", "censored_at", "decimal", "date_order", "undated", "blank_end", "nonsense", "patient",
    "thousands", "missing", "unit_column")
TOP = ("patient", "index_date", "index_order", "site", "keep", "columns", "measurements", "events", "nonsense")
LONG = ("patient", "name", "value", "unit", "date", "end", "status", "status_coding", "fields", "names", "operator")


def _key(chance: random.Random, names: tuple[str, ...]) -> str:
    return json.dumps(chance.choice((*names, *names, *names, chance.choice(HEADERS))))


def _value(chance: random.Random, columns: list[str]) -> str:
    return chance.choice((chance.choice(VALUES), json.dumps(chance.choice(VARIABLES)), json.dumps(chance.choice(columns)), json.dumps(chance.choice(CELLS))))


def _use(chance: random.Random, columns: list[str]) -> str:
    if chance.random() < 0.1:
        return _value(chance, columns)
    entries = {_key(chance, KEYS): _value(chance, columns) for _ in range(chance.choice((0, 1, 2, 4)))}
    if chance.random() < 0.85:
        entries['"variable"'] = json.dumps(chance.choice(VARIABLES))
    return "{ " + ", ".join(f"{key} = {value}" for key, value in entries.items()) + " }"


def text(chance: random.Random, columns: list[str]) -> str:
    top = {_key(chance, TOP[:5]): _value(chance, columns) for _ in range(chance.choice((0, 1, 2)))}
    lines = [f"{key} = {value}" for key, value in top.items()]
    if chance.random() < 0.85:
        uses = {json.dumps(chance.choice((*columns, chance.choice(HEADERS)))): _use(chance, columns) for _ in range(chance.choice((1, 3, 10)))}
        lines += ["[columns]", *(f"{key} = {value}" for key, value in uses.items())]
    for table in ("measurements", "events"):
        if chance.random() < 0.4:
            said = {_key(chance,
                LONG): json.dumps(chance.choice(("patient_id", "variable", "event", "value", "unit", "date", "start", "end", "x"))) for _ in range(4)}
            lines += [f"[{table}]", *(f"{key} = {value}" for key, value in said.items())]
            if chance.random() < 0.5 and '"names"' not in said:
                lines += [f"[{table}.names]",
                    *(f"{json.dumps(chance.choice(('hba1c', 'uacr', 'heart_failure', 'x')) + str(n))} = {_use(chance, columns)}" for n in range(2))]
    return "\n".join(lines)


def hostile_mapping(chance: random.Random) -> Case:
    header = wide()[0]
    with_long = chance.random() < 0.3
    files = (("patients.csv", persons()), ("measurements.csv", long("measurements")), ("events.csv", long("events"))) if with_long else (("small.csv", wide()),)
    said = text(chance, header)
    if chance.random() < 0.15:
        said = damaged(chance, said.encode())[1].decode("utf-8", "replace")
    return Case("mapping: entries", tuple((name, as_text(rows).encode()) for name, rows in files), mapping=said)
