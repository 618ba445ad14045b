"""Tools that the preparation runs, and the lines that tell of them."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from contestants import HERE, PeersError

ROOT = HERE.parent.parent


def announce(line: str) -> None:
    """Says how far we are; the tables alone go to standard output."""
    print(line, file=sys.stderr, flush=True)


def run_tool(command: Sequence[str], advice: str) -> None:
    """Runs a tool that tells of itself, with its output on standard error."""
    announce(f"$ {' '.join(command)}")
    try:
        status = subprocess.run(command, stdout=sys.stderr, stdin=subprocess.DEVNULL).returncode
    except OSError as error:
        raise PeersError(f"cannot run {command[0]}: {error.strerror}\n{advice}") from error
    if status != 0:
        raise PeersError(f"{' '.join(command)} ended with status {status}\n{advice}")


def commit(folder: Path) -> str:
    """The commit of a work tree, with `-dirty` where it has changes."""
    describe = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(describe, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown commit"
