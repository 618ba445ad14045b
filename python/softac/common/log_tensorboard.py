"""Files for TensorBoard."""

from __future__ import annotations

import io
import time
from typing import Any

import numpy as np

from .log_values import Excluded, Figure, FormatUnsupportedError, HParam, Image, KVWriter, Video, without_excluded
from .optional import optional

BUCKETS = 30


class TensorBoardOutputFormat(KVWriter):
    """
    Writes scalars, text, histograms, images, figures and hyperparameters for TensorBoard.

    :param folder: folder of the run
    """

    def __init__(self, folder: str) -> None:
        self._summary = optional("tensorboard.compat.proto.summary_pb2")
        self._event = optional("tensorboard.compat.proto.event_pb2")
        self.writer: Any = optional("tensorboard.summary.writer.event_file_writer").EventFileWriter(folder)
        self._is_closed = False

    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        if self._is_closed:
            raise ValueError("the file of TensorBoard is closed: configure a new logger")
        for key, value in without_excluded(key_values, key_excluded, "tensorboard").items():
            for summary in self._summaries(key, value):
                self.writer.add_event(self._event.Event(wall_time=time.time(), step=step, summary=summary))
        self.writer.flush()

    def _summaries(self, key: str, value: Any) -> list[Any]:
        """What TensorBoard shows of a value."""
        if isinstance(value, Video):
            raise FormatUnsupportedError(["tensorboard"], "video")
        if isinstance(value, HParam):
            return _hyperparameters(value)
        if isinstance(value, str):
            return [self._text(key, value)]
        if isinstance(value, (Image, Figure)):
            return [self._image(key, value)]
        if np.ndim(value) > 0:
            return [self._histogram(key, np.asarray(value, np.float64).ravel())]
        return [self._summary.Summary(value=[self._summary.Summary.Value(tag=key, simple_value=float(value))])]

    def _text(self, key: str, text: str) -> Any:
        plugin = optional("tensorboard.plugins.text.metadata")
        tensor = optional("tensorboard.util.tensor_util").make_tensor_proto(np.array([text], object))
        metadata = plugin.create_summary_metadata(display_name="", description="")
        return self._summary.Summary(
            value=[self._summary.Summary.Value(tag=f"{key}/text_summary", metadata=metadata, tensor=tensor)]
        )

    def _histogram(self, key: str, values: Any) -> Any:
        counts, edges = np.histogram(values, BUCKETS)
        histogram = self._summary.HistogramProto(
            min=values.min(),
            max=values.max(),
            num=len(values),
            sum=values.sum(),
            sum_squares=np.square(values).sum(),
            bucket_limit=edges[1:].tolist(),
            bucket=counts.tolist(),
        )
        return self._summary.Summary(value=[self._summary.Summary.Value(tag=key, histo=histogram)])

    def _image(self, key: str, value: Image | Figure) -> Any:
        png, height, width = _png_of_figure(value) if isinstance(value, Figure) else _png_of_image(value)
        image = self._summary.Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=png)
        return self._summary.Summary(value=[self._summary.Summary.Value(tag=key, image=image)])

    def close(self) -> None:
        if not self._is_closed:
            self.writer.close()
            self._is_closed = True


def _hyperparameters(value: HParam) -> list[Any]:
    # The module `api` there would import TensorFlow.
    plugin = optional("tensorboard.plugins.hparams.summary_v2")
    known = {name: _hyperparameter(each) for name, each in value.hparam_dict.items() if each is not None}
    hparams = {plugin.HParam(name): each for name, each in known.items()}
    metrics = [plugin.Metric(name) for name in value.metric_dict]
    return [plugin.hparams_config_pb(list(hparams), metrics), plugin.hparams_pb(hparams)]


def _hyperparameter(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _png_of_figure(value: Figure) -> tuple[bytes, int, int]:
    file = io.BytesIO()
    value.figure.savefig(file, format="png", dpi=value.figure.dpi)
    width, height = (round(inches * value.figure.dpi) for inches in value.figure.get_size_inches())
    if value.close:
        optional("matplotlib.pyplot").close(value.figure)
    return file.getvalue(), height, width


def _png_of_image(value: Image) -> tuple[bytes, int, int]:
    pixels, order = np.asarray(value.image), value.dataformats.upper()
    if sorted(order) not in (sorted("HWC"), sorted("HW")):
        raise ValueError(f"dataformats is {value.dataformats!r}: use HWC, CHW or HW")
    pixels = pixels.transpose([order.index(axis) for axis in "HWC" if axis in order])
    if pixels.dtype != np.uint8:
        pixels = (np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    file = io.BytesIO()
    optional("matplotlib.image").imsave(file, pixels, format="png")
    return file.getvalue(), pixels.shape[0], pixels.shape[1]
