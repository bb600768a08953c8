"""The metadata lightly.* of LightlyOne, which LightlyStudio does not measure."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

LONG_SIDE = 256


def measure(image: Image.Image) -> dict[str, float]:
    """Returns sharpness (low for a blurred picture) and luminance (in percent of white)."""
    luma = np.asarray(image.convert("L"))
    scale = min(1.0, LONG_SIDE / max(luma.shape))
    small = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return {
        "lightly.sharpness": float(cv2.Laplacian(small, cv2.CV_64F).var()),
        "lightly.luminance": float(luma.mean() / 2.55),
    }
