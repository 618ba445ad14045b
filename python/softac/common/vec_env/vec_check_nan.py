"""Numbers that are not finite."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .base import Array, Stepped, VecEnv, VecEnvWrapper


class VecCheckNan(VecEnvWrapper):
    """
    Looks for NaN and infinity in actions, observations and rewards.

    :param raise_exception: raises ValueError; otherwise it warns
    :param warn_once: warns of the first one alone
    :param check_inf: infinity counts, too
    """

    def __init__(
        self, venv: VecEnv, raise_exception: bool = False, warn_once: bool = True, check_inf: bool = True
    ) -> None:
        super().__init__(venv)
        self.raise_exception, self.warn_once, self.check_inf = raise_exception, warn_once, check_inf
        self._warned = False

    def step_async(self, actions: Array) -> None:
        self._check("actions", actions)
        self.venv.step_async(actions)

    def step_wait(self) -> Stepped:
        stepped = self.venv.step_wait()
        self._check("observations", stepped[0])
        self._check("rewards", stepped[1])
        return stepped

    def reset(self) -> Array:
        observations = self.venv.reset()
        self._check("first observations", observations)
        return observations

    def _check(self, what: str, numbers: Any) -> None:
        wrong = ~np.isfinite(numbers) if self.check_inf else np.isnan(numbers)
        if not wrong.any() or (self.warn_once and self._warned):
            return
        message = f"{what} hold {np.asarray(numbers)[wrong].ravel()[0]} in environment {int(np.argwhere(wrong)[0][0])}"
        if self.raise_exception:
            raise ValueError(message)
        self._warned = True
        warnings.warn(message, stacklevel=3)
