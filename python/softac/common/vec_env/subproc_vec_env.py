"""Environments that are stepped at the same time, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import pickle
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from .base import Array, Indices, Stepped, VecEnv, check_observation_space


def _work(pipe: Connection, pickled: bytes) -> None:
    """The process of an environment: answers commands until its pipe is closed."""
    try:
        env = pickle.loads(pickled)()
        check_observation_space(env.observation_space)
        pipe.send((True, (env.observation_space, env.action_space, env.metadata, env.render_mode)))
        while True:
            command, data = pipe.recv()
            if command == "close":
                env.close()
                return
            try:
                pipe.send((True, _answer(env, command, data)))
            except Exception as error:
                pipe.send((False, (error, traceback.format_exc())))
    except (EOFError, KeyboardInterrupt):
        pass
    except Exception as error:
        pipe.send((False, (error, traceback.format_exc())))


def _answer(env: Any, command: str, data: Any) -> Any:
    if command == "step":
        action, seed = data
        observation, reward, terminated, truncated, info = env.step(action)
        done, reset_info = bool(terminated or truncated), None
        info["TimeLimit.truncated"] = bool(truncated and not terminated)
        if done:
            info["terminal_observation"] = observation
            observation, reset_info = env.reset(seed=seed)
        return observation, reward, done, info, reset_info
    if command == "reset":
        seed, options = data
        return env.reset(seed=seed, **({"options": options} if options else {}))
    if command == "get":
        return env.get_wrapper_attr(data)
    if command == "set":
        return env.set_wrapper_attr(*data)
    if command == "is_wrapped":
        from ..env_util import is_wrapped

        return is_wrapped(env, data)
    name, args, kwargs = data
    return env.get_wrapper_attr(name)(*args, **kwargs)


class SubprocVecEnv(VecEnv):
    """
    Environments that are stepped at the same time, each in a process of its own.

    A program that makes one does so below `if __name__ == "__main__":`, because other processes read it again.

    :param env_fns: functions, each of which makes an environment; lambdas need the package `cloudpickle`
    :param start_method: "forkserver", "spawn" or "fork"
    """

    def __init__(self, env_fns: list[Callable[[], Any]], start_method: str | None = None) -> None:
        self.waiting, self.closed = False, False
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context(start_method or ("forkserver" if "forkserver" in methods else "spawn"))
        self.pipes: list[Connection] = []
        self.processes: list[Any] = []
        for make in env_fns:
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, _pickled(make)), daemon=True)
            process.start()
            theirs.close()
            self.pipes.append(ours)
            self.processes.append(process)
        if not self.pipes:
            raise ValueError("a vectorised environment needs at least one function that makes an environment")
        observation_space, action_space, metadata, render_mode = self._receive_all()[0]
        super().__init__(len(self.pipes), observation_space, action_space)
        self.metadata, self.render_mode = metadata, render_mode

    def _send(self, index: int, command: str, data: Any = None) -> None:
        try:
            self.pipes[index].send((command, data))
        except (BrokenPipeError, OSError) as error:
            raise RuntimeError(f"the process of environment {index} has ended") from error

    def _receive_all(self, indices: list[int] | None = None) -> list[Any]:
        """The answers of these processes; the first exception of one is raised once all have answered."""
        answers = []
        for index in range(len(self.pipes)) if indices is None else indices:
            try:
                answers.append(self.pipes[index].recv())
            except (EOFError, ConnectionResetError) as error:
                self.close()
                raise RuntimeError(f"the process of environment {index} has ended") from error
        for is_good, answer in answers:
            if not is_good:
                raised, where = answer
                raise raised from RuntimeError(f"in the process of the environment:\n{where}")
        return [answer for _, answer in answers]

    def step_async(self, actions: Array) -> None:
        for i, action in enumerate(actions):
            self._send(i, "step", (action, self._seeds[i]))
        self.waiting = True

    def step_wait(self) -> Stepped:
        self.waiting = False
        answers = self._receive_all()
        for i, (*_, reset_info) in enumerate(answers):
            if reset_info is not None:
                self.reset_infos[i], self._seeds[i] = reset_info, None
        observations, rewards, dones, infos, _ = zip(*answers)
        space = self.observation_space
        rows = np.array(observations, space.dtype)
        return rows, np.array(rewards, np.float32), np.array(dones, bool), list(infos)

    def reset(self) -> Array:
        for i in range(self.num_envs):
            self._send(i, "reset", (self._seeds[i], self._options[i]))
        observations, infos = zip(*self._receive_all())
        self._seeds, self._options = [None] * self.num_envs, [{} for _ in range(self.num_envs)]
        self.reset_infos[:] = infos
        return np.array(observations, self.observation_space.dtype)

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        for pipe in self.pipes:
            try:
                pipe.send(("close", None))
            except OSError:
                continue
            finally:
                # The process sees the end of the pipe, too.
                pipe.close()
        for process in self.processes:
            process.join(timeout=5)
            if process.is_alive():
                process.terminate()

    def __del__(self) -> None:
        if hasattr(self, "closed"):
            self.close()

    def _ask(self, command: str, data: Any, indices: Indices) -> list[Any]:
        asked = self._indices(indices)
        for i in asked:
            self._send(i, command, data)
        return self._receive_all(asked)

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        return self._ask("get", attr_name, indices)

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:
        self._ask("set", (attr_name, value), indices)

    def env_method(self, method_name: str, *args: Any, indices: Indices = None, **kwargs: Any) -> list[Any]:
        return self._ask("call", (method_name, args, kwargs), indices)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Indices = None) -> list[bool]:
        return self._ask("is_wrapped", wrapper_class, indices)


def _pickled(make: Callable[[], Any]) -> bytes:
    try:
        import cloudpickle

        return bytes(cloudpickle.dumps(make))
    except ImportError:
        pass
    try:
        return pickle.dumps(make)
    except (pickle.PicklingError, AttributeError) as error:
        raise ValueError(
            "the function that makes an environment does not reach another process: define it at the top of a module, "
            "or install cloudpickle"
        ) from error
