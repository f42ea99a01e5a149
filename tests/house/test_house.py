"""The house rules, held by the test run: what tools can check, tools check; the rest is read off the files."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "feasibility"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
README = (ROOT / "README.md").read_text()
CONSTRAINTS = (ROOT / "constraints.txt").read_text()
PAGE_LINES = 110
TOP_LEVEL = set(".ci .gitignore .streamlit CHANGELOG.md LICENSE README.md app.py constraints.txt docs pages pyproject.toml sample_data src tests".split())
TOOLS = {
    "ruff": ["-m", "ruff", "check", "."],
    "mypy": ["-m", "mypy", "--strict", "src"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_find_nothing(tool: str) -> None:
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, *TOOLS[tool]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{tool} says:\n{done.stdout}{done.stderr}", pytrace=False)


def python_files(*places: str) -> list[Path]:
    return [path for place in places for path in ([ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py")))]


def imported(path: Path) -> set[str]:
    """The top-level packages a file imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in names}


def test_only_the_top_floor_imports_streamlit() -> None:
    below = [path for path in python_files("src") if SOURCE / "ui" not in path.parents]
    assert below
    assert [str(path.relative_to(ROOT)) for path in below if "streamlit" in imported(path)] == []


def test_pages_are_thin() -> None:
    pages = python_files("pages", "app.py")
    assert len(pages) > 1
    assert {path.name: lines for path in pages if (lines := len(path.read_text().splitlines())) > PAGE_LINES} == {}


def test_no_module_is_a_drawer() -> None:
    assert [path.name for path in python_files("src", "pages", "tests") if path.stem in ("utils", "util", "helpers", "common", "misc")] == []


def defined(path: Path) -> set[str]:
    """The public names a module gives a meaning to, at its top level."""
    names: list[str] = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
    return {each for each in names if not each.startswith("_")}


def test_no_two_ways_of_saying_have_one_name() -> None:
    """All of them are reached by the name alone, so that the one read last would be said everywhere."""
    found: dict[str, list[str]] = {}
    strangers: set[str] = set()  # what they read is reached like what they say
    for path in python_files("src/feasibility/wording"):
        for name in defined(path):
            found.setdefault(name, []).append(path.stem)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("feasibility.wording"):
                strangers |= {alias.asname or alias.name for alias in node.names}
    assert len(found) > 100
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}
    assert strangers & set(found) == set()


def test_every_exemption_states_its_reason() -> None:
    exemption = re.compile(r"#\s*(noqa|type:\s*ignore|pragma)\b")
    with_reason = re.compile(r"#\s*(noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|type:\s*ignore\[[a-z-]+(,\s*[a-z-]+)*\])\s+#?\s*\w+\S*(\s+\S+)+")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in python_files("src", "pages", "tests", "app.py")
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if path != Path(__file__) and exemption.search(line) and not with_reason.search(line)
    ]
    assert found == []


def test_the_top_level_holds_only_what_belongs_there() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what belongs to the project cannot be told from what was made here")
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.partition("/")[0] for line in listed.splitlines()} - TOP_LEVEL == set()


# Two lines on a machine with Python only


def pinned() -> dict[str, str]:
    return {canonicalize_name(name): number for name, _, number in (line.partition("==") for line in CONSTRAINTS.splitlines())}


def test_constraints_are_names_and_versions_only() -> None:
    lines = CONSTRAINTS.splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line)] == []
    assert len(pinned()) == len(lines)


def test_every_dependency_is_bounded_and_pinned_within_its_bounds() -> None:
    for text in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]:
        requirement = Requirement(text)
        assert {clause.operator for clause in requirement.specifier} == {">=", "<"}, text
        assert requirement.specifier.contains(pinned()[canonicalize_name(requirement.name)]), text


def test_constraints_hold_all_that_is_installed() -> None:
    reached: set[str] = set()
    waiting = [Requirement(text) for text in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in reached:
            continue
        reached.add(name)
        extras = [{"extra": extra} for extra in requirement.extras or {""}]
        inner = [Requirement(text) for text in requires(name) or []]
        waiting += [each for each in inner if each.marker is None or any(each.marker.evaluate(extra) for extra in extras)]
    assert reached - set(pinned()) == set()


@pytest.mark.skipif("CI" not in os.environ, reason="only the gate installs by the constraints")
def test_the_gate_runs_on_the_pinned_versions() -> None:
    assert {name: version(name) for name in pinned()} == pinned()


def test_the_gate_runs_the_readmes_own_line() -> None:
    lines = [line.strip() for line in README.splitlines() if ".venv/bin/pytest" in line]
    assert len(lines) == 1
    gate = (ROOT / ".ci" / "run").read_text().splitlines()
    assert gate[-1] == lines[0]


def test_the_readme_says_how_to_open_the_app() -> None:
    assert "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e . && .venv/bin/streamlit run app.py" in README


# Privacy


def test_the_app_is_set_to_keep_patients_on_this_machine() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"].get("enableXsrfProtection", True) is True
    assert config["server"]["maxUploadSize"] <= 1024
    assert config["client"]["disableDataExport"] is True
    assert config["client"]["showErrorDetails"] in ("none", False)


def test_no_file_names_a_machine_or_an_index() -> None:
    telling = re.compile(r"/root/|/home/\w+/|/tmp/|file://|--index-url|--extra-index|pypi\.|\.local\b", re.IGNORECASE)
    files = [*python_files("src", "pages", "app.py"), *(ROOT / name for name in ("README.md", "CHANGELOG.md", "constraints.txt", "pyproject.toml"))]
    found = [f"{path.relative_to(ROOT)}: {match.group()}" for path in files if (match := telling.search(path.read_text()))]
    assert found == []


# The benchmark, so that it can be run when it is wanted


def test_the_benchmark_runs_with_a_few_patients() -> None:
    command = [sys.executable, str(ROOT / "tests" / "benchmarks" / "run.py"), "--patients", "500", "--runs", "2", "--no-browser"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"the benchmark broke:\n{done.stdout}{done.stderr}", pytrace=False)
    assert "500 patients, 21 criteria" in done.stdout
    assert "the usual way takes" in done.stdout
