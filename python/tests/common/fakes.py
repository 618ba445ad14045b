"""A small environment and a small model."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces


class Count(gymnasium.Env[Any, Any]):
    """Counts its steps: the observation is (start, step), the reward is the action, and an episode has `length` steps."""

    def __init__(self, length: int = 3, truncates: bool = False, start: float = 0.0) -> None:
        self.observation_space = spaces.Box(-1e6, 1e6, (2,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.length, self.truncates, self.start = length, truncates, start
        self.seeds: list[int | None] = []
        self.options: list[Any] = []
        self.count = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.seeds.append(seed)
        self.options.append(options)
        self.count = 0
        return self._observation(), {"seed": seed}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if action[0] > 10:
            raise ArithmeticError("the action is too large")
        self.count += 1
        is_over = self.count == self.length
        info = {"count": self.count, "is_success": self.length > 2}
        return self._observation(), float(action[0]), is_over and not self.truncates, is_over and self.truncates, info

    def _observation(self) -> Any:
        return np.array([self.start, self.count], np.float32)

    def double(self, value: float) -> float:
        """Returns twice the value."""
        return 2 * value

    def give_lambda(self) -> Any:
        """Returns something that does not pickle."""
        return lambda: None


class Model:
    """A model without learning: it returns the same action each time, and notes what it is asked to save."""

    def __init__(self, env: Any = None, action: float = 1.0) -> None:
        from softac.common.logger import Logger

        self.env, self.action = env, action
        self.num_timesteps = 0
        self._total_timesteps = 100
        self.logger = Logger(None, [])
        self.replay_buffer = object()
        self.saved: list[str] = []
        self.dumps = 0

    def get_env(self) -> Any:
        """Returns the environment."""
        return self.env

    def get_vec_normalize_env(self) -> Any:
        """Returns the `VecNormalize`."""
        from softac.common.vec_env import unwrap_vec_normalize

        return unwrap_vec_normalize(self.env)

    def predict(self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False) -> Any:
        """Returns the action for each observation."""
        return np.full((len(observation), 1), self.action, np.float32), state

    def save(self, path: str) -> None:
        """Notes a path."""
        self.saved.append(str(path))

    def save_replay_buffer(self, path: str) -> None:
        """Notes a path."""
        self.saved.append(str(path))

    def dump_logs(self) -> None:
        """Counts calls."""
        self.dumps += 1

    def learn(self, callback: Any, steps: int) -> int:
        """Calls a callback as a training does, and returns the number of steps before it stopped."""
        callback.init_callback(self)
        callback.on_training_start({"total_timesteps": steps, "tb_log_name": "fake"}, {})
        callback.on_rollout_start()
        observations = self.env.reset()
        done_steps = 0
        for _ in range(steps):
            actions, _ = self.predict(observations)
            observations, rewards, dones, infos = self.env.step(actions)
            self.num_timesteps += self.env.num_envs
            done_steps += 1
            callback.update_locals({"dones": dones, "rewards": rewards, "infos": infos})
            if not callback.on_step():
                break
        callback.on_rollout_end()
        callback.on_training_end()
        return done_steps
