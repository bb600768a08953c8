"""Reads, measures and embeds the frames of videos, each video once."""

from __future__ import annotations

from typing import Any

import numpy as np

from .database import Database
from .decoding import BrokenVideo, Decoded, Video
from .embedders import UnitLength
from .failure import Failure
from .measures import measure
from .progress import Progress
from .store import Listed, Store

MAX_FRAMES = 32
MAX_PIXELS = 64 * 2**20
"""Pictures of this many pixels are in memory at once: eight in 4K."""


class Indexing:
    def __init__(self, database: Database, embedder: UnitLength, store: Store, progress: Progress) -> None:
        self.database, self.embedder, self.store = database, embedder, store
        self.progress = progress
        self.done = self.of = 0
        self.broken: list[dict[str, Any]] = []
        self.notes: list[dict[str, str]] = []
        self.added = self.frames = self.video_frames = self.video_of = 0

    def index(self, videos: list[Listed], rate: float | None) -> list[Listed]:
        """Indexes what is not, at so many frames per second, and returns those that are then."""
        usable = []
        for number, listed in enumerate(videos):
            self.done, self.of = number, len(videos)
            self.video_frames = self.video_of = 0
            self.tell(listed.uri)
            done = self.database.indexed(listed.uri)
            if done is not None and done["framesPerSecond"] != (rate or 0):
                raise Failure(
                    "STUDIO_DATASET_MISMATCH",
                    f"{listed.uri} was indexed with {done['framesPerSecond'] or 'all'} frames per second. "
                    "Use the same, or another dataset.",
                )
            try:
                if done is None or done["version"] != listed.version:
                    self.add(listed, rate)
                usable.append(listed)
            except BrokenVideo as error:
                self.broken.append({"uri": listed.uri, "reason": str(error)})
        self.done = self.of
        self.tell()
        return usable

    def tell(self, uri: str = "") -> None:
        counts = {"frames": self.frames, "videoFrames": self.video_frames, "videoOf": self.video_of}
        self.progress("index", self.done, self.of, broken=len(self.broken), video=uri, **counts)

    def add(self, listed: Listed, rate: float | None) -> None:
        video = Video(self.store, listed)
        try:
            header = video.header()
            self.video_of = header.frames(rate)
            video_id = self.database.add_video(listed.uri, header)
            last, count, decoded = 0.0, 0, 0
            try:
                for batch in batches(video, rate):
                    count += self.add_batch(video_id, batch)
                    decoded += len(batch)
                    self.frames += len(batch)
                    self.video_frames += len(batch)
                    last = batch[-1].seconds
                    self.tell(listed.uri)
                if count == 0:
                    raise BrokenVideo("the model left out all of its frames" if decoded else "it has no frame")
            except BrokenVideo:
                self.database.forget(video_id)
                raise
        finally:
            video.close()
        if header.seconds is not None and last < 0.9 * header.seconds - 1 / (rate or 1):
            self.notes.append({"uri": listed.uri, "note": f"ends at {last:.1f} of {header.seconds:.1f} seconds"})
        self.added += 1
        facts = {"version": listed.version, "framesPerSecond": rate or 0, "frames": count}
        self.database.complete_video(listed.uri, video_id, facts)

    def add_batch(self, video_id: Any, batch: list[Decoded]) -> int:
        images = [one.image() for one in batch]
        result = self.embedder.embed_images_pil(images)
        # A frame that the model left out is no candidate.
        kept = [(batch[index], measure(images[index])) for index in result.kept_indices]
        if kept:
            rows = np.asarray(result.embeddings, np.float32)
            self.database.add_frames(video_id, [one for one, _ in kept], rows, [values for _, values in kept])
        return len(kept)


def batches(video: Video, per_second: float | None) -> Any:
    batch: list[Decoded] = []
    for one in video.frames(per_second):
        batch.append(one)
        if len(batch) >= MAX_FRAMES or len(batch) * one.frame.width * one.frame.height >= MAX_PIXELS:
            yield batch
            batch = []
    if batch:
        yield batch
