"""Vectorised environment with one process for each environment."""

from __future__ import annotations

import multiprocessing
import os
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from .base import Array, SeededVecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn, check_observation_space
from .worker import pack, raise_failure, run

# Time that environments have to close before their processes are terminated.
SECONDS_TO_CLOSE = 5.0


class SubprocVecEnv(SeededVecEnv):
    """
    Steps each environment in a process of its own.

    A script must create it under `if __name__ == "__main__":`, unless `start_method` is "fork".

    :param env_fns: functions that each make an environment
    :param start_method: "forkserver", "spawn" or "fork"; None uses "forkserver" where it exists, else "spawn"
    """

    def __init__(self, env_fns: Sequence[Callable[[], gym.Env[Any, Any]]], start_method: str | None = None) -> None:
        if not env_fns:
            raise ValueError("env_fns is empty: give at least one function that makes an environment")
        methods = multiprocessing.get_all_start_methods()
        method = start_method or ("forkserver" if "forkserver" in methods else "spawn")
        if method not in methods:
            raise ValueError(f"start_method is {method!r}: this system has {', '.join(methods)}")
        context: Any = multiprocessing.get_context(method)
        packed = [make if method == "fork" else pack(make) for make in env_fns]
        self.waiting = False
        self.closed = False
        self.remotes: list[Any] = []
        self.processes: list[Any] = []
        self._end = weakref.finalize(self, _end, os.getpid(), self.remotes, self.processes)
        try:
            for make in packed:
                self._start(context, make)
            found = self._receive(range(len(packed)))
            check_observation_space(found[0][0])
            super().__init__(len(packed), *found[0])
        except BaseException:
            self.close()
            raise

    def _start(self, context: Any, make: Any) -> None:
        # Each pipe is made just before its process. Otherwise, processes made by fork would hold each other's pipes open,
        # and the end of one would remain unnoticed.
        remote, theirs = context.Pipe()
        process = context.Process(target=run, args=(theirs, remote, make), daemon=True)
        self.remotes.append(remote)
        process.start()
        self.processes.append(process)
        theirs.close()

    def step_async(self, actions: Array) -> None:
        if len(actions) != self.num_envs:
            raise ValueError(f"{len(actions)} actions for {self.num_envs} environments: give an array with one row for each")
        for i, action in enumerate(actions):
            self._send(i, "step", action, self._next_seeds[i])
        self.waiting = True

    def step_wait(self) -> VecEnvStepReturn:
        self.waiting = False
        answers = self._receive(range(self.num_envs))
        observations, rewards, dones, infos, reset_infos = zip(*answers, strict=True)
        for i, info in enumerate(reset_infos):
            if info is not None:
                self.reset_infos[i] = info
                self._use_next_seed(i)
        self.exact_rewards = np.array(rewards, np.float64)
        return self._stack(observations), self.exact_rewards.astype(np.float32), np.array(dones, np.bool_), list(infos)

    def reset(self) -> VecEnvObs:
        for i in range(self.num_envs):
            self._send(i, "reset", self._seeds[i], self._options[i])
        observations, reset_infos = zip(*self._receive(range(self.num_envs)), strict=True)
        self.reset_infos = list(reset_infos)
        self._reset_seeds()
        self._reset_options()
        return self._stack(observations)

    def close(self) -> None:
        self._end()
        self.closed = True

    def has_attr(self, attr_name: str) -> bool:
        return all(self._call(None, "has_attr", attr_name))

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        return self._call(indices, "get_attr", attr_name)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        self._call(indices, "set_attr", attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        return self._call(indices, "env_method", method_name, method_args, method_kwargs)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        return self._call(indices, "is_wrapped", wrapper_class)

    def _stack(self, observations: Sequence[Any]) -> Array:
        return np.stack(observations).astype(self.observation_space.dtype, copy=False)

    def _call(self, indices: VecEnvIndices, command: str, *args: Any) -> list[Any]:
        chosen = list(self._get_indices(indices))
        for i in chosen:
            self._send(i, command, *args)
        return self._receive(chosen)

    def _send(self, index: int, command: str, *args: Any) -> None:
        if self.closed:
            raise RuntimeError("the SubprocVecEnv is closed: create a new one")
        if self.waiting:
            raise RuntimeError("a step is under way: call step_wait() first")
        try:
            self.remotes[index].send((command, args))
        except (BrokenPipeError, ConnectionResetError):
            # The answer, or its absence, says what happened.
            pass

    def _receive(self, indices: Sequence[int]) -> list[Any]:
        """The answers of all these workers. All answers are read before an error is raised, so that none is left over."""
        answers = [self._receive_one(i) for i in indices]
        for i, (is_well, content) in zip(indices, answers, strict=True):
            if is_well:
                continue
            if content is None:
                raise RuntimeError(self._epitaph(i))
            raise_failure(i, *content)
        return [content for _, content in answers]

    def _receive_one(self, index: int) -> tuple[bool, Any]:
        try:
            answer: tuple[bool, Any] = self.remotes[index].recv()
        except (EOFError, ConnectionResetError):
            return False, None
        return answer

    def _epitaph(self, index: int) -> str:
        process = self.processes[index]
        process.join(SECONDS_TO_CLOSE)
        return (
            f"the process of environment {index} ended with exit code {process.exitcode}: look for its last output above, "
            'for a lack of memory, or for a script without `if __name__ == "__main__":`; then create a new SubprocVecEnv'
        )


def _end(owner: int, remotes: list[Any], processes: list[Any]) -> None:
    """Closes all environments and ends their processes. A process made by fork must not end those of its parent."""
    if os.getpid() != owner:
        return
    for remote in remotes:
        try:
            remote.send(("close", ()))
        except OSError:
            pass
    deadline = time.monotonic() + SECONDS_TO_CLOSE
    for remote, process in zip(remotes, processes):
        try:
            # A worker that sends its last answer waits for a reader.
            while remote.poll(max(0.0, deadline - time.monotonic())):
                remote.recv_bytes()
        except (EOFError, OSError):
            pass
        process.join(max(0.1, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
    for remote in remotes:
        remote.close()
