"""Vectorised environment in one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from ..env_util import is_wrapped
from .base import Array, SeededVecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn, check_observation_space


class DummyVecEnv(SeededVecEnv):
    """
    Steps environments one after another, in this process.

    :param env_fns: functions that each make a new environment
    """

    def __init__(self, env_fns: Sequence[Callable[[], gym.Env[Any, Any]]]) -> None:
        if not env_fns:
            raise ValueError("env_fns is empty: give at least one function that makes an environment")
        self.envs = [make() for make in env_fns]
        if len({id(env.unwrapped) for env in self.envs}) < len(self.envs):
            raise ValueError(
                "two functions in env_fns returned the same environment: each must make a new one, for example with "
                "gymnasium.make"
            )
        first = self.envs[0]
        check_observation_space(first.observation_space)
        super().__init__(len(self.envs), first.observation_space, first.action_space)
        self.metadata = first.metadata
        self.actions: Array = np.empty(0)
        self._shape = (self.num_envs, *(first.observation_space.shape or ()))
        self._dtype = first.observation_space.dtype

    def step_async(self, actions: Array) -> None:
        if len(actions) != self.num_envs:
            raise ValueError(f"{len(actions)} actions for {self.num_envs} environments: give an array with one row for each")
        self.actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        observations = np.empty(self._shape, self._dtype)
        rewards = np.empty(self.num_envs, np.float64)
        dones = np.empty(self.num_envs, np.bool_)
        infos: list[dict[str, Any]] = []
        actions = self.actions
        for i, env in enumerate(self.envs):
            observation, rewards[i], terminated, truncated, info = env.step(actions[i])
            # A dictionary of our own: some environments return the same one each time.
            info = {**info, "TimeLimit.truncated": bool(truncated and not terminated)}
            dones[i] = done = bool(terminated or truncated)
            if done:
                info["terminal_observation"] = np.array(observation)
                observation, self.reset_infos[i] = env.reset(seed=self._use_next_seed(i))
            observations[i] = observation
            infos.append(info)
        self.exact_rewards = rewards
        return observations, rewards.astype(np.float32), dones, infos

    def reset(self) -> VecEnvObs:
        observations = np.empty(self._shape, self._dtype)
        for i, env in enumerate(self.envs):
            options = {"options": self._options[i]} if self._options[i] else {}
            observations[i], self.reset_infos[i] = env.reset(seed=self._seeds[i], **options)
        self._reset_seeds()
        self._reset_options()
        return observations

    def close(self) -> None:
        for env in self.envs:
            env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        return [env.get_wrapper_attr(attr_name) for env in self._chosen(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        for env in self._chosen(indices):
            env.set_wrapper_attr(attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        return [env.get_wrapper_attr(method_name)(*method_args, **method_kwargs) for env in self._chosen(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        return [is_wrapped(env, wrapper_class) for env in self._chosen(indices)]

    def _chosen(self, indices: VecEnvIndices) -> list[gym.Env[Any, Any]]:
        return [self.envs[i] for i in self._get_indices(indices)]
