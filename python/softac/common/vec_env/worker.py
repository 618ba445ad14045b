"""The process of one environment of `SubprocVecEnv`."""

from __future__ import annotations

import pickle
import signal
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from ..env_util import is_wrapped
from ..optional import optional


def pack(make: Callable[[], Any]) -> bytes:
    """Pickles a function that makes an environment, by cloudpickle if it is installed."""
    try:
        pickler: Any = optional("cloudpickle")
    except ImportError:
        pickler = pickle
    try:
        packed: bytes = pickler.dumps(make)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        if pickler is not pickle:
            raise TypeError(f"cloudpickle cannot send {make!r} to another process: {error}") from error
        raise TypeError(
            f"pickle cannot send {make!r} to another process: run `pip install cloudpickle`, or use a function of a module"
        ) from error
    return packed


class Worker:
    """
    Commands that the parent process sends by name.

    :param env: the environment
    """

    def __init__(self, env: Any) -> None:
        self.env = env

    def step(self, action: Any, next_seed: int | None) -> tuple[Any, ...]:
        """Steps the environment and, at the end of an episode, resets it; the last element is None or the reset's info."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        done = bool(terminated or truncated)
        info = {**info, "TimeLimit.truncated": bool(truncated and not terminated)}
        reset_info = None
        if done:
            info["terminal_observation"] = np.array(observation)
            observation, reset_info = self.env.reset(seed=next_seed)
        return observation, reward, done, info, reset_info

    def reset(self, seed: int | None, options: dict[str, Any]) -> Any:
        """Resets the environment."""
        return self.env.reset(seed=seed, **({"options": options} if options else {}))

    def get_attr(self, name: str) -> Any:
        """Returns an attribute of the environment."""
        return self.env.get_wrapper_attr(name)

    def has_attr(self, name: str) -> bool:
        """Tells whether the environment has an attribute; the attribute itself may not pickle."""
        return bool(self.env.has_wrapper_attr(name))

    def set_attr(self, name: str, value: Any) -> None:
        """Sets an attribute of the environment."""
        self.env.set_wrapper_attr(name, value)

    def env_method(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Calls a method of the environment."""
        return self.env.get_wrapper_attr(name)(*args, **kwargs)

    def is_wrapped(self, wrapper_class: type[Any]) -> bool:
        """Tells whether the environment has a wrapper of this class."""
        return is_wrapped(self.env, wrapper_class)


def run(pipe: Any, parent_pipe: Any, make: bytes | Callable[[], Any]) -> None:
    """Makes the environment and serves commands until the parent closes it or ends."""
    # Ctrl-C reaches the whole process group. The parent decides when the environments close.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent_pipe.close()
    try:
        env = (pickle.loads(make) if isinstance(make, bytes) else make)()
    except Exception as error:
        pipe.send(_failure(error))
        return
    worker = Worker(env)
    _answer(pipe, lambda: (env.observation_space, env.action_space))
    try:
        while True:
            command, args = pipe.recv()
            if command == "close":
                break
            _answer(pipe, lambda: getattr(worker, command)(*args))
    except (EOFError, OSError):
        pass
    finally:
        env.close()
        pipe.close()


def _answer(pipe: Any, call: Callable[[], Any]) -> None:
    """Sends the result of a call, or its error."""
    try:
        answer = pickle.dumps((True, call()), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        answer = pickle.dumps(_failure(error))
    pipe.send_bytes(answer)


def _failure(error: Exception) -> tuple[bool, tuple[bytes | None, str]]:
    """An error as the parent reads it: pickled, if it can be, and its traceback as text."""
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    try:
        packed = pickle.dumps(error)
        pickle.loads(packed)
    except Exception:
        return False, (None, text)
    return False, (packed, text)


def raise_failure(index: int, packed: bytes | None, text: str) -> None:
    """Raises the error of a worker in the parent, with the worker's traceback in its message."""
    try:
        error = pickle.loads(packed) if packed is not None else None
    except Exception:
        error = None
    message = f"environment {index} failed in its process:\n\n{text}"
    if error is None:
        raise RuntimeError(message)
    error.args = (message,)
    # Some errors build their message from other attributes.
    if str(error) != message:
        raise RuntimeError(message) from error
    raise error
