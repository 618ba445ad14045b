"""Logger: values and messages, in several formats."""

from __future__ import annotations

import datetime
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from .log_formats import CSVOutputFormat, HumanOutputFormat, JSONOutputFormat
from .log_tensorboard import TensorBoardOutputFormat
from .log_values import Figure, FormatUnsupportedError, HParam, Image, KVWriter, SeqWriter, Video

__all__ = [
    "DEBUG",
    "DISABLED",
    "ERROR",
    "INFO",
    "WARN",
    "CSVOutputFormat",
    "Figure",
    "FormatUnsupportedError",
    "HParam",
    "HumanOutputFormat",
    "Image",
    "JSONOutputFormat",
    "KVWriter",
    "Logger",
    "SeqWriter",
    "TensorBoardOutputFormat",
    "Video",
    "configure",
    "make_output_format",
]

DEBUG = 10
INFO = 20
WARN = 30
ERROR = 40
DISABLED = 50

FORMATS = ("stdout", "log", "json", "csv", "tensorboard")


class Logger:
    """
    Collects values, and writes them as one row in each format.

    :param folder: folder of the files, or None
    :param output_formats: formats
    """

    def __init__(self, folder: str | None, output_formats: list[Any]) -> None:
        self.name_to_value: dict[str, Any] = defaultdict(float)
        self.name_to_count: dict[str, int] = defaultdict(int)
        self.name_to_excluded: dict[str, tuple[str, ...]] = {}
        self.level = INFO
        self.dir = folder
        self.output_formats = output_formats

    def record(self, key: str, value: Any, exclude: str | tuple[str, ...] | None = None) -> None:
        """
        Sets a value of the next row; a later value replaces it.

        :param key: name, such as "train/loss"
        :param value: number, text, array, or one of `Figure`, `Image`, `HParam`, `Video`
        :param exclude: formats that do not receive the value
        """
        self.name_to_value[key] = value
        self.name_to_excluded[key] = _as_tuple(exclude)

    def record_mean(self, key: str, value: float | None, exclude: str | tuple[str, ...] | None = None) -> None:
        """Adds a value to a mean of the next row; None changes nothing."""
        if value is None:
            return
        count = self.name_to_count[key]
        self.name_to_value[key] += (value - self.name_to_value[key]) / (count + 1)
        self.name_to_count[key] = count + 1
        self.name_to_excluded[key] = _as_tuple(exclude)

    def dump(self, step: int = 0) -> None:
        """Writes the row, and begins the next one."""
        if self.level == DISABLED:
            return
        for output in self.output_formats:
            if hasattr(output, "write"):
                output.write(self.name_to_value, self.name_to_excluded, step)
        self.name_to_value.clear()
        self.name_to_count.clear()
        self.name_to_excluded.clear()

    def log(self, *args: Any, level: int = INFO) -> None:
        """Writes a message, unless the level of the logger is higher."""
        if self.level > level:
            return
        for output in self.output_formats:
            if hasattr(output, "write_sequence"):
                output.write_sequence([str(arg) for arg in args])

    def debug(self, *args: Any) -> None:
        """Writes a message of the level DEBUG."""
        self.log(*args, level=DEBUG)

    def info(self, *args: Any) -> None:
        """Writes a message of the level INFO."""
        self.log(*args, level=INFO)

    def warn(self, *args: Any) -> None:
        """Writes a message of the level WARN."""
        self.log(*args, level=WARN)

    def error(self, *args: Any) -> None:
        """Writes a message of the level ERROR."""
        self.log(*args, level=ERROR)

    def set_level(self, level: int) -> None:
        """Sets the lowest level of messages to write; DISABLED writes no values either."""
        self.level = level

    def get_dir(self) -> str | None:
        """Returns the folder of the files."""
        return self.dir

    def close(self) -> None:
        """Closes all formats."""
        for output in self.output_formats:
            output.close()


def _as_tuple(names: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def make_output_format(_format: str, log_dir: str, log_suffix: str = "") -> KVWriter:
    """
    Creates a format by its name.

    :param _format: "stdout", "log", "json", "csv" or "tensorboard"
    :param log_dir: folder of its file
    :param log_suffix: addition to the name of the file
    """
    if _format not in FORMATS:
        raise ValueError(f"{_format!r} is not a format of the logger: use one of {', '.join(FORMATS)}")
    os.makedirs(log_dir, exist_ok=True)
    if _format == "stdout":
        return HumanOutputFormat(sys.stdout)
    if _format == "log":
        return HumanOutputFormat(os.path.join(log_dir, f"log{log_suffix}.txt"))
    if _format == "json":
        return JSONOutputFormat(os.path.join(log_dir, f"progress{log_suffix}.json"))
    if _format == "csv":
        return CSVOutputFormat(os.path.join(log_dir, f"progress{log_suffix}.csv"))
    return TensorBoardOutputFormat(log_dir)


def configure(folder: str | None = None, format_strings: Sequence[str] | None = None) -> Logger:
    """
    Creates a logger.

    :param folder: folder of the files; None uses the variable SOFTAC_LOGDIR, or else a new folder for temporary files
    :param format_strings: names of the formats; None uses the variable SOFTAC_LOG_FORMAT, or else stdout, log and csv
    """
    if folder is None:
        name = datetime.datetime.now().strftime("softac-%Y-%m-%d-%H-%M-%S-%f")
        folder = os.getenv("SOFTAC_LOGDIR") or os.path.join(tempfile.gettempdir(), name)
    if format_strings is None:
        format_strings = os.getenv("SOFTAC_LOG_FORMAT", "stdout,log,csv").split(",")
    names = [name for name in format_strings if name]
    logger = Logger(str(folder), [make_output_format(name, str(folder)) for name in names])
    if set(names) - {"stdout"}:
        logger.log(f"Logging to {folder}")
    return logger
