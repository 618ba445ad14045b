"""Standardised observations and scaled rewards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..running_mean_std import RunningMeanStd
from .base import Array, Stepped, VecEnv, VecEnvWrapper


class VecNormalize(VecEnvWrapper):
    """
    Standardises observations by their running mean and variance, and divides rewards by the running standard deviation of
    the discounted return.

    A model that learns in it keeps transitions as they were, and standardises minibatches by the statistics of the moment.

    :param training: statistics go on changing
    :param norm_obs: standardises observations
    :param norm_reward: scales rewards
    :param clip_obs: largest absolute value of a standardised observation
    :param clip_reward: largest absolute value of a scaled reward
    :param gamma: discount of the return
    :param epsilon: added to variances
    """

    def __init__(
        self,
        venv: VecEnv,
        training: bool = True,
        norm_obs: bool = True,
        norm_reward: bool = True,
        clip_obs: float = 10.0,
        clip_reward: float = 10.0,
        gamma: float = 0.99,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(venv)
        self.training, self.norm_obs, self.norm_reward = training, norm_obs, norm_reward
        self.clip_obs, self.clip_reward, self.gamma, self.epsilon = clip_obs, clip_reward, gamma, epsilon
        self.obs_rms = RunningMeanStd(shape=self.observation_space.shape or ())
        self.ret_rms = RunningMeanStd()
        self.returns: NDArray[np.float64] = np.zeros(self.num_envs)
        self.old_obs: Array = np.zeros(0)
        self.old_reward: Array = np.zeros(0)
        # The last observations of episodes that the last step ended, as they were.
        self.old_terminal_obs: dict[int, Array] = {}

    def step_wait(self) -> Stepped:
        observations, rewards, dones, infos = self.venv.step_wait()
        self.old_obs, self.old_reward, self.old_terminal_obs = observations, rewards, {}
        self.returns = self.returns * self.gamma + rewards
        if self.training:
            if self.norm_obs:
                self.obs_rms.update(observations)
            if self.norm_reward:
                self.ret_rms.update(self.returns)
        for i in map(int, np.flatnonzero(dones)):
            self.old_terminal_obs[i] = infos[i]["terminal_observation"]
            infos[i] = {**infos[i], "terminal_observation": self.normalize_obs(infos[i]["terminal_observation"])}
        self.returns[dones] = 0
        return self.normalize_obs(observations), self.normalize_reward(rewards), dones, infos

    def reset(self) -> Array:
        observations = self.venv.reset()
        self.old_obs = observations
        self.returns = np.zeros(self.num_envs)
        if self.training and self.norm_obs:
            self.obs_rms.update(observations)
        return self.normalize_obs(observations)

    def normalize_obs(self, obs: Array) -> Array:
        """Observations, standardised and clipped."""
        if not self.norm_obs:
            return obs
        standardised = (obs - self.obs_rms.mean) / np.sqrt(self.obs_rms.var + self.epsilon)
        return np.clip(standardised, -self.clip_obs, self.clip_obs).astype(np.float32)

    def normalize_reward(self, reward: Array) -> Array:
        """Rewards, scaled and clipped."""
        if not self.norm_reward:
            return reward
        scaled = reward / np.sqrt(self.ret_rms.var + self.epsilon)
        return np.clip(scaled, -self.clip_reward, self.clip_reward).astype(np.float32)

    def unnormalize_obs(self, obs: Array) -> Array:
        """Standardised observations as they were, unless they were clipped."""
        return obs * np.sqrt(self.obs_rms.var + self.epsilon) + self.obs_rms.mean if self.norm_obs else obs

    def unnormalize_reward(self, reward: Array) -> Array:
        """Scaled rewards as they were, unless they were clipped."""
        return reward * np.sqrt(self.ret_rms.var + self.epsilon) if self.norm_reward else reward

    def get_original_obs(self) -> Array:
        """The observations of the last step as they were."""
        return self.old_obs.copy()

    def get_original_reward(self) -> Array:
        """The rewards of the last step as they were."""
        return self.old_reward.copy()

    def set_venv(self, venv: VecEnv) -> None:
        """Goes around another environment, with the statistics so far."""
        if venv.num_envs != self.num_envs:
            raise ValueError(f"there are {self.num_envs} environments, and {venv.num_envs} were given")
        self.venv = venv
        self.returns = np.zeros(self.num_envs)

    def save(self, save_path: str | Path) -> None:
        """Writes statistics and settings, as numpy's `npz`."""
        settings = {name: getattr(self, name) for name in SETTINGS}
        moments = {f"{name}_{part}": getattr(getattr(self, name), part) for name in MOMENTS for part in PARTS}
        with open(save_path, "wb") as file:
            np.savez(file, **settings, **moments)

    @staticmethod
    def load(load_path: str | Path, venv: VecEnv) -> VecNormalize:
        """Statistics and settings of a file, around an environment."""
        with np.load(load_path, allow_pickle=False) as file:
            loaded = VecNormalize(venv, **{name: file[name].item() for name in SETTINGS})
            for name in MOMENTS:
                moments = getattr(loaded, name)
                moments.mean, moments.var = file[f"{name}_mean"], file[f"{name}_var"]
                moments.count = float(file[f"{name}_count"])
        if loaded.obs_rms.mean.shape != venv.observation_space.shape:
            raise ValueError(f"the statistics are of observations of the shape {loaded.obs_rms.mean.shape}")
        return loaded


SETTINGS = ("training", "norm_obs", "norm_reward", "clip_obs", "clip_reward", "gamma", "epsilon")
MOMENTS = ("obs_rms", "ret_rms")
PARTS: tuple[str, ...] = ("mean", "var", "count")
