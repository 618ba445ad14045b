#!/usr/bin/env python3
"""softac, Stable-Baselines3 and SBX side by side: updates per second at the same sizes and threads.

    python benches/peers/run.py                        # everything but training
    python benches/peers/run.py --sizes large --rounds 3
    python benches/peers/run.py --end-to-end --json peers.json
    python benches/peers/run.py --rltools rl-tools --mkl mkl-venv    # and RLtools, for those who have it

What is measured, and why it is fair, is in the README beside this file.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from contestants import (
    HERE,
    SIZES,
    TASKS,
    Contestant,
    Json,
    Peer,
    PeersError,
    Softac,
    Training,
    usable_cores,
)
from rltools import RLtools
from tables import footer, table_of_training, table_of_updates
from tools import ROOT, announce, commit, run_tool

PEERS = {"sb3": "SB3", "sbx": "SBX"}
"""The peers in Python: their names in the record and in the tables."""


# Preparation


def built_binary() -> tuple[Path, str]:
    """Builds this repository's binary: where it is, and of what commit."""
    if shutil.which("cargo") is None:
        raise PeersError(
            "cargo was not found: install Rust, or name a binary that was built elsewhere with --softac"
        )
    manifest = ["--manifest-path", str(ROOT / "Cargo.toml")]
    run_tool(["cargo", "build", "--release", "--locked", *manifest], "softac must build first")
    tell = ["cargo", "metadata", "--format-version=1", "--no-deps", *manifest]
    metadata = json.loads(subprocess.run(tell, check=True, capture_output=True, text=True).stdout)
    return Path(metadata["target_directory"], "release", "softac"), commit(ROOT)


def given_binary(path: Path) -> tuple[Path, str]:
    """A binary that somebody else built, and that it is one."""
    if not os.access(path, os.X_OK) or path.is_dir():
        raise PeersError(f"{path} cannot be run: --softac takes the path of a softac binary")
    return path.absolute(), "given with --softac"


def python_of(venv: Path, install: bool) -> Path:
    """The Python of a virtual environment in which the peers are; made and filled first if asked."""
    python = venv.absolute() / "bin" / "python"
    if install:
        if not python.exists():
            run_tool(
                [sys.executable, "-m", "venv", str(venv)],
                "this Python cannot make virtual environments: on Debian, install python3-venv;\n"
                "or name an environment that has the peers with --venv PATH --no-install",
            )
        run_tool(
            [str(python), "-m", "pip", "install", "--requirement", str(HERE / "requirements.txt")],
            "pip could not install the peers; its own message is above. It takes Python 3.11 or newer,\n"
            "7 GB of disk, and a Python package index: where the usual one is out of reach, set\n"
            "PIP_INDEX_URL to another, or name an environment that has the peers: --venv PATH --no-install",
        )
    if not python.exists():
        raise PeersError(f"{venv} is no virtual environment: leave --no-install out to make it")
    return python


def check_cores(sizes: list[str]) -> None:
    """Refuses sizes that need more processors than there are."""
    cores = len(usable_cores())
    if too_large := [name for name in sizes if SIZES[name].threads > cores]:
        rest = " ".join(name for name in sizes if name not in too_large)
        raise PeersError(
            f"{', '.join(too_large)} needs {SIZES[too_large[0]].threads} processors, "
            f"but this process may use only {cores}; leave it out: --sizes {rest}"
        )


