"""Noise of actions."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray


class ActionNoise(ABC):
    """A series of random numbers that are added to actions."""

    def reset(self) -> None:
        """Begins the series of another episode."""

    @abstractmethod
    def __call__(self) -> NDArray[Any]:
        """The next numbers, one for each dimension of the action."""


class NormalActionNoise(ActionNoise):
    """Independent normal numbers with this mean and standard deviation, in half ranges of the action."""

    def __init__(self, mean: NDArray[Any], sigma: NDArray[Any], dtype: Any = np.float32) -> None:
        self._mu, self._sigma, self._dtype = mean, sigma, dtype

    def __call__(self) -> NDArray[Any]:
        return np.random.normal(self._mu, self._sigma).astype(self._dtype)

    def __repr__(self) -> str:
        return f"NormalActionNoise(mean={self._mu}, sigma={self._sigma})"


class OrnsteinUhlenbeckActionNoise(ActionNoise):
    """
    The Ornstein–Uhlenbeck process, x += θ (μ − x) dt + σ √dt ξ.

    :param initial_noise: the first x; 0 if not given
    """

    def __init__(
        self,
        mean: NDArray[Any],
        sigma: NDArray[Any],
        theta: float = 0.15,
        dt: float = 1e-2,
        initial_noise: NDArray[Any] | None = None,
        dtype: Any = np.float32,
    ) -> None:
        self._mu, self._sigma, self._theta, self._dt, self._dtype = mean, sigma, theta, dt, dtype
        self.initial_noise = initial_noise
        self.reset()

    def reset(self) -> None:
        self.noise_prev = np.zeros_like(self._mu) if self.initial_noise is None else self.initial_noise

    def __call__(self) -> NDArray[Any]:
        drift = self._theta * (self._mu - self.noise_prev) * self._dt
        self.noise_prev = self.noise_prev + drift + self._sigma * np.sqrt(self._dt) * np.random.normal(size=self._mu.shape)
        return self.noise_prev.astype(self._dtype)

    def __repr__(self) -> str:
        return f"OrnsteinUhlenbeckActionNoise(mu={self._mu}, sigma={self._sigma})"


class VectorizedActionNoise(ActionNoise):
    """A series of its own for each of several environments."""

    def __init__(self, base_noise: ActionNoise, n_envs: int) -> None:
        self.base_noise = base_noise
        self.noises = [copy.deepcopy(base_noise) for _ in range(n_envs)]

    def reset(self, indices: Any = None) -> None:
        for i in range(len(self.noises)) if indices is None else indices:
            self.noises[i].reset()

    def __call__(self) -> NDArray[Any]:
        return np.stack([noise() for noise in self.noises])
