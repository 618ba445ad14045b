"""Files of `Monitor`, which need no Gymnasium to be read."""

from __future__ import annotations

import csv
import json
import os
from glob import escape, glob
from typing import Any

from .optional import optional

EXTENSION = "monitor.csv"


class LoadMonitorResultsError(Exception):
    """A folder without files of a `Monitor`."""


class ResultsWriter:
    """
    A CSV file of episodes.

    :param filename: path; a folder receives the file `monitor.csv`, other paths receive the suffix `.monitor.csv`
    :param header: values of the first line, which is a comment in JSON
    :param extra_keys: columns besides r, l and t
    :param override_existing: replaces an existing file; False appends to it
    """

    def __init__(
        self,
        filename: str,
        header: dict[str, Any] | None = None,
        extra_keys: tuple[str, ...] = (),
        override_existing: bool = True,
    ) -> None:
        path = str(filename)
        if os.path.isdir(path):
            path = os.path.join(path, EXTENSION)
        elif not path.endswith(EXTENSION):
            path = f"{path}.{EXTENSION}"
        path = os.path.realpath(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        is_new = override_existing or not os.path.exists(path)
        self.file_handler = open(path, "w" if override_existing else "a", newline="\n")
        self.logger = csv.DictWriter(self.file_handler, ("r", "l", "t", *extra_keys), lineterminator="\n")
        if is_new:
            self.file_handler.write(f"#{json.dumps(header or {})}\n")
            self.logger.writeheader()
        self.file_handler.flush()

    def write_row(self, epinfo: dict[str, Any]) -> None:
        """Appends an episode."""
        self.logger.writerow(epinfo)
        self.file_handler.flush()

    def close(self) -> None:
        """Closes the file."""
        self.file_handler.close()


def get_monitor_files(path: str) -> list[str]:
    """Returns the paths of all files of a `Monitor` in a folder."""
    return sorted(glob(os.path.join(escape(path), f"*{EXTENSION}")))


def load_results(path: str) -> Any:
    """
    Reads all files of a `Monitor` in a folder.

    :return: a `pandas.DataFrame` in the order of time; `t` counts seconds from the earliest start
    """
    pandas = optional("pandas")
    files = get_monitor_files(path)
    if not files:
        raise LoadMonitorResultsError(f"{path} has no file *{EXTENSION}: give the folder of a Monitor's filename")
    starts, tables = [], []
    for name in files:
        with open(name) as file:
            starts.append(json.loads(file.readline().lstrip("#"))["t_start"])
            table = pandas.read_csv(file)
        table["t"] += starts[-1]
        tables.append(table)
    # Empty tables would turn numbers into objects.
    filled = [table for table in tables if len(table)] or tables[:1]
    result = pandas.concat(filled).sort_values("t").reset_index()
    result["t"] -= min(starts)
    return result
