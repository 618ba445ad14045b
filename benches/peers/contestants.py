"""Those that are measured: how each is run, on which processors, and what it answers."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

HERE = Path(__file__).resolve().parent
Json = dict[str, Any]


class PeersError(Exception):
    """What went wrong, and what to do about it."""


@dataclass(frozen=True)
class Size:
    """The size of an update."""

    observation: int
    action: int
    hidden: tuple[int, ...]
    batch: int
    threads: int

    def __str__(self) -> str:
        hidden = "×".join(map(str, self.hidden))
        return f"obs {self.observation}, act {self.action}, {hidden}, batch {self.batch}"


SIZES = {
    "large": Size(17, 6, (256, 256), 256, threads=1),
    "large-2-threads": Size(17, 6, (256, 256), 256, threads=2),
    "small": Size(3, 1, (64, 64), 256, threads=1),
    "small-batch-100": Size(3, 1, (64, 64), 100, threads=1),
}

UPDATES_PER_CALL = 8
"""The peers' `gradient_steps`: SBX compiles a call into one function, Stable-Baselines3 just loops."""


@dataclass(frozen=True)
class Task:
    """A training, with settings that softac, Stable-Baselines3 and SBX know by the same names."""

    title: str
    ours: str
    """Our name of the environment."""
    theirs: str
    """Gymnasium's."""
    timesteps: int
    settings: Json
    ours_alone: Json = field(default_factory=dict)
    """Settings of what the others do not do at all."""


COMMON: Json = {"learning_starts": 100, "gamma": 0.99, "train_freq": 1, "gradient_steps": 1}
TASKS = {
    "pendulum": Task(
        title="Pendulum",
        ours="pendulum",
        theirs="Pendulum-v1",
        timesteps=10_000,
        settings={
            **COMMON,
            "learning_rate": 1e-3,
            "buffer_size": 10_000,
            "batch_size": 100,
            "tau": 0.01,
            "net_arch": [64, 64],
        },
    ),
    "half-cheetah": Task(
        title="HalfCheetah",
        ours="gym:HalfCheetah-v5",
        theirs="HalfCheetah-v5",
        timesteps=5_000,
        settings={
            **COMMON,
            "learning_rate": 3e-4,
            "buffer_size": 1_000_000,
            "batch_size": 256,
            "tau": 0.005,
            "net_arch": [256, 256],
        },
        # An episode has 1,000 steps: a hundred of them would be twenty times the training.
        ours_alone={"n_final_eval_episodes": 1},
    ),
}


# Child processes


@dataclass(frozen=True)
class Finished:
    """What a child process wrote and took."""

    stdout: str
    seconds: float
    peak_mib: float


def usable_cores() -> list[int]:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def limit_to(threads: int) -> dict[str, str]:
    """The environment in which every library uses so many threads, and no GPU."""
    counts = ["OMP", "MKL", "OPENBLAS", "RAYON"]
    many = str(threads > 1).lower()
    return {
        **os.environ,
        **{f"{library}_NUM_THREADS": str(threads) for library in counts},
        # XLA's pool has as many threads as NPROC says.
        "NPROC": str(threads),
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={many} intra_op_parallelism_threads={threads}",
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
    }


def run_child(command: Sequence[str], threads: int) -> Finished:
    """Runs a command to its end, on the first `threads` processors and with as many threads."""
    cores = usable_cores()[:threads]

    def pin() -> None:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cores)

    as_text = partial(tempfile.TemporaryFile, "w+", encoding="utf-8", errors="replace")
    with as_text() as out, as_text() as err:
        start = time.perf_counter()
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=limit_to(threads),
                preexec_fn=pin,
            )
        except OSError as error:
            raise PeersError(f"cannot run {command[0]}: {error.strerror}") from error
        # Unlike `Popen.wait`, this says what this very child used.
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            last = "\n".join(f"  {line}" for line in err.read().splitlines()[-12:])
            told = " ".join(command)
            raise PeersError(f"{told}\nended with status {child.returncode}, its last words:\n{last}")
        unit = 1024 if sys.platform == "darwin" else 1
        return Finished(out.read(), seconds, usage.ru_maxrss / unit / 1024)


