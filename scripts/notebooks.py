#!/usr/bin/env python3
"""
Executes the notebooks in python/notebooks, each in a folder of its own, and fails where a cell does.

    python3 scripts/notebooks.py                        # execute
    python3 scripts/notebooks.py --pages docs/src/notebooks   # and write a page of the book for each

It needs nbclient, ipykernel, and what the notebooks import.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[1] / "python" / "notebooks"


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with its outputs, without what libraries say on standard error."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return notebook


def page_of(notebook: nbformat.NotebookNode) -> str:
    """The notebook as Markdown: text, code, and what the code printed."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        printed = "".join(output.get("text", "") for output in cell.outputs)
        lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
        if lines:
            parts.append("\n".join(["```text", *lines, "```"]))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Executes all, and writes their pages if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, metavar="FOLDER", help="where the pages go")
    folder = parser.parse_args().pages
    # The kernel starts by the name python3 in PATH: it is to be this interpreter.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = executed(path)
        print(f"{path.name}: every cell runs")
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{path.stem}.md").write_text(page_of(notebook), encoding="utf-8")


if __name__ == "__main__":
    main()
