"""Environments that are stepped one after another, in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from .base import Array, Indices, Infos, Stepped, VecEnv, check_observation_space


class DummyVecEnv(VecEnv):
    """
    Environments that are stepped one after another, in this process.

    :param env_fns: functions, each of which makes an environment of its own
    """

    def __init__(self, env_fns: list[Callable[[], gymnasium.Env[Any, Any]]]) -> None:
        self.envs = [make() for make in env_fns]
        if not self.envs:
            raise ValueError("a vectorised environment needs at least one function that makes an environment")
        if len({id(env.unwrapped) for env in self.envs}) != len(self.envs):
            raise ValueError("two of the functions give the same environment: each must make one of its own")
        env = self.envs[0]
        check_observation_space(env.observation_space)
        super().__init__(len(self.envs), env.observation_space, env.action_space)
        self.metadata, self.render_mode = env.metadata, env.render_mode
        self.actions: Array = np.zeros(0)

    def step_async(self, actions: Array) -> None:
        self.actions = actions

    def step_wait(self) -> Stepped:
        n, space = self.num_envs, self.observation_space
        observations = np.empty((n, *space.shape), space.dtype)  # type: ignore[misc]
        rewards, dones = np.empty(n, np.float32), np.empty(n, bool)
        infos: Infos = []
        for i, env in enumerate(self.envs):
            observation, reward, terminated, truncated, info = env.step(self.actions[i])
            done = bool(terminated or truncated)
            info["TimeLimit.truncated"] = bool(truncated and not terminated)
            if done:
                info["terminal_observation"] = observation
                observation = self._reset(i)
            observations[i], rewards[i], dones[i] = observation, reward, done
            infos.append(info)
        return observations, rewards, dones, infos

    def _reset(self, i: int) -> Any:
        seed, self._seeds[i] = self._seeds[i], None
        options, self._options[i] = self._options[i], {}
        given = {"options": options} if options else {}
        observation, self.reset_infos[i] = self.envs[i].reset(seed=seed, **given)
        return observation

    def reset(self) -> Array:
        space = self.observation_space
        observations = np.empty((self.num_envs, *space.shape), space.dtype)  # type: ignore[misc]
        for i in range(self.num_envs):
            observations[i] = self._reset(i)
        return observations

    def close(self) -> None:
        for env in self.envs:
            env.close()

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        return [self.envs[i].get_wrapper_attr(attr_name) for i in self._indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:
        for i in self._indices(indices):
            self.envs[i].set_wrapper_attr(attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Indices = None, **kwargs: Any) -> list[Any]:
        return [self.envs[i].get_wrapper_attr(method_name)(*args, **kwargs) for i in self._indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Indices = None) -> list[bool]:
        from ..env_util import is_wrapped

        return [is_wrapped(self.envs[i], wrapper_class) for i in self._indices(indices)]
