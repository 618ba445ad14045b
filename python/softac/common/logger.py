"""Numbers of a training by their names, written as a table, CSV, JSON or TensorBoard's files."""

from __future__ import annotations

import csv
import datetime
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

DEBUG, INFO, WARN, ERROR, DISABLED = 10, 20, 30, 40, 50

Values = Mapping[str, Any]
Excluded = Mapping[str, tuple[str, ...]]


class FormatUnsupportedError(NotImplementedError):
    """A format cannot show a value."""


class _Holder:
    """A value that is no number."""

    def __init__(self, *values: Any, **more: Any) -> None:
        self.values, self.more = values, more


class Video(_Holder):
    """Frames and their rate."""


class Figure(_Holder):
    """A figure of matplotlib."""


class Image(_Holder):
    """A picture and the order of its dimensions."""


class HParam(_Holder):
    """Hyperparameters and the metrics that they are judged by."""


class KVWriter:
    """A format of the log."""

    name = ""

    def write(self, key_values: Values, key_excluded: Excluded, step: int = 0) -> None:
        """Writes a row."""
        raise NotImplementedError

    def close(self) -> None:
        """Closes what it writes to."""


def _shown(values: Values, excluded: Excluded, *formats: str) -> dict[str, Any]:
    """What a format of these names shows: numbers and texts that are not kept from it."""
    return {
        key: value
        for key, value in sorted(values.items())
        if not isinstance(value, _Holder) and not set(formats) & set(excluded.get(key, ()))
    }


class HumanOutputFormat(KVWriter):
    """A table, to a stream or a file."""

    def __init__(self, filename_or_file: str | TextIO, max_length: int = 36) -> None:
        self.own_file = isinstance(filename_or_file, str)
        self.file: TextIO = open(filename_or_file, "w") if isinstance(filename_or_file, str) else filename_or_file
        self.max_length = max_length

    def write(self, key_values: Values, key_excluded: Excluded, step: int = 0) -> None:
        rows: list[tuple[str, str]] = []
        group = None
        for key, value in _shown(key_values, key_excluded, "stdout", "log").items():
            text = f"{value:<8.3g}" if isinstance(value, (float, np.floating)) else str(value)
            first, slash, rest = key.partition("/")
            if slash and first != group:
                group = first
                rows.append((f"{first}/", ""))
            rows.append((self._cut(f"   {rest}" if slash else key), self._cut(text)))
        if not rows:
            return
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        line = "-" * (sum(widths) + 7)
        table = [f"| {key:<{widths[0]}} | {value:<{widths[1]}} |" for key, value in rows]
        self.file.write("\n".join([line, *table, line]) + "\n")
        self.file.flush()

    def write_sequence(self, sequence: Sequence[str]) -> None:
        """Writes a line of texts."""
        self.file.write(" ".join(sequence) + "\n")
        self.file.flush()

    def _cut(self, text: str) -> str:
        return text if len(text) <= self.max_length else text[: self.max_length - 3] + "..."

    def close(self) -> None:
        if self.own_file:
            self.file.close()


class CSVOutputFormat(KVWriter):
    """A CSV file; a name that comes later becomes a further column."""

    def __init__(self, filename: str) -> None:
        self.path = Path(filename)
        self.keys: list[str] = []
        self.path.write_text("")

    def write(self, key_values: Values, key_excluded: Excluded, step: int = 0) -> None:
        row = _shown(key_values, key_excluded, "csv")
        new = [key for key in row if key not in self.keys]
        if new:
            with self.path.open(newline="") as file:
                rows = list(csv.DictReader(file))
            self.keys += new
            with self.path.open("w", newline="") as file:
                writer = csv.DictWriter(file, self.keys, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, self.keys, lineterminator="\n").writerow(row)


class JSONOutputFormat(KVWriter):
    """A file with a JSON object in each line."""

    def __init__(self, filename: str) -> None:
        self.file = open(filename, "w")

    def write(self, key_values: Values, key_excluded: Excluded, step: int = 0) -> None:
        row = _shown(key_values, key_excluded, "json")
        self.file.write(json.dumps({key: _plain(value) for key, value in row.items()}) + "\n")
        self.file.flush()

    def close(self) -> None:
        self.file.close()


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size > 1:
        return value.tolist()
    return value.item() if isinstance(value, (np.generic, np.ndarray)) else value


