"""What the peers have in common: a task in, an answer out.

A peer runs as `python <name>_peer.py TASK`. TASK is a JSON object, and so is the only thing that is
written to standard output:

    {"kind": "versions"}
        -> {"python": ..., <package>: <version>, ...}
    {"kind": "updates", "observation": 3, "action": 1, "hidden": [64, 64], "batch": 256, "threads": 1,
     "updates_per_call": 8, "seconds": 3.0}
        -> {"updates_per_second": ...}
    {"kind": "train", "env": "Pendulum-v1", "timesteps": 10000, "threads": 1, "settings": {...}}
        -> {"seconds": ...}

Stable-Baselines3's `SAC` and SBX's take the same arguments and have the same methods, so all that is
measured is here, and a peer is little more than its import.
"""

import contextlib
import json
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box
from stable_baselines3.common.logger import Logger

Json = dict[str, Any]

TRANSITIONS = 10_000
"""Random transitions in the replay buffer."""

WARM_UP_SECONDS = 1.0
WARM_UP_CALLS = 3
"""Before the clock starts, at least this much of both: compilation, first allocations, threads."""


class Blank(gymnasium.Env):
    """An environment for its spaces only: `[-1, 1]^action`, and observations without bounds."""

    def __init__(self, observation: int, action: int) -> None:
        self.observation_space = Box(-np.inf, np.inf, (observation,), np.float32)
        self.action_space = Box(-1.0, 1.0, (action,), np.float32)


def answer(algorithm: type, packages: list[str], set_threads: Callable[[int], None]) -> None:
    """Does the task on the command line with this class `SAC`, and writes the answer."""
    task: Json = json.loads(sys.argv[1])
    # Whatever the libraries print is for the reader, not part of the answer.
    with contextlib.redirect_stdout(sys.stderr):
        if task["kind"] == "versions":
            done = versions(packages)
        else:
            set_threads(task["threads"])
            measure = {"updates": updates, "train": train}[task["kind"]]
            done = measure(algorithm, task)
    print(json.dumps(done))


def versions(packages: list[str]) -> Json:
    """The versions of Python and of these packages."""
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def updates(algorithm: type, task: Json) -> Json:
    """Updates per second: both critics, policy, temperature and targets, with the draw of the minibatch."""
    env = Blank(task["observation"], task["action"])
    model = make(algorithm, env, net_arch=task["hidden"], buffer_size=TRANSITIONS, seed=0)
    model.set_logger(Logger(folder=None, output_formats=[]))
    fill(model.replay_buffer, task["observation"], task["action"])

    # Both end with the losses as Python numbers, so that nothing is still being computed on return.
    def call() -> None:
        model.train(gradient_steps=task["updates_per_call"], batch_size=task["batch"])

    repeat(call, WARM_UP_SECONDS, WARM_UP_CALLS)
    calls, seconds = repeat(call, task["seconds"])
    return {"updates_per_second": calls * task["updates_per_call"] / seconds}


def train(algorithm: type, task: Json) -> Json:
    """Seconds of a training, without the import."""
    model = make(algorithm, task["env"], **task["settings"])
    start = time.perf_counter()
    model.learn(task["timesteps"])
    return {"seconds": time.perf_counter() - start}


def make(algorithm: type, env: gymnasium.Env | str, net_arch: list[int], **settings: Any) -> Any:
    """The learner. What is not set has the same default in both: an update is all of SAC, every time."""
    return algorithm("MlpPolicy", env, policy_kwargs={"net_arch": net_arch}, device="cpu", **settings)


def fill(buffer: Any, observation: int, action: int) -> None:
    """Fills a replay buffer with random transitions, one in a hundred of them terminal."""
    random = np.random.default_rng(0)
    for _ in range(buffer.buffer_size):
        before, after = random.standard_normal((2, 1, observation))
        taken = random.uniform(-1.0, 1.0, (1, action))
        reward, done = random.standard_normal(1), random.random(1) < 0.01
        buffer.add(before, after, taken, reward, done, [{}])


def repeat(call: Callable[[], None], seconds: float, at_least: int = 1) -> tuple[int, float]:
    """Calls until so many seconds are over: the number of calls and the seconds that they took."""
    calls, elapsed, start = 0, 0.0, time.perf_counter()
    while elapsed < seconds or calls < at_least:
        call()
        calls += 1
        elapsed = time.perf_counter() - start
    return calls, elapsed
