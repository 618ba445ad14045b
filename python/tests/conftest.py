"""Models that are quick to train."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

SMALL: dict[str, Any] = {
    "policy_kwargs": {"net_arch": [16, 16]},
    "learning_starts": 50,
    "buffer_size": 2_000,
    "batch_size": 32,
    "seed": 0,
}


@pytest.fixture
def small() -> dict[str, Any]:
    """Arguments of a small model."""
    return dict(SMALL)


class Walk(gymnasium.Env[Any, Any]):
    """A point that an action moves within a square; an episode ends outside it, and is cut after some steps."""

    def __init__(self, length: int = 20) -> None:
        self.observation_space = spaces.Box(-2.0, 2.0, (2,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
        self.length = length
        self.seeds: list[int | None] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.seeds.append(seed)
        self.place = self.np_random.uniform(-0.5, 0.5, 2)
        self.steps = 0
        return self.place.astype(np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        self.place = self.place + 0.1 * np.asarray(action, np.float64) + self.np_random.normal(0, 0.02, 2)
        outside = bool(np.abs(self.place).max() > 1)
        reward = -float(np.square(self.place).sum())
        return self.place.astype(np.float32), reward, outside, self.steps >= self.length, {}
