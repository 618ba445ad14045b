"""Return, length and time of each episode."""

from __future__ import annotations

import time
from typing import Any, SupportsFloat

import gymnasium as gym

from .monitor_files import EXTENSION, LoadMonitorResultsError, ResultsWriter, get_monitor_files, load_results

__all__ = ["LoadMonitorResultsError", "Monitor", "ResultsWriter", "get_monitor_files", "load_results"]


class Monitor(gym.Wrapper[Any, Any, Any, Any]):
    """
    Adds `info["episode"]` at the end of each episode: return `r`, length `l`, and seconds since the start `t`.

    :param env: the environment to wrap
    :param filename: CSV file for the episodes; `.monitor.csv` is added; None writes none
    :param allow_early_resets: permits a reset before the end of an episode
    :param reset_keywords: arguments of `reset` to add to each episode; each reset must receive them
    :param info_keywords: keys of the last info to add to each episode
    :param override_existing: replaces an existing file; False appends to it
    """

    EXT = EXTENSION

    def __init__(
        self,
        env: gym.Env[Any, Any],
        filename: str | None = None,
        allow_early_resets: bool = True,
        reset_keywords: tuple[str, ...] = (),
        info_keywords: tuple[str, ...] = (),
        override_existing: bool = True,
    ) -> None:
        super().__init__(env)
        self.t_start = time.time()
        self.allow_early_resets = allow_early_resets
        self.reset_keywords, self.info_keywords = tuple(reset_keywords), tuple(info_keywords)
        self.results_writer: ResultsWriter | None = None
        if filename is not None:
            header = {"t_start": self.t_start, "env_id": str(env.spec and env.spec.id)}
            extra = self.reset_keywords + self.info_keywords
            self.results_writer = ResultsWriter(filename, header, extra, override_existing)
        self.rewards: list[float] = []
        self.needs_reset = True
        self.episode_returns: list[float] = []
        self.episode_lengths: list[int] = []
        self.episode_times: list[float] = []
        self.total_steps = 0
        self.current_reset_info: dict[str, Any] = {}

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        """Resets the environment."""
        if not self.allow_early_resets and not self.needs_reset:
            raise RuntimeError("the episode has not ended: finish it before a reset, or use allow_early_resets=True")
        for key in self.reset_keywords:
            if kwargs.get(key) is None:
                raise ValueError(f"reset needs the argument {key!r}, because reset_keywords of the Monitor names it")
            self.current_reset_info[key] = kwargs[key]
        self.rewards = []
        self.needs_reset = False
        return self.env.reset(**kwargs)

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        """Steps the environment."""
        if self.needs_reset:
            raise RuntimeError("the episode has ended: call reset before the next step")
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.rewards.append(float(reward))
        self.total_steps += 1
        if terminated or truncated:
            info["episode"] = self._end_episode(info)
        return observation, reward, terminated, truncated, info

    def _end_episode(self, info: dict[str, Any]) -> dict[str, Any]:
        self.needs_reset = True
        total, seconds = sum(self.rewards), time.time() - self.t_start
        self.episode_returns.append(total)
        self.episode_lengths.append(len(self.rewards))
        self.episode_times.append(seconds)
        episode: dict[str, Any] = {"r": round(total, 6), "l": len(self.rewards), "t": round(seconds, 6)}
        episode.update({key: info[key] for key in self.info_keywords})
        episode.update(self.current_reset_info)
        if self.results_writer is not None:
            self.results_writer.write_row(episode)
        return episode

    def close(self) -> None:
        """Closes the environment and the file."""
        super().close()
        if self.results_writer is not None:
            self.results_writer.close()

    def get_total_steps(self) -> int:
        """Returns the number of steps so far."""
        return self.total_steps

    def get_episode_rewards(self) -> list[float]:
        """Returns the returns of all finished episodes."""
        return self.episode_returns

    def get_episode_lengths(self) -> list[int]:
        """Returns the lengths of all finished episodes."""
        return self.episode_lengths

    def get_episode_times(self) -> list[float]:
        """Returns the end of each finished episode, in seconds since the start."""
        return self.episode_times
