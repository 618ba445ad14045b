"""The replay buffer, as a script looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .base import OffPolicyAlgorithm

Array = NDArray[Any]


class ReplayBufferSamples(NamedTuple):
    """Rows of transitions. `dones` is 1 after a termination alone, from where no future is expected."""

    observations: Array
    actions: Array
    next_observations: Array
    dones: Array
    rewards: Array


class ReplayBuffer:
    """
    The transitions that a model learns from. The engine holds them; what is read here is a copy.

    Arrays have the shape [rows, environments, …]. Actions are within [−1, 1], observations and rewards as the environment gave
    them.
    """

    def __init__(self, model: OffPolicyAlgorithm) -> None:
        self._model = model
        self.n_envs = model.n_envs
        self.buffer_size = max(model.buffer_size // model.n_envs, 1)
        self._rng = np.random.default_rng(model.seed)

    def size(self) -> int:
        """Rows that are stored, with a transition of each environment."""
        return int(self._model.core.replay_len) // self.n_envs

    @property
    def full(self) -> bool:
        """True once the oldest transitions are replaced."""
        return bool(self.size() >= self.buffer_size)

    @property
    def pos(self) -> int:
        """The row that is written next."""
        return 0 if self.full else self.size()

    def _rows(self, name: str) -> Array:
        column: Array = self._model.core.transitions()[name]
        rows = column.reshape(self.n_envs, self.size(), *column.shape[1:])
        return np.ascontiguousarray(np.swapaxes(rows, 0, 1))

    @property
    def observations(self) -> Array:
        """Observations, [rows, environments, S]."""
        return self._rows("observations").astype(np.float32)

    @property
    def next_observations(self) -> Array:
        """Observations after the actions, the last ones of episodes included, [rows, environments, S]."""
        return self._rows("next_observations").astype(np.float32)

    @property
    def actions(self) -> Array:
        """Actions, [rows, environments, A]."""
        return self._rows("actions").astype(np.float32)

    @property
    def rewards(self) -> Array:
        """Rewards, [rows, environments]."""
        return self._rows("rewards").astype(np.float32)

    @property
    def dones(self) -> Array:
        """1 where an episode ended, [rows, environments]."""
        return (self._rows("terminated") | self._rows("truncated")).astype(np.float32)

    def sample(self, batch_size: int, env: Any = None) -> ReplayBufferSamples:
        """Random transitions, drawn uniformly with replacement. The training's own minibatches do not depend on it."""
        columns = self._model.core.transitions()
        count = len(columns["rewards"])
        if count == 0:
            raise ValueError("the replay buffer is empty")
        drawn = self._rng.integers(count, size=batch_size)
        of = {name: np.asarray(column)[drawn].astype(np.float32) for name, column in columns.items()}
        done, reward = of["terminated"][:, None], of["rewards"][:, None]
        return ReplayBufferSamples(of["observations"], of["actions"], of["next_observations"], done, reward)
