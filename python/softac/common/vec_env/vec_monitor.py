"""Returns and lengths of the episodes of a vectorised environment."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..monitor import ResultsWriter
from .base import Array, Stepped, VecEnv, VecEnvWrapper


class VecMonitor(VecEnvWrapper):
    """
    Adds return, length and time of an episode that ends to its info, as `info["episode"]`.

    :param filename: a file for the rows, `.monitor.csv` is added
    :param info_keywords: further keys of the info that are written
    """

    def __init__(self, venv: VecEnv, filename: str | None = None, info_keywords: tuple[str, ...] = ()) -> None:
        super().__init__(venv)
        self.info_keywords = info_keywords
        self.start = time.time()
        self.episode_returns = np.zeros(self.num_envs)
        self.episode_lengths = np.zeros(self.num_envs, int)
        header = {"t_start": self.start}
        self.results_writer = ResultsWriter(filename, header, info_keywords) if filename else None

    def reset(self) -> Array:
        self.episode_returns[:] = 0
        self.episode_lengths[:] = 0
        return self.venv.reset()

    def step_wait(self) -> Stepped:
        observations, rewards, dones, infos = self.venv.step_wait()
        self.episode_returns += rewards
        self.episode_lengths += 1
        for i in np.flatnonzero(dones):
            row: dict[str, Any] = {
                "r": round(float(self.episode_returns[i]), 6),
                "l": int(self.episode_lengths[i]),
                "t": round(time.time() - self.start, 6),
                **{key: infos[i][key] for key in self.info_keywords},
            }
            infos[i] = {**infos[i], "episode": row}
            self.episode_returns[i] = self.episode_lengths[i] = 0
            if self.results_writer:
                self.results_writer.write_row(row)
        return observations, rewards, dones, infos

    def close(self) -> None:
        if self.results_writer:
            self.results_writer.close()
        self.venv.close()
