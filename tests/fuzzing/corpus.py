"""Cases that once failed: a folder each, or a line of code where the file would be large."""

from __future__ import annotations

import ast
from pathlib import Path

from fuzzing.case import Case

FOLDER = Path(__file__).parents[1] / "corpus"
MAPPING, ABOUT = "mapping.toml", "names.txt"


def keep(case: Case, folder: Path) -> None:
    """Write a case into a folder: its files by number, and in ``names.txt`` its kind, what it must be the same as, and what the files are called."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (_, data) in enumerate(case.files):
        (folder / f"{number}.bin").write_bytes(data)
    said = (case.kind, case.same_as or "", *(name for name, _ in case.files))
    (folder / ABOUT).write_text("".join(f"{each!a}\n" for each in said), encoding="utf-8")
    if case.mapping is not None:
        (folder / MAPPING).write_bytes(case.mapping.encode("utf-8", "surrogatepass"))


def recalled(folder: Path) -> Case:
    """The case in a folder."""
    kind, same_as, *names = (ast.literal_eval(line) for line in (folder / ABOUT).read_text(encoding="utf-8").splitlines())
    files = tuple((name, (folder / f"{number}.bin").read_bytes()) for number, name in enumerate(names))
    mapping = folder / MAPPING
    said = mapping.read_bytes().decode("utf-8", "surrogatepass") if mapping.exists() else None
    return Case(kind, files, said, same_as or None)


def kept() -> list[Path]:
    return sorted(path.parent for path in FOLDER.glob(f"*/{ABOUT}"))
