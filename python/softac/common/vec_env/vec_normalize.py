"""Standardised observations and scaled rewards."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..running_mean_std import RunningMeanStd
from .base import Array, VecEnv, VecEnvObs, VecEnvStepReturn
from .wrapper import VecEnvWrapper

SETTINGS = ("training", "norm_obs", "norm_reward", "clip_obs", "clip_reward", "gamma", "epsilon")
STATISTICS = ("obs_rms", "ret_rms")


class VecNormalize(VecEnvWrapper):
    """
    Standardises observations by their running mean and variance, and divides rewards by the running standard deviation of
    the discounted return.

    :param venv: the vectorised environment to wrap
    :param training: updates the statistics
    :param norm_obs: standardises observations
    :param norm_reward: scales rewards
    :param clip_obs: largest absolute value of a standardised observation
    :param clip_reward: largest absolute value of a scaled reward
    :param gamma: discount factor of the return
    :param epsilon: constant added to variances
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
        if norm_obs and not hasattr(venv.observation_space, "low"):
            raise ValueError(f"observations of the space {venv.observation_space} cannot be standardised: use norm_obs=False")
        self.training = training
        self.norm_obs, self.norm_reward = norm_obs, norm_reward
        self.clip_obs, self.clip_reward = clip_obs, clip_reward
        self.gamma, self.epsilon = gamma, epsilon
        self.obs_rms = RunningMeanStd(shape=self.observation_space.shape or ())
        self.ret_rms = RunningMeanStd()
        # Discounted returns of the episodes under way.
        self.returns: NDArray[np.float64] = np.zeros(self.num_envs)
        # Observations and rewards of the last step as the environments returned them.
        self.old_obs: Array = np.empty(0)
        self.old_reward: Array = np.empty(0)
        # Terminal observations of the last step, by environment.
        self.old_terminal_obs: dict[int, Array] = {}

    def step_wait(self) -> VecEnvStepReturn:
        obs, rewards, dones, infos = self.venv.step_wait()
        self.old_obs, self.old_reward, self.old_terminal_obs = obs, rewards, {}
        if self.training:
            if self.norm_obs:
                self.obs_rms.update(obs)
            self.returns = self.returns * self.gamma + rewards
            self.ret_rms.update(self.returns)
        for i in np.flatnonzero(dones).tolist():
            if "terminal_observation" in infos[i]:
                terminal = self.old_terminal_obs[i] = infos[i]["terminal_observation"]
                infos[i]["terminal_observation"] = self.normalize_obs(terminal)
        self.returns[dones] = 0.0
        return self.normalize_obs(obs), self.normalize_reward(rewards), dones, infos

    def reset(self) -> VecEnvObs:
        obs = self.venv.reset()
        self.old_obs, self.old_terminal_obs = obs, {}
        self.returns = np.zeros(self.num_envs)
        if self.training and self.norm_obs:
            self.obs_rms.update(obs)
        return self.normalize_obs(obs)

    def normalize_obs(self, obs: Array) -> Array:
        """Standardises observations; the statistics do not change."""
        if not self.norm_obs:
            return np.array(obs)
        scaled = (obs - self.obs_rms.mean) / np.sqrt(self.obs_rms.var + self.epsilon)
        return np.clip(scaled, -self.clip_obs, self.clip_obs).astype(np.float32)

    def normalize_reward(self, reward: Array) -> NDArray[np.float32]:
        """Scales rewards; the statistics do not change."""
        if not self.norm_reward:
            return np.asarray(reward, np.float32)
        scaled = reward / np.sqrt(self.ret_rms.var + self.epsilon)
        return np.clip(scaled, -self.clip_reward, self.clip_reward).astype(np.float32)

    def unnormalize_obs(self, obs: Array) -> Array:
        """Inverts `normalize_obs`, except for its clipping."""
        if not self.norm_obs:
            return np.array(obs)
        original: Array = obs * np.sqrt(self.obs_rms.var + self.epsilon) + self.obs_rms.mean
        return original

    def unnormalize_reward(self, reward: Array) -> Array:
        """Inverts `normalize_reward`, except for its clipping."""
        if not self.norm_reward:
            return reward
        original: Array = reward * np.sqrt(self.ret_rms.var + self.epsilon)
        return original

    def get_original_obs(self) -> Array:
        """Returns the observations of the last step or reset, not standardised."""
        return self.old_obs.copy()

    def get_original_reward(self) -> Array:
        """Returns the rewards of the last step, not scaled."""
        return self.old_reward.copy()

    def __getstate__(self) -> dict[str, Any]:
        # Environments do not pickle in general. `set_venv` supplies them after a load.
        return {name: value for name, value in vars(self).items() if name not in ("venv", "returns")}

    def set_venv(self, venv: VecEnv) -> None:
        """Wraps an environment after unpickling."""
        if "venv" in vars(self):
            raise ValueError("this VecNormalize already wraps an environment: use VecNormalize.load(path, venv) for another")
        self._check_shape(venv)
        self.venv = venv
        self.num_envs, self.render_mode = venv.num_envs, venv.render_mode
        self.returns = np.zeros(self.num_envs)

    def _check_shape(self, venv: VecEnv) -> None:
        if venv.observation_space.shape != self.obs_rms.mean.shape:
            raise ValueError(
                f"the statistics have the shape {self.obs_rms.mean.shape}, and observations have the shape "
                f"{venv.observation_space.shape}: wrap the environment that the statistics were saved with"
            )

    def save(self, save_path: str | PathLike[str]) -> None:
        """Writes settings and statistics to a file, in numpy's `.npz` format."""
        content: dict[str, Any] = {name: getattr(self, name) for name in SETTINGS}
        for name in STATISTICS:
            content.update({f"{name}.{part}": value for part, value in vars(getattr(self, name)).items()})
        # An open file, because numpy would add `.npz` to a path.
        with open(save_path, "wb") as file:
            np.savez(file, **content)

    @staticmethod
    def load(load_path: str | PathLike[str], venv: VecEnv) -> VecNormalize:
        """
        Wraps an environment with the settings and statistics of a file.

        :param load_path: path that was given to `save`
        :param venv: the vectorised environment to wrap
        """
        try:
            with np.load(load_path, allow_pickle=False) as file:
                content = {name: file[name] for name in file.files}
            settings = {name: content[name].item() for name in SETTINGS}
        except (ValueError, KeyError, AttributeError) as error:
            raise ValueError(f"{load_path} does not hold statistics of softac's VecNormalize: save them with save()") from error
        new = VecNormalize(venv, **settings)
        for name in STATISTICS:
            statistics: RunningMeanStd = getattr(new, name)
            statistics.mean, statistics.var = content[f"{name}.mean"], content[f"{name}.var"]
            statistics.count = float(content[f"{name}.count"])
        new._check_shape(venv)
        return new
