"""Returns, lengths and times of episodes, in the info of their last step and in a CSV file."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium

EXTENSION = "monitor.csv"


class ResultsWriter:
    """
    A file with a row for each episode, below a line of JSON.

    :param filename: the file, or a folder that it is put in
    :param header: what the line of JSON holds
    :param extra_keys: columns beside `r`, `l` and `t`
    """

    def __init__(
        self,
        filename: str,
        header: Mapping[str, Any] | None = None,
        extra_keys: tuple[str, ...] = (),
        override_existing: bool = True,
    ) -> None:
        path = Path(filename)
        if not filename.endswith(EXTENSION):
            path = path / EXTENSION if path.is_dir() else path.with_name(f"{path.name}.{EXTENSION}")
        path.parent.mkdir(parents=True, exist_ok=True)
        goes_on = not override_existing and path.exists()
        self.file = path.open("a" if goes_on else "w", newline="\n")
        self.writer = csv.DictWriter(self.file, fieldnames=("r", "l", "t", *extra_keys), lineterminator="\n")
        if not goes_on:
            self.file.write(f"#{json.dumps(dict(header or {}))}\n")
            self.writer.writeheader()
        self.file.flush()

    def write_row(self, row: Mapping[str, Any]) -> None:
        """Writes the row of an episode."""
        self.writer.writerow(row)
        self.file.flush()

    def close(self) -> None:
        """Closes the file."""
        self.file.close()


class Monitor(gymnasium.Wrapper[Any, Any, Any, Any]):
    """
    Adds return, length and time of an episode that ends to its info, as `info["episode"]`.

    :param filename: writes them to this file, too; `.monitor.csv` is added
    :param allow_early_resets: an episode may be left before it ends
    :param reset_keywords: arguments of `reset` that are written
    :param info_keywords: keys of the last info that are written
    :param override_existing: replaces a file that is there, instead of going on with it
    """

    EXT = EXTENSION

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        filename: str | None = None,
        allow_early_resets: bool = True,
        reset_keywords: tuple[str, ...] = (),
        info_keywords: tuple[str, ...] = (),
        override_existing: bool = True,
    ) -> None:
        super().__init__(env)
        self.t_start = time.time()
        self.allow_early_resets = allow_early_resets
        self.reset_keywords, self.info_keywords = reset_keywords, info_keywords
        header = {"t_start": self.t_start, "env_id": str(env.spec.id if env.spec else None)}
        keys = reset_keywords + info_keywords
        self.results_writer = (
            ResultsWriter(str(filename), header, keys, override_existing) if filename is not None else None
        )
        self.current_reset_info: dict[str, Any] = {}
        self.rewards: list[float] = []
        self.needs_reset = True
        self.episode_returns: list[float] = []
        self.episode_lengths: list[int] = []
        self.episode_times: list[float] = []
        self.total_steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """Begins an episode."""
        if not self.allow_early_resets and not self.needs_reset:
            raise RuntimeError("the episode is not over: let it end, or allow early resets")
        for key in self.reset_keywords:
            if key not in kwargs:
                raise ValueError(f"reset needs the argument {key}")
            self.current_reset_info[key] = kwargs[key]
        self.rewards, self.needs_reset = [], False
        return self.env.reset(seed=seed, **({"options": options} if options else {}), **kwargs)

    def step(self, action: Any) -> Any:
        """Takes a step."""
        if self.needs_reset:
            raise RuntimeError("the episode is over: reset begins another")
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.rewards.append(float(reward))
        if terminated or truncated:
            self.needs_reset = True
            info["episode"] = self._episode(info)
        self.total_steps += 1
        return observation, reward, terminated, truncated, info

    def _episode(self, info: dict[str, Any]) -> dict[str, Any]:
        returned, length, seconds = sum(self.rewards), len(self.rewards), time.time() - self.t_start
        self.episode_returns.append(returned)
        self.episode_lengths.append(length)
        self.episode_times.append(seconds)
        episode: dict[str, Any] = {"r": round(returned, 6), "l": length, "t": round(seconds, 6)}
        episode |= {key: info[key] for key in self.info_keywords}
        if self.results_writer:
            self.results_writer.write_row(episode | self.current_reset_info)
        return episode

    def close(self) -> None:
        """Closes the environment and the file."""
        super().close()
        if self.results_writer:
            self.results_writer.close()

    def get_total_steps(self) -> int:
        """Steps so far."""
        return self.total_steps

    def get_episode_rewards(self) -> list[float]:
        """The returns of all episodes."""
        return self.episode_returns

    def get_episode_lengths(self) -> list[int]:
        """The lengths of all episodes."""
        return self.episode_lengths

    def get_episode_times(self) -> list[float]:
        """The times at which all episodes ended, in seconds."""
        return self.episode_times


class LoadMonitorResultsError(Exception):
    """There are no files of a monitor in a folder."""


def get_monitor_files(path: str) -> list[str]:
    """The files of monitors in a folder."""
    return sorted(str(file) for file in Path(path).glob(f"*{EXTENSION}"))


def load_results(path: str) -> Any:
    """All rows of the monitors in a folder as a table of pandas, ordered by time."""
    import pandas

    files = get_monitor_files(path)
    if not files:
        raise LoadMonitorResultsError(f"there are no files *{EXTENSION} in {path}")
    tables, starts = [], []
    for name in files:
        with open(name) as file:
            head = json.loads(file.readline().removeprefix("#"))
            table = pandas.read_csv(file, index_col=None)
        starts.append(head["t_start"])
        table["t"] += head["t_start"]
        tables.append(table)
    rows = pandas.concat(tables).sort_values("t").reset_index(drop=True)
    rows["t"] -= min(starts)
    return rows
