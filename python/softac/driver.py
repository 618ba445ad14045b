"""Between the engine and a vectorised environment: one step, in the form that each of them has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Stepped = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]

SEED_BITS = 31
# Longer episodes are not kept: it would take too long to play them again.
LONGEST = 20_000


def fold(seed: int) -> int:
    """A seed of 64 bits as one of 31, the widest that every environment takes; smaller ones stay as they are."""
    folded = 0
    while seed:
        folded ^= seed & ((1 << SEED_BITS) - 1)
        seed >>= SEED_BITS
    return folded


class Driver:
    """
    Steps a vectorised environment for the engine.

    A vectorised environment begins the next episode by itself; the engine asks for one when it is due. The first
    observation waits here in between, and the seed of the next episode goes to environments that take it.
    """

    def __init__(self, env: Any, vec_normalize: Any = None) -> None:
        self.env, self.vec_normalize = env, vec_normalize
        self.dtype = env.action_space.dtype
        self.shape = env.action_space.shape
        self.n = env.num_envs
        self.seeded = hasattr(env, "seed_next")
        # What the last step gave, as callbacks see it.
        self.actions: Array = np.zeros((self.n, *self.shape), self.dtype)
        self.rewards: Array = np.zeros(self.n, np.float32)
        self.dones: Array = np.zeros(self.n, bool)
        self.infos: list[dict[str, Any]] = [{} for _ in range(self.n)]
        self.forget()

    def forget(self) -> None:
        """Leaves the episodes under way: the next one of every environment begins by a reset."""
        # First observations that wait, and the seeds that they were begun with.
        self.first: list[tuple[Array, int | None] | None] = [None] * self.n
        self.announced: list[int | None] = [None] * self.n
        self.begun = False
        self.observations: Array | None = None
        # Of each episode under way its seed and its actions, by which it can be played again, and what came of them.
        self.seeds: list[int | None] = [None] * self.n
        self.played: list[list[Array]] = [[] for _ in range(self.n)]
        self.observed: list[list[Array]] = [[] for _ in range(self.n)]
        self.rewarded: list[list[float]] = [[] for _ in range(self.n)]

    def announce(self, next_seed: Callable[[int], int]) -> None:
        """Says which seed the next episode of each environment has, unless it was said, or that episode has begun."""
        if not self.seeded:
            return
        for lane in range(self.n):
            if self.announced[lane] is None and self.first[lane] is None:
                seed = fold(next_seed(lane))
                self.env.seed_next(lane, seed)
                self.announced[lane] = seed

    def reset(self, lane: int, seed: int) -> NDArray[np.float64]:
        """The first observation of the next episode of an environment."""
        seed = fold(seed)
        if not self.begun:
            self._reset_all()
        waiting, self.first[lane] = self.first[lane], None
        if waiting is None or (self.seeded and waiting[1] != seed):
            observation, info = self.env.env_method("reset", seed=seed, indices=[lane])[0]
            self.env.reset_infos[lane] = info
            waiting = (observation, seed)
        observation = np.ascontiguousarray(waiting[0], np.float64).ravel()
        self.seeds[lane], self.played[lane], self.rewarded[lane] = waiting[1], [], []
        self.observed[lane] = [observation]
        return observation

    def _reset_all(self) -> None:
        observations = self.observations = self.env.reset()
        first = self._original(observations)
        for i in range(self.n):
            self.first[i] = (first[i], self.announced[i])
            self.announced[i] = None
        self.begun = True

    def step(self, actions: NDArray[np.float64]) -> Stepped:
        """One step of all environments."""
        self.actions = self._taken(actions)
        observations, rewards, dones, infos = self.env.step(self.actions)
        self.observations, self.rewards, self.dones, self.infos = observations, rewards, dones, infos
        first = self._original(observations)
        last = np.array(first, np.float64).reshape(self.n, -1)
        truncated = np.zeros(self.n, bool)
        if dones.any():
            for i in map(int, np.flatnonzero(dones)):
                truncated[i] = infos[i].get("TimeLimit.truncated", False)
                last[i] = np.asarray(self._terminal(i), np.float64).ravel()
                self.first[i] = (first[i], self.announced[i])
                self.announced[i] = None
        terminated = np.logical_and(dones, ~truncated)
        exact = self._exact(rewards)
        for lane in range(self.n):
            if len(self.played[lane]) > LONGEST:
                continue
            self.played[lane].append(actions[lane])
            self.observed[lane].append(last[lane])
            self.rewarded[lane].append(float(exact[lane]))
        return last, exact, terminated, truncated

    def _exact(self, rewards: Array) -> NDArray[np.float64]:
        """Rewards as the environments gave them: in double precision, where no wrapper may have changed them."""
        inner = self.env if self.vec_normalize is None else self.vec_normalize.venv
        exact = vars(inner).get("exact_rewards")
        if exact is None:
            exact = rewards if self.vec_normalize is None else self.vec_normalize.get_original_reward()
        return np.asarray(exact, np.float64)

    def _taken(self, actions: NDArray[np.float64]) -> Array:
        """Actions as the environments take them, row after row."""
        return actions.astype(self.dtype).reshape(-1, *self.shape)

    def _original(self, observations: Array) -> Array:
        """Observations as the environments gave them: the engine standardises them itself."""
        original: Array = observations if self.vec_normalize is None else self.vec_normalize.get_original_obs()
        return original

    def _terminal(self, lane: int) -> Array:
        shown = self.infos[lane]["terminal_observation"]
        if self.vec_normalize is None:
            return np.asarray(shown)
        if hasattr(self.vec_normalize, "old_terminal_obs"):
            return np.asarray(self.vec_normalize.old_terminal_obs[lane])
        # Stable-Baselines3's own keeps it standardised alone.
        return np.asarray(self.vec_normalize.unnormalize_obs(shown))

    def _is_whole(self, lane: int) -> bool:
        """Tells whether the seed and all actions of an environment's last episode are known."""
        return self.seeds[lane] is not None and len(self.played[lane]) <= LONGEST

    def journal(self) -> list[Any] | None:
        """The episodes under way, for `replay`; None where environments take no seeds for each."""
        if not self.seeded or not self.begun or not all(map(self._is_whole, range(self.n))):
            return None
        # The episode of a first observation that waits has not begun for the engine.
        return [
            {"seed": None if first is not None else seed, "actions": [action.tolist() for action in played]}
            for seed, played, first in zip(self.seeds, self.played, self.first)
        ]

    def replay(self, journal: list[Any]) -> None:
        """Brings new environments to where those of a journal were."""
        for lane, episode in enumerate(journal):
            if episode["seed"] is None:
                continue
            self.env.seed_next(lane, episode["seed"])
        self.observations = self.env.reset()
        first = self._original(self.observations)
        self.begun = True
        for lane, episode in enumerate(journal):
            if episode["seed"] is None:
                continue
            self.seeds[lane] = episode["seed"]
            self.observed[lane] = [np.asarray(first[lane], np.float64).ravel()]
            for action in map(np.asarray, episode["actions"]):
                observation, reward, *_ = self.env.env_method("step", self._taken(action)[0], indices=[lane])[0]
                self.played[lane].append(action)
                self.observed[lane].append(np.asarray(observation, np.float64).ravel())
                self.rewarded[lane].append(float(reward))

    def episodes(self) -> list[dict[str, Any] | None]:
        """Seed, actions, rewards and observations of each episode under way; None where it cannot be played again."""
        found: list[dict[str, Any] | None] = []
        for lane, seed in enumerate(self.seeds):
            if self.first[lane] is not None or not self._is_whole(lane):
                found.append(None)
                continue
            found.append(
                {
                    "seed": seed,
                    "actions": np.ravel(self.played[lane]).tolist(),
                    "rewards": self.rewarded[lane],
                    "observations": np.ravel(self.observed[lane]).tolist(),
                }
            )
        return found
