"""Noise for the exploration of deterministic policies."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


class ActionNoise(ABC):
    """Noise that is added to actions."""

    def reset(self) -> None:
        """Begins a new episode."""

    @abstractmethod
    def __call__(self) -> NDArray[Any]:
        """Draws the noise of one step."""


class NormalActionNoise(ActionNoise):
    """
    Gaussian noise, independent in each step.

    :param mean: mean of each component
    :param sigma: standard deviation of each component
    :param dtype: type of the result
    """

    def __init__(self, mean: ArrayLike, sigma: ArrayLike, dtype: DTypeLike = np.float32) -> None:
        self._mu, self._sigma = np.asarray(mean), np.asarray(sigma)
        self._dtype = dtype

    def __call__(self) -> NDArray[Any]:
        return np.asarray(np.random.normal(self._mu, self._sigma), self._dtype)

    def __repr__(self) -> str:
        return f"NormalActionNoise(mu={self._mu}, sigma={self._sigma})"


class OrnsteinUhlenbeckActionNoise(ActionNoise):
    """
    Gaussian noise that is correlated in time: Brownian motion that returns to its mean.

    :param mean: mean of each component
    :param sigma: scale of the random steps
    :param theta: rate of the return to the mean
    :param dt: time of one step
    :param initial_noise: noise before the first step; None uses zeros
    :param dtype: type of the result
    """

    def __init__(
        self,
        mean: ArrayLike,
        sigma: ArrayLike,
        theta: float = 0.15,
        dt: float = 1e-2,
        initial_noise: ArrayLike | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self._mu, self._sigma = np.asarray(mean), np.asarray(sigma)
        self._theta, self._dt, self._dtype = theta, dt, dtype
        self.initial_noise = None if initial_noise is None else np.asarray(initial_noise)
        self.noise_prev: NDArray[Any]
        self.reset()

    def __call__(self) -> NDArray[Any]:
        pull = self._theta * (self._mu - self.noise_prev) * self._dt
        push = self._sigma * np.sqrt(self._dt) * np.random.normal(size=self._mu.shape)
        self.noise_prev = self.noise_prev + pull + push
        return np.asarray(self.noise_prev, self._dtype)

    def reset(self) -> None:
        """Returns to the initial noise."""
        self.noise_prev = np.zeros(self._mu.shape) if self.initial_noise is None else self.initial_noise

    def __repr__(self) -> str:
        return f"OrnsteinUhlenbeckActionNoise(mu={self._mu}, sigma={self._sigma})"


class VectorizedActionNoise(ActionNoise):
    """
    Independent noise for each environment.

    :param base_noise: noise to copy
    :param n_envs: number of environments
    """

    def __init__(self, base_noise: ActionNoise, n_envs: int) -> None:
        if int(n_envs) < 1:
            raise ValueError(f"n_envs is {n_envs}: it must be at least 1")
        if not isinstance(base_noise, ActionNoise):
            raise TypeError(f"base_noise is {base_noise!r}: it must be an ActionNoise")
        self.n_envs = int(n_envs)
        self.base_noise = base_noise
        self.noises = [copy.deepcopy(base_noise) for _ in range(self.n_envs)]
        self.reset()

    def __call__(self) -> NDArray[Any]:
        return np.stack([noise() for noise in self.noises])

    def reset(self, indices: Iterable[int] | None = None) -> None:
        """Begins a new episode in these environments; None means all of them."""
        for i in range(self.n_envs) if indices is None else indices:
            self.noises[i].reset()

    def __repr__(self) -> str:
        return f"VectorizedActionNoise(base_noise={self.base_noise!r}, n_envs={self.n_envs})"
