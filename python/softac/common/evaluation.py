"""Evaluation of a policy."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np


def evaluate_policy(
    model: Any,
    env: Any,
    n_eval_episodes: int = 10,
    deterministic: bool = True,
    render: bool = False,
    callback: Callable[[dict[str, Any], dict[str, Any]], Any] | None = None,
    reward_threshold: float | None = None,
    return_episode_rewards: bool = False,
    warn: bool = True,
) -> Any:
    """
    Plays episodes and returns mean and standard deviation of their returns.

    :param model: model with the method `predict`
    :param env: environment, or vectorised environment, whose environments play equally many episodes
    :param n_eval_episodes: number of episodes, of all environments together
    :param deterministic: uses the actions without noise
    :param render: renders each step
    :param callback: function of `locals()` and `globals()`, called for each environment after each step
    :param reward_threshold: raises an AssertionError if the mean is not larger
    :param return_episode_rewards: returns the lists of returns and lengths instead
    :param warn: warns if no environment has a `Monitor`
    """
    from .vec_env import as_vec_env

    if n_eval_episodes < 1:
        raise ValueError(f"n_eval_episodes is {n_eval_episodes}: it must be at least 1")
    env = as_vec_env(env)
    is_monitored = has_monitor(env)
    if warn and not is_monitored:
        warnings.warn(
            "the environment has no Monitor: wrappers may change returns and lengths; wrap it in Monitor first",
            UserWarning,
            stacklevel=2,
        )
    n_envs = env.num_envs
    # If environments played on until all episodes are there, short episodes would count too often.
    targets = np.array([(n_eval_episodes + i) // n_envs for i in range(n_envs)])
    episode_counts = np.zeros(n_envs, int)
    current_rewards, current_lengths = np.zeros(n_envs), np.zeros(n_envs, int)
    episode_rewards: list[float] = []
    episode_lengths: list[int] = []
    observations = env.reset()
    states = None
    episode_starts = np.ones(n_envs, bool)
    while (episode_counts < targets).any():
        actions, states = model.predict(
            observations, state=states, episode_start=episode_starts, deterministic=deterministic
        )
        new_observations, rewards, dones, infos = env.step(actions)
        current_rewards += rewards
        current_lengths += 1
        episode_starts = np.array(dones, bool)
        for i in np.flatnonzero(episode_counts < targets).tolist():
            reward, done, info = rewards[i], dones[i], infos[i]
            if callback is not None:
                callback(locals(), globals())
            if not done:
                continue
            episode: dict[str, Any] | None = {"r": float(current_rewards[i]), "l": int(current_lengths[i])}
            if is_monitored:
                # Without an entry of the monitor, only a wrapper's episode has ended.
                episode = info.get("episode")
            if episode is not None:
                episode_rewards.append(episode["r"])
                episode_lengths.append(episode["l"])
                episode_counts[i] += 1
            current_rewards[i] = current_lengths[i] = 0
        observations = new_observations
        if render:
            env.render()
    mean, deviation = float(np.mean(episode_rewards)), float(np.std(episode_rewards))
    if reward_threshold is not None and mean <= reward_threshold:
        raise AssertionError(f"the mean return {mean:.2f} is not above reward_threshold={reward_threshold}")
    if return_episode_rewards:
        return episode_rewards, episode_lengths
    return mean, deviation


def has_monitor(env: Any) -> bool:
    """Tells whether a vectorised environment reports its episodes. It may be one of Stable-Baselines3."""
    from .monitor import Monitor
    from .vec_env import VecMonitor, is_vecenv_wrapped

    # The environment can only have monitors of a package that is imported.
    monitors = [Monitor, *_imported("stable_baselines3.common.monitor", "Monitor")]
    vec_monitors = [VecMonitor, *_imported("stable_baselines3.common.vec_env", "VecMonitor")]
    return any(is_vecenv_wrapped(env, monitor) for monitor in vec_monitors) or any(
        env.env_is_wrapped(monitor)[0] for monitor in monitors
    )


def _imported(module: str, name: str) -> list[Any]:
    return [getattr(sys.modules[module], name)] if module in sys.modules else []
