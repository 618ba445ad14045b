"""The promises that an environment has to keep."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_env(env: Any, warn: bool = True, skip_render_check: bool = True) -> None:
    """
    Tries an environment, and raises an error that says which promise it breaks.

    Gymnasium's own checker comes first; then spaces that can be learned in.
    """
    import warnings

    from gymnasium.utils.env_checker import check_env as check_gymnasium

    from ..environments import check_spaces

    with warnings.catch_warnings():
        if not warn:
            warnings.simplefilter("ignore")
        check_gymnasium(env, skip_render_check=skip_render_check)
    check_spaces(env.observation_space, env.action_space)
    observation, _ = env.reset(seed=0)
    for _ in range(10):
        if not np.all(np.isfinite(np.asarray(observation, np.float64))):
            raise ValueError(f"an observation is not finite: {observation}")
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        if not np.isfinite(float(reward)):
            raise ValueError(f"a reward is not finite: {reward}")
        if terminated or truncated:
            observation, _ = env.reset()
