"""Formats of a logger: tables, CSV and JSON."""

from __future__ import annotations

import csv
import json
import sys
import warnings
from typing import Any, TextIO, Union

import numpy as np

from .log_values import Excluded, KVWriter, SeqWriter, refuse_media, without_excluded


class HumanOutputFormat(KVWriter, SeqWriter):
    """
    Tables for people.

    :param filename_or_file: path of a file, or an open one
    :param max_length: largest number of characters of a key or value
    """

    def __init__(self, filename_or_file: Union[str, TextIO], max_length: int = 36) -> None:
        self.max_length = max_length
        self.own_file = isinstance(filename_or_file, str)
        if not self.own_file and not hasattr(filename_or_file, "write"):
            raise TypeError(f"{filename_or_file!r} is neither a path nor an open file")
        self.file: Any = open(filename_or_file, "w") if isinstance(filename_or_file, str) else filename_or_file

    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        values = without_excluded(key_values, key_excluded, "stdout", "log")
        refuse_media(values, "stdout", "log")
        rows = self._rows(values)
        if not rows:
            warnings.warn("there is nothing to log: record values before dump()", stacklevel=3)
            return
        key_width = max(len(key) for key, _ in rows)
        value_width = max(len(value) for _, value in rows)
        rule = "-" * (key_width + value_width + 7)
        lines = [rule, *(f"| {key:{key_width}} | {value:{value_width}} |" for key, value in rows), rule]
        self._print("\n".join(lines) + "\n")

    def _rows(self, values: dict[str, Any]) -> list[tuple[str, str]]:
        """The rows of the table: keys of a group such as `train/` are indented below its name."""
        rows: dict[tuple[str, str], str] = {}
        group = ""
        for key, value in values.items():
            head, slash, rest = key.partition("/")
            if slash and head:
                group = f"{head}/"
                rows[group, self._shorten(group)] = ""
                key = f"   {rest}"
            name = self._shorten(key)
            if (group, name) in rows:
                raise ValueError(f"two keys are {name!r} within {self.max_length} characters: use a larger max_length")
            text = f"{value:<8.3g}" if isinstance(value, (float, np.floating)) else str(value)
            rows[group, name] = self._shorten(text)
        return [(name, text) for (_, name), text in rows.items()]

    def _shorten(self, text: str) -> str:
        return text if len(text) <= self.max_length else text[: self.max_length - 3] + "..."

    def _print(self, text: str) -> None:
        tqdm = sys.modules.get("tqdm")
        if tqdm is not None and self.file is sys.stdout:
            # A progress bar stays below the table.
            tqdm.tqdm.write(text, file=self.file, end="")
        else:
            self.file.write(text)
        self.file.flush()

    def write_sequence(self, sequence: list[str]) -> None:
        self._print(" ".join(sequence) + "\n")

    def close(self) -> None:
        if self.own_file:
            self.file.close()


class JSONOutputFormat(KVWriter):
    """
    One JSON object in each line.

    :param filename: path of the file
    """

    def __init__(self, filename: str) -> None:
        self.file = open(filename, "w")

    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        values = without_excluded(key_values, key_excluded, "json")
        refuse_media(values, "json")
        self.file.write(json.dumps({key: _plain(value) for key, value in values.items()}) + "\n")
        self.file.flush()

    def close(self) -> None:
        self.file.close()


def _plain(value: Any) -> Any:
    """A number or list instead of numpy's."""
    if not hasattr(value, "tolist"):
        return value
    return float(value.item()) if np.size(value) == 1 else value.tolist()


class CSVOutputFormat(KVWriter):
    """
    A CSV file. Keys that appear later become further columns.

    :param filename: path of the file
    """

    def __init__(self, filename: str) -> None:
        self.file = open(filename, "w+", newline="")
        self.keys: list[str] = []

    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        values = without_excluded(key_values, key_excluded, "csv")
        refuse_media(values, "csv")
        new = [key for key in values if key not in self.keys]
        if new:
            self._add_columns(new)
        csv.DictWriter(self.file, self.keys, lineterminator="\n").writerow(values)
        self.file.flush()

    def _add_columns(self, new: list[str]) -> None:
        self.file.seek(0)
        rows = list(csv.DictReader(self.file))
        self.keys += new
        self.file.seek(0)
        writer = csv.DictWriter(self.file, self.keys, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    def close(self) -> None:
        self.file.close()
