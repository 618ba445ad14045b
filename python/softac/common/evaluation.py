"""The mean return of a policy."""

from __future__ import annotations

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
    Plays episodes and gives the mean and the standard deviation of their returns.

    :param model: anything with `predict`
    :param env: an environment or a vectorised one, whose environments play equally many episodes
    :param n_eval_episodes: episodes in all
    :param deterministic: the policy's own actions instead of those with noise
    :param callback: called with `locals()` and `globals()` after every step of every environment
    :param reward_threshold: a mean that must be reached
    :param return_episode_rewards: gives the lists of returns and lengths instead
    :param warn: warns if returns are those of wrappers, for lack of a `Monitor`
    """
    from ..environments import as_monitored

    env, is_monitored = as_monitored(env)
    if warn and not is_monitored:
        warnings.warn(
            "the environment has no Monitor: returns are those that its wrappers show", UserWarning, stacklevel=2
        )
    n_envs = env.num_envs
    # Equally many of each, so that short episodes do not count more often than long ones.
    targets = np.array([(n_eval_episodes + i) // n_envs for i in range(n_envs)], int)
    counts, current_rewards, current_lengths = np.zeros(n_envs, int), np.zeros(n_envs), np.zeros(n_envs, int)
    episode_rewards: list[float] = []
    episode_lengths: list[int] = []
    observations = env.reset()
    states, episode_starts = None, np.ones(n_envs, bool)
    while (counts < targets).any():
        actions, states = model.predict(
            observations, state=states, episode_start=episode_starts, deterministic=deterministic
        )
        new_observations, rewards, dones, infos = env.step(actions)
        current_rewards += rewards
        current_lengths += 1
        episode_starts = dones
        for i in range(n_envs):
            if counts[i] >= targets[i]:
                continue
            reward, done, info = rewards[i], dones[i], infos[i]
            if callback is not None:
                callback(locals(), globals())
            if not done:
                continue
            episode = info.get("episode")
            # Where there is a monitor, a wrapper may end an episode within one of the monitor's.
            if episode is not None or not is_monitored:
                episode_rewards.append(episode["r"] if episode else float(current_rewards[i]))
                episode_lengths.append(episode["l"] if episode else int(current_lengths[i]))
                counts[i] += 1
            current_rewards[i] = current_lengths[i] = 0
        observations = new_observations
        if render:
            env.render()
    mean, deviation = float(np.mean(episode_rewards)), float(np.std(episode_rewards))
    if reward_threshold is not None and mean <= reward_threshold:
        raise AssertionError(f"the mean return is {mean:.2f}, not above {reward_threshold:.2f}")
    return (episode_rewards, episode_lengths) if return_episode_rewards else (mean, deviation)
