"""The promises that an environment has to keep."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

STEPS = 10


def check_env(env: Any, warn: bool = True, skip_render_check: bool = True) -> None:
    """
    Tries an environment, and raises an error that says which promise it breaks.

    Spaces must be ones that can be learned in, observations and rewards finite; then comes Gymnasium's own checker.

    :param warn: shows Gymnasium's warnings
    :param skip_render_check: leaves out what it draws
    """
    from gymnasium.utils.env_checker import check_env as check_by_gymnasium

    from ..environments import check_spaces

    check_spaces(env.observation_space, env.action_space)
    _check_finite(env)
    with warnings.catch_warnings():
        if not warn:
            warnings.simplefilter("ignore")
        check_by_gymnasium(env, skip_render_check=skip_render_check)


def _check_finite(env: Any) -> None:
    observation, _ = env.reset(seed=0)
    for step in range(STEPS):
        if not np.all(np.isfinite(np.asarray(observation, np.float64))):
            raise ValueError(f"the observation before step {step + 1} is not finite: {observation}")
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        if not np.isfinite(float(reward)):
            raise ValueError(f"the reward of step {step + 1} is not finite: {reward}")
        if terminated or truncated:
            observation, _ = env.reset()
