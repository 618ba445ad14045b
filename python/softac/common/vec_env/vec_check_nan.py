"""Search for NaN and infinity."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .base import Array, VecEnv, VecEnvObs, VecEnvStepReturn
from .wrapper import VecEnvWrapper


class VecCheckNan(VecEnvWrapper):
    """
    Reports NaN and infinity in actions, observations and rewards.

    :param venv: the vectorised environment to wrap
    :param raise_exception: raises a ValueError instead of a warning
    :param warn_once: warns only the first time
    :param check_inf: reports infinity, too
    """

    def __init__(
        self, venv: VecEnv, raise_exception: bool = False, warn_once: bool = True, check_inf: bool = True
    ) -> None:
        super().__init__(venv)
        self.raise_exception, self.warn_once, self.check_inf = raise_exception, warn_once, check_inf
        self._has_warned = False
        self._actions: Any = None
        self._observations: Any = None

    def step_async(self, actions: Array) -> None:
        self._check(f"the model, after the observations {self._observations}", actions=actions)
        self._actions = actions
        self.venv.step_async(actions)

    def step_wait(self) -> VecEnvStepReturn:
        observations, rewards, dones, infos = self.venv.step_wait()
        self._check(f"the environment, after the actions {self._actions}", observations=observations, rewards=rewards)
        self._observations = observations
        return observations, rewards, dones, infos

    def reset(self) -> VecEnvObs:
        observations = self.venv.reset()
        self._check("the reset of the environment", observations=observations)
        self._observations = observations
        return observations

    def _check(self, source: str, **arrays: Array) -> None:
        if self._has_warned and self.warn_once and not self.raise_exception:
            return
        found = [f"NaN in {name}" for name, array in arrays.items() if np.isnan(array).any()]
        if self.check_inf:
            found += [f"infinity in {name}" for name, array in arrays.items() if np.isinf(array).any()]
        if not found:
            return
        message = f"{', '.join(found)}; it comes from {source}"
        if self.raise_exception:
            raise ValueError(message)
        self._has_warned = True
        warnings.warn(message, UserWarning, stacklevel=3)