class TensorBoardOutputFormat(KVWriter):
    """TensorBoard's files."""

    def __init__(self, folder: str) -> None:
        try:
            from tensorboard.compat.proto.event_pb2 import Event
            from tensorboard.compat.proto.summary_pb2 import Summary
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        except ImportError as error:
            raise ImportError("TensorBoard's files need the package tensorboard: pip install softac[extra]") from error
        self._event, self._summary = Event, Summary
        self.writer = EventFileWriter(folder)

    def write(self, key_values: Values, key_excluded: Excluded, step: int = 0) -> None:
        for key, value in _shown(key_values, key_excluded, "tensorboard").items():
            if isinstance(value, str):
                continue
            number = self._summary.Value(tag=key, simple_value=float(np.mean(value)))
            self.writer.add_event(self._event(wall_time=time.time(), step=step, summary=self._summary(value=[number])))
        self.writer.flush()

    def close(self) -> None:
        self.writer.close()


def make_output_format(_format: str, log_dir: str, log_suffix: str = "") -> KVWriter:
    """A format by its name: stdout, log, json, csv or tensorboard."""
    os.makedirs(log_dir, exist_ok=True)
    if _format == "stdout":
        return HumanOutputFormat(sys.stdout)
    if _format == "log":
        return HumanOutputFormat(os.path.join(log_dir, f"log{log_suffix}.txt"))
    if _format == "json":
        return JSONOutputFormat(os.path.join(log_dir, f"progress{log_suffix}.json"))
    if _format == "csv":
        return CSVOutputFormat(os.path.join(log_dir, f"progress{log_suffix}.csv"))
    if _format == "tensorboard":
        return TensorBoardOutputFormat(log_dir)
    raise ValueError(f"there is no format {_format!r}: it is stdout, log, json, csv or tensorboard")


class Logger:
    """Collects numbers until a row is written."""

    def __init__(self, folder: str | None, output_formats: Iterable[KVWriter]) -> None:
        self.name_to_value: dict[str, Any] = defaultdict(float)
        self.name_to_count: dict[str, int] = defaultdict(int)
        self.name_to_excluded: dict[str, tuple[str, ...]] = {}
        self.level = INFO
        self.dir = folder
        self.output_formats = list(output_formats)

    def record(self, key: str, value: Any, exclude: str | tuple[str, ...] | None = None) -> None:
        """Sets a value of the next row; formats that are named do not show it."""
        self.name_to_value[key] = value
        self.name_to_excluded[key] = (exclude,) if isinstance(exclude, str) else exclude or ()

    def record_mean(self, key: str, value: float | None, exclude: str | tuple[str, ...] | None = None) -> None:
        """The same for the mean of several values."""
        if value is None:
            return
        count = self.name_to_count[key]
        mean = (self.name_to_value[key] * count + value) / (count + 1)
        self.record(key, mean, exclude)
        self.name_to_count[key] = count + 1

    def dump(self, step: int = 0) -> None:
        """Writes the row."""
        if self.level == DISABLED:
            return
        for output in self.output_formats:
            output.write(self.name_to_value, self.name_to_excluded, step)
        self.name_to_value.clear()
        self.name_to_count.clear()
        self.name_to_excluded.clear()

    def log(self, *args: Any, level: int = INFO) -> None:
        """Writes a line of text to the tables."""
        if self.level <= level:
            for output in self.output_formats:
                if isinstance(output, HumanOutputFormat):
                    output.write_sequence([str(arg) for arg in args])

    def debug(self, *args: Any) -> None:
        """A line that is seen while errors are looked for."""
        self.log(*args, level=DEBUG)

    def info(self, *args: Any) -> None:
        """A line of information."""
        self.log(*args, level=INFO)

    def warn(self, *args: Any) -> None:
        """A line of warning."""
        self.log(*args, level=WARN)

    def error(self, *args: Any) -> None:
        """A line about an error."""
        self.log(*args, level=ERROR)

    def set_level(self, level: int) -> None:
        """The level from which on lines are written; DISABLED for no output at all."""
        self.level = level

    def get_dir(self) -> str | None:
        """The folder of the files."""
        return self.dir

    def close(self) -> None:
        """Closes all formats."""
        for output in self.output_formats:
            output.close()


def configure(folder: str | None = None, format_strings: Sequence[str] | None = None) -> Logger:
    """
    A logger.

    :param folder: folder of its files; a temporary one if not given
    :param format_strings: formats by their names; stdout, log and csv if not given
    """
    if folder is None:
        name = datetime.datetime.now().strftime("softac-%Y-%m-%d-%H-%M-%S-%f")
        folder = os.path.join(tempfile.gettempdir(), name)
    formats = ["stdout", "log", "csv"] if format_strings is None else format_strings
    return Logger(folder, [make_output_format(each, folder) for each in formats])
