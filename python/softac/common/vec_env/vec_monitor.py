"""Returns and lengths of episodes of a vectorised environment."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..monitor import Monitor, ResultsWriter
from .base import VecEnv, VecEnvObs, VecEnvStepReturn
from .wrapper import VecEnvWrapper


class VecMonitor(VecEnvWrapper):
    """
    Adds return, length and time to the info at the end of each episode, as `Monitor` does.

    :param venv: the vectorised environment to wrap
    :param filename: CSV file for the episodes; None writes none
    :param info_keywords: keys of the info to add to each episode
    """

    def __init__(self, venv: VecEnv, filename: str | None = None, info_keywords: tuple[str, ...] = ()) -> None:
        super().__init__(venv)
        if any(venv.env_is_wrapped(Monitor)):
            warnings.warn(
                "the environments already have a Monitor: VecMonitor replaces its statistics", UserWarning, stacklevel=2
            )
        self.episode_count = 0
        self.t_start = time.time()
        self.info_keywords = tuple(info_keywords)
        self.results_writer: ResultsWriter | None = None
        if filename is not None:
            spec = getattr(venv, "spec", None)
            header = {"t_start": self.t_start, "env_id": str(spec and spec.id)}
            self.results_writer = ResultsWriter(filename, header, self.info_keywords)
        self._begin()

    def _begin(self) -> None:
        self.episode_returns: NDArray[np.float64] = np.zeros(self.num_envs)
        self.episode_lengths: NDArray[np.int64] = np.zeros(self.num_envs, np.int64)

    def reset(self) -> VecEnvObs:
        observations = self.venv.reset()
        self._begin()
        return observations

    def step_wait(self) -> VecEnvStepReturn:
        observations, rewards, dones, infos = self.venv.step_wait()
        self.episode_returns += rewards
        self.episode_lengths += 1
        infos = list(infos)
        for i in np.flatnonzero(dones).tolist():
            episode: dict[str, Any] = {
                "r": round(float(self.episode_returns[i]), 6),
                "l": int(self.episode_lengths[i]),
                "t": round(time.time() - self.t_start, 6),
                **{key: infos[i][key] for key in self.info_keywords},
            }
            infos[i] = {**infos[i], "episode": episode}
            self.episode_count += 1
            self.episode_returns[i] = self.episode_lengths[i] = 0
            if self.results_writer is not None:
                self.results_writer.write_row(episode)
        return observations, rewards, dones, infos

    def close(self) -> None:
        if self.results_writer is not None:
            self.results_writer.close()
        self.venv.close()
