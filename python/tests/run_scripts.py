"""Runs the scripts in `scripts/` with a package of your choice.

Each script is written for Stable-Baselines3. The runner replaces the word `stable_baselines3` by the package's name, and
runs the script in a temporary folder. A script passes if it ends without an error: its assertions are its test.

    python run_scripts.py PYTHON --package softac
    python run_scripts.py PYTHON --package stable_baselines3 --only 07 --table results.md
"""

import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent / "scripts"
WRITTEN_FOR = "stable_baselines3"
TIMEOUT_S = 120
SHOWN_LINES = 15


@dataclass
class Outcome:
    """The result of a script: `ok`, `FAILED`, `refused` or `left out`, with its time or the reason, and the end of its output."""

    name: str
    shows: str
    result: str
    detail: str
    output: str = ""


def needs_of(text: str) -> list[str]:
    """The modules that a script names in lines `# needs: MODULE`."""
    return re.findall(r"^# needs: (\w+)\s*$", text, flags=re.MULTILINE)


def refused_by(package: str, text: str) -> str | None:
    """The argument that the package refuses by its name, as a script says in a line `# refused by PACKAGE: ARGUMENT`."""
    found = re.search(rf"^# refused by {package}: (\w+)$", text, flags=re.MULTILINE)
    return found and found.group(1)


def has_module(python: str, module: str) -> bool:
    """Whether this interpreter finds the module, without importing it."""
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    return subprocess.run([python, "-c", code, module], capture_output=True).returncode == 0


def run_script(path: Path, python: str, package: str) -> tuple[bool, float, str]:
    """Runs one script; returns whether it passed, its seconds, and its output."""
    text = re.sub(rf"\b{WRITTEN_FOR}\b", package, path.read_text(encoding="utf-8"))
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        script = Path(folder) / path.name
        script.write_text(text, encoding="utf-8")
        start = time.monotonic()
        try:
            run = subprocess.run(
                [python, str(script)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_S,
            )
            passed, output = run.returncode == 0, run.stdout
        except subprocess.TimeoutExpired as error:
            passed, output = False, (error.stdout or b"") + f"\nno end after {TIMEOUT_S} s".encode()
        return passed, time.monotonic() - start, output.decode(errors="replace")


def outcome_of(path: Path, python: str, package: str, found: dict[str, bool]) -> Outcome:
    """Runs one script, unless a module that it needs is missing. `found` keeps the answers for each module."""
    text = path.read_text(encoding="utf-8")
    shows = (ast.get_docstring(ast.parse(text)) or "").splitlines()[0]
    for module in needs_of(text):
        if module not in found:
            found[module] = has_module(python, module)
        if not found[module]:
            return Outcome(path.stem, shows, "left out", f"({module} is not installed)")
    passed, seconds, output = run_script(path, python, package)
    end = "\n".join(output.splitlines()[-SHOWN_LINES:])
    refused = refused_by(package, text)
    if refused:
        is_refused = not passed and re.search(rf"ValueError: {refused}=.* is not supported: ", end) is not None
        return Outcome(path.stem, shows, "refused" if is_refused else "FAILED", f"({refused})", end)
    return Outcome(path.stem, shows, "ok" if passed else "FAILED", f"{seconds:.1f} s", end)


def table_of(outcomes: list[Outcome]) -> str:
    """The outcomes as a table in Markdown."""
    rows = [f"| `{each.name}` | {each.shows} | {each.result} {each.detail} |" for each in outcomes]
    return "\n".join(["| Script | Shows | Result |", "|---|---|---|", *rows]) + "\n"


def main() -> int:
    """Runs the scripts and prints a line for each; returns 1 if one failed."""
    parser = argparse.ArgumentParser(description="Run scripts for Stable-Baselines3 with another package in its place.")
    parser.add_argument("python", metavar="PYTHON", help="interpreter that has the package")
    parser.add_argument("--package", required=True, help="name that replaces stable_baselines3, such as softac")
    parser.add_argument("--only", metavar="NN", help="run only the scripts whose names start with NN")
    parser.add_argument("--table", metavar="FILE", type=Path, help="write a table of the results in Markdown to FILE")
    args = parser.parse_args()

    paths = sorted(SCRIPTS.glob(f"{args.only or ''}*.py"))
    if not paths:
        parser.error(f"no script in {SCRIPTS} starts with {args.only!r}; see their names there")
    outcomes: list[Outcome] = []
    found: dict[str, bool] = {}
    for path in paths:
        outcome = outcome_of(path, args.python, args.package, found)
        outcomes.append(outcome)
        print(f"{outcome.name:32} {outcome.result:8} {outcome.detail}", flush=True)
        if outcome.result == "FAILED":
            print("\n".join(f"    {line}" for line in outcome.output.splitlines()), flush=True)
    if args.table:
        args.table.write_text(table_of(outcomes), encoding="utf-8")
    return int(any(outcome.result == "FAILED" for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
