"""Values other than numbers and text that a logger accepts, and the interface of its formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Excluded = Mapping[str, tuple[str, ...]]


@dataclass
class Video:
    """
    A video.

    :param frames: frames in the shape [N, T, C, H, W]
    :param fps: frames per second
    """

    frames: Any
    fps: float


@dataclass
class Figure:
    """
    A figure of matplotlib.

    :param figure: the figure
    :param close: closes the figure once it is logged
    """

    figure: Any
    close: bool


@dataclass
class Image:
    """
    An image.

    :param image: array of pixels, as bytes or as floats from 0 to 1
    :param dataformats: order of its axes: HWC, CHW or HW
    """

    image: Any
    dataformats: str


@dataclass
class HParam:
    """
    Hyperparameters and the names of metrics for TensorBoard.

    :param hparam_dict: values of the hyperparameters
    :param metric_dict: metrics to show with them; at least one
    """

    hparam_dict: Mapping[str, Any]
    metric_dict: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.metric_dict:
            raise ValueError("metric_dict is empty: TensorBoard shows hyperparameters only with at least one metric")


class FormatUnsupportedError(NotImplementedError):
    """
    A value that a format cannot show.

    :param unsupported_formats: names of the format
    :param value_description: kind of the value
    """

    def __init__(self, unsupported_formats: Sequence[str], value_description: str) -> None:
        names = " and ".join(unsupported_formats)
        super().__init__(
            f"{names} cannot show a value of the kind {value_description}: "
            f"record it with exclude={tuple(unsupported_formats)}"
        )


class KVWriter:
    """A format for keys and values."""

    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        """Writes a row of values, without those that exclude this format."""
        raise NotImplementedError

    def close(self) -> None:
        """Closes what the format opened."""
        raise NotImplementedError


class SeqWriter:
    """A format for messages."""

    def write_sequence(self, sequence: list[str]) -> None:
        """Writes the parts of a message."""
        raise NotImplementedError


def without_excluded(key_values: Mapping[str, Any], key_excluded: Excluded, *formats: str) -> dict[str, Any]:
    """Returns the values that do not exclude any of these formats, in the order of their keys."""
    return {
        key: value
        for key, value in sorted(key_values.items())
        if not any(name in (key_excluded.get(key) or ()) for name in formats)
    }


def refuse_media(values: Mapping[str, Any], *formats: str) -> None:
    """Raises an error if there is a video, a figure, an image or hyperparameters among the values."""
    for value in values.values():
        if isinstance(value, (Video, Figure, Image, HParam)):
            raise FormatUnsupportedError(formats, type(value).__name__.lower())