def parse(command: Sequence[str], finished: Finished) -> Json:
    """The JSON object that a child wrote."""
    try:
        answer: Json = json.loads(finished.stdout)
    except json.JSONDecodeError as error:
        told = " ".join(command)
        raise PeersError(f"{told}\nshould write a JSON object, but wrote: {finished.stdout!r}") from error
    return answer


# Contestants


@dataclass(frozen=True)
class Training:
    """How long a training took, and the most memory that its process held."""

    seconds: float
    peak_mib: float


class Contestant(Protocol):
    """One of those that are measured."""

    @property
    def key(self) -> str:
        """Its name in the record."""

    @property
    def title(self) -> str:
        """Its name in the tables."""

    def versions(self) -> dict[str, str]:
        """Versions by name, for the record."""

    def updates_per_second(self, size: Size, seconds: float) -> float:
        """Measures updates for so many seconds."""

    def can_train(self, task: Task) -> bool:
        """Whether it has the environment."""

    def train(self, task: Task, seed: int) -> Training:
        """Trains with one thread."""


@dataclass(frozen=True)
class Softac:
    """The binary of this repository, or another one that has the same commands."""

    binary: Path
    version: str
    python: Path
    """Where Gymnasium is."""
    key: str = "softac"
    title: str = "softac"

    def versions(self) -> dict[str, str]:
        return {"softac": self.version}

    def updates_per_second(self, size: Size, seconds: float) -> float:
        hidden = ",".join(map(str, size.hidden))
        sizes = f"--obs {size.observation} --act {size.action} --hidden {hidden} --batch {size.batch}"
        how = f"--threads {size.threads} --seconds {seconds:g} --precision f32 --json"
        command = [str(self.binary), "bench", *sizes.split(), *how.split()]
        answer = parse(command, run_child(command, size.threads))
        try:
            return float(answer["updates_per_second"])
        except KeyError:
            raise PeersError(f"softac bench answered without updates_per_second: {answer}") from None

    def can_train(self, task: Task) -> bool:
        return True

    def train(self, task: Task, seed: int) -> Training:
        with tempfile.TemporaryDirectory() as folder:
            command = [str(self.binary), "train", task.ours, "--quiet", "--out", f"{folder}/run"]
            run = {"total_timesteps": task.timesteps, "seed": seed}
            for key, value in {**task.settings, **task.ours_alone, **run}.items():
                words = ",".join(map(str, value)) if isinstance(value, list) else str(value)
                command += [f"--{key.replace('_', '-')}", words]
            finished = run_child([*command, "--python", str(self.python)], threads=1)
        return Training(finished.seconds, finished.peak_mib)


@dataclass(frozen=True)
class Peer:
    """A Python library, measured by a script that does one task a run: `peer.py` says which."""

    python: Path
    key: str
    title: str

    def ask(self, task: Json) -> tuple[Json, Finished]:
        """The answer of a process of its own."""
        command = [str(self.python), str(HERE / f"{self.key}_peer.py"), json.dumps(task)]
        finished = run_child(command, task.get("threads", 1))
        return parse(command, finished), finished

    def versions(self) -> dict[str, str]:
        try:
            return self.ask({"kind": "versions"})[0]
        except PeersError as error:
            raise PeersError(f"{error}\nwithout --no-install, the peers are installed first") from error

    def updates_per_second(self, size: Size, seconds: float) -> float:
        how = {"updates_per_call": UPDATES_PER_CALL, "seconds": seconds}
        answer, _ = self.ask({"kind": "updates", **asdict(size), **how})
        return float(answer["updates_per_second"])

    def can_train(self, task: Task) -> bool:
        return True

    def train(self, task: Task, seed: int) -> Training:
        settings = {**task.settings, "seed": seed}
        how = {"env": task.theirs, "timesteps": task.timesteps, "threads": 1, "settings": settings}
        answer, finished = self.ask({"kind": "train", **how})
        return Training(answer["seconds"], finished.peak_mib)
