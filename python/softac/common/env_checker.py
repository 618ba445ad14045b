"""The promises that an environment has to keep."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

STEPS = 10


def check_env(env: Any, warn: bool = True, skip_render_check: bool = True) -> None:
    """
    Tries an environment, and raises an error that says which promise it breaks.

    Spaces must be ones that can be learned in; observations lie in their space, rewards are finite numbers, and `reset` and
    `step` return what Gymnasium's interface asks for. What else Gymnasium's own checker finds is warned of.

    :param warn: shows warnings
    :param skip_render_check: leaves out what it draws
    """
    import gymnasium
    from gymnasium.utils.env_checker import check_env as check_by_gymnasium

    from ..environments import check_spaces

    if not isinstance(env, gymnasium.Env):
        raise TypeError(f"{type(env).__name__} is no gymnasium.Env: derive its class from it")
    check_spaces(env.observation_space, env.action_space)
    _check_episode(env)
    with warnings.catch_warnings():
        if not warn:
            warnings.simplefilter("ignore")
        try:
            check_by_gymnasium(env, skip_render_check=skip_render_check)
        except Exception as problem:
            warnings.warn(f"Gymnasium's checker says: {problem}", stacklevel=2)


def _check_episode(env: Any) -> None:
    _check_reset(env, env.reset(seed=0))
    for step in range(1, STEPS + 1):
        returned = env.step(env.action_space.sample())
        if not isinstance(returned, tuple) or len(returned) != 5:
            raise ValueError(
                f"step returned {_what(returned)}: it returns observation, reward, terminated, truncated and info"
            )
        observation, reward, terminated, truncated, info = returned
        _check_observation(env.observation_space, observation, f"step {step}")
        if not np.isscalar(reward) and np.shape(reward) not in ((), (1,)):
            raise ValueError(f"the reward of step {step} is {_what(reward)}: it is a number")
        if not np.isfinite(float(np.asarray(reward).item())):
            raise ValueError(f"the reward of step {step} is not finite: {reward}")
        for name, flag in (("terminated", terminated), ("truncated", truncated)):
            if not isinstance(flag, (bool, np.bool_)):
                raise ValueError(f"{name} of step {step} is {_what(flag)}: it is True or False")
        if not isinstance(info, dict):
            raise ValueError(f"the info of step {step} is {_what(info)}: it is a dictionary")
        if terminated or truncated:
            _check_reset(env, env.reset())


def _check_reset(env: Any, returned: Any) -> None:
    if not isinstance(returned, tuple) or len(returned) != 2 or not isinstance(returned[1], dict):
        raise ValueError(f"reset returned {_what(returned)}: it returns the observation and a dictionary")
    _check_observation(env.observation_space, returned[0], "reset")


def _check_observation(space: Any, observation: Any, where: str) -> None:
    array = np.asarray(observation)
    if array.shape != space.shape:
        raise ValueError(f"the observation of {where} has the shape {array.shape}, and the space {space.shape}")
    if array.dtype != space.dtype:
        raise ValueError(f"the observation of {where} has the type {array.dtype}, and the space {space.dtype}")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"the observation of {where} is not finite: {observation}")
    outside = np.argwhere((array < space.low) | (array > space.high))
    if len(outside):
        index = tuple(int(i) for i in outside[0])
        raise ValueError(
            f"the observation of {where} has {array[index]} at {list(index)}, and the space is from {space.low[index]} to "
            f"{space.high[index]} there"
        )


def _what(value: Any) -> str:
    length = f" of {len(value)}" if isinstance(value, (tuple, list)) else ""
    return f"{type(value).__name__}{length}"