def machine() -> Json:
    """The processor and the system, as they call themselves, and how much else they do."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    load = os.getloadavg()[0]
    if load > 0.5:
        announce(f"warning: the load is {load:.1f}; figures of a busy machine say little")
    system = f"{platform.system()} {platform.machine()}"
    return {"cpu": name, "cores": len(usable_cores()), "system": system, "load": load}


# Measurement


def in_turn(
    contestants: list[Contestant], rounds: int, measure: Callable[[Contestant, int], Any], title: str
) -> list[Json]:
    """Measures all of them one after the other, round by round; a round has a value for each."""
    done: list[Json] = []
    for index in range(rounds):
        done.append({})
        for contestant in contestants:
            value = done[-1][contestant.key] = measure(contestant, index)
            told = f"{value.seconds:.1f} s" if isinstance(value, Training) else f"{value:.0f} updates/s"
            announce(f"{title} | round {index + 1} of {rounds} | {contestant.title} {told}")
    return done


def measure_updates(
    contestants: list[Contestant], names: list[str], rounds: int, seconds: float
) -> list[Json]:
    """Updates per second at these sizes."""

    def of(name: str) -> Json:
        size = SIZES[name]

        def measure(contestant: Contestant, _: int) -> float:
            return contestant.updates_per_second(size, seconds)

        title = f"{size}, {size.threads} thread{'s' if size.threads > 1 else ''}"
        return {"name": name, "size": asdict(size), "rounds": in_turn(contestants, rounds, measure, title)}

    return [of(name) for name in names]


def measure_training(contestants: list[Contestant], name: str, rounds: int) -> Json:
    """Seconds and memory of a training; the number of the round is the seed."""
    task = TASKS[name]
    measured = in_turn(contestants, rounds, lambda one, seed: one.train(task, seed), task.title)
    measured = [{key: asdict(value) for key, value in one.items()} for one in measured]
    return {"name": name, **asdict(task), "rounds": measured}


# The command


def arguments() -> argparse.Namespace:
    """The command line."""

    def at_least(minimum: float, kind: type) -> Callable[[str], Any]:
        def number(text: str) -> Any:
            if not (value := kind(text)) >= minimum:
                raise argparse.ArgumentTypeError(f"{text} is below {minimum}")
            return value

        return number

    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    add = parser.add_argument
    names = f"any of {', '.join(SIZES)} [all]"
    add("--sizes", nargs="*", choices=SIZES, default=list(SIZES), metavar="SIZE", help=names)
    add("--rounds", type=at_least(1, int), default=5, help="how often each is measured [%(default)s]")
    add("--seconds", type=at_least(0.1, float), default=3.0, help="of a measurement [%(default)s]")
    trainings = f"time trainings as well, any of {', '.join(TASKS)} [all]"
    add("--end-to-end", nargs="*", choices=TASKS, metavar="TASK", help=trainings)
    add("--json", type=Path, metavar="PATH", help="write every number of every round to this file")
    add("--venv", type=Path, default=ROOT / "target" / "peers-venv", help="[target/peers-venv]")
    add("--no-install", action="store_true", help="take the environment as it is")
    peers = f"measure these peers in Python, any of {', '.join(PEERS)} [all]"
    add("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="PEER", help=peers)
    add("--rltools", type=Path, metavar="PATH", help="measure RLtools as well, from this checkout")
    mkl = "multiply RLtools' matrices with the MKL of this folder [OpenBLAS where the system has it]"
    add("--mkl", type=Path, metavar="PATH", help=mkl)
    add("--softac", type=Path, metavar="PATH", help="take this binary instead of building one")
    options = parser.parse_args()
    if options.mkl and not options.rltools:
        parser.error("--mkl is for RLtools: name a checkout of it with --rltools")
    return options


def save(record: Json, path: Path | None) -> None:
    """Writes the record, if anybody wants it."""
    if path is not None:
        path.write_text(json.dumps(record, indent=2) + "\n")


def run(options: argparse.Namespace) -> None:
    """Prepares, measures and tells."""
    check_cores(options.sizes)
    here = machine()
    # None where trainings were not asked for, all of them where none is named.
    names = [] if options.end_to_end is None else options.end_to_end or list(TASKS)
    rltools = RLtools.at(options.rltools, options.mkl) if options.rltools else None
    binary = given_binary(options.softac) if options.softac else built_binary()
    # HalfCheetah is Gymnasium's for softac, too.
    needs_venv = options.peers or "half-cheetah" in names
    python = python_of(options.venv, install=not options.no_install) if needs_venv else Path(sys.executable)
    peers = [Peer(python, key, title) for key, title in PEERS.items() if key in options.peers]
    contestants: list[Contestant] = [Softac(*binary, python), *peers]
    if rltools is not None:
        rltools.prepare([SIZES[name] for name in options.sizes], [TASKS[name] for name in names])
        contestants.append(rltools)

    record: Json = {
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "machine": here,
        # Asked first, so that a library that cannot be imported is known before anything is measured.
        "versions": {k: v for one in contestants for k, v in one.versions().items()},
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
    # Written after each part, and before the first: a file that cannot be written is known at once.
    save(record, options.json)
    if options.sizes:
        record["updates"] = measure_updates(contestants, options.sizes, options.rounds, options.seconds)
        save(record, options.json)
        print(table_of_updates(contestants, record["updates"]), end="\n\n", flush=True)
    if options.end_to_end is not None:
        record["end_to_end"] = []
        for name in names:
            able = [one for one in contestants if one.can_train(TASKS[name])]
            for one in contestants:
                if one not in able:
                    announce(f"{one.title} has no {TASKS[name].title} and is left out of it")
            record["end_to_end"].append(measure_training(able, name, options.rounds))
            save(record, options.json)
            print(table_of_training(able, record["end_to_end"][-1]), end="\n\n", flush=True)
    print(footer(record))


def main() -> int:
    """Exit status 0 when all was measured, 1 when not."""
    try:
        run(arguments())
    except (PeersError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
