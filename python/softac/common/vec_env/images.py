"""Images of several environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..optional import optional


def tile_images(images_nhwc: Sequence[NDArray[Any] | None]) -> NDArray[Any]:
    """Arranges images of one size in a grid that is about as wide as high; missing images are black."""
    present = [np.asarray(image) for image in images_nhwc if image is not None]
    if not present:
        raise ValueError('there are no images: make the environments with render_mode="rgb_array"')
    columns = int(np.ceil(np.sqrt(len(present))))
    present += [np.zeros_like(present[0])] * (-len(present) % columns)
    rows = [np.concatenate(present[i : i + columns], axis=1) for i in range(0, len(present), columns)]
    return np.concatenate(rows, axis=0)


def show(image: NDArray[Any]) -> None:
    """Shows an RGB image in a window of OpenCV."""
    cv2 = optional("cv2", "opencv-python")
    cv2.imshow("softac", image[:, :, ::-1])
    cv2.waitKey(1)
