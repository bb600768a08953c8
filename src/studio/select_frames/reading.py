"""Reads a video: its frames, measured and embedded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .decoding import BrokenVideo, Decoded, Place, Video
from .embedders import UnitLength
from .measures import measure
from .store import Listed, Store

MAX_FRAMES = 32
MAX_PIXELS = 64 * 2**20
"""The number of pixels that are in memory at once: eight pictures in 4K."""


@dataclass(frozen=True)
class Part:
    """Consecutive frames, without those that the model has rejected."""

    frames: list[Place]
    rows: NDArray[np.float32]
    measured: list[dict[str, float]]
    read: int
    """The number of frames that were read, including those that the model has rejected."""
    seconds: float
    """The presentation time of the last frame that was read."""


class Reading:
    def __init__(self, store: Store, listed: Listed, rate: float | None, embedder: UnitLength) -> None:
        self.rate, self.embedder = rate, embedder
        self.video = Video(store, listed)
        self.header = self.video.header()

    def parts(self) -> Iterator[Part]:
        read = kept = 0
        try:
            for batch in batches(self.video, self.rate):
                part = self.embed(batch)
                read += part.read
                kept += len(part.frames)
                yield part
        finally:
            self.video.close()
        if kept == 0:
            raise BrokenVideo("the model left out all of its frames" if read else "it has no frame")

    def embed(self, batch: list[Decoded]) -> Part:
        images = [one.image() for one in batch]
        result = self.embedder.embed_images_pil(images)
        places = [batch[index].place for index in result.kept_indices]
        measured = [measure(images[index]) for index in result.kept_indices]
        return Part(places, np.asarray(result.embeddings, np.float32), measured, len(batch), batch[-1].place.seconds)


def batches(video: Video, per_second: float | None) -> Any:
    batch: list[Decoded] = []
    for one in video.frames(per_second):
        batch.append(one)
        if len(batch) >= MAX_FRAMES or len(batch) * one.frame.width * one.frame.height >= MAX_PIXELS:
            yield batch
            batch = []
    if batch:
        yield batch
