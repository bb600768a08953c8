"""Adds the frames of videos to the database, each video once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from .database import Database
from .decoding import BrokenVideo
from .indexes import Indexes, StoredIndex
from .progress import Progress
from .reading import Part
from .store import Listed

FRAMES_AT_ONCE = 4000
"""Frames per call for stored indexes: a call of LightlyStudio takes about as long for 10 frames as for 100."""


class Indexing:
    def __init__(self, database: Database, indexes: Indexes, progress: Progress) -> None:
        self.database, self.indexes, self.progress = database, indexes, progress
        self.done = self.of = 0
        self.broken: list[dict[str, Any]] = []
        self.notes: list[dict[str, str]] = []
        self.added = self.frames = self.video_frames = self.video_of = 0
        self.waiting: list[tuple[Listed, StoredIndex]] = []

    def index(self, videos: list[Listed], rate: float | None) -> list[Listed]:
        """Indexes the remaining videos at a number of frames per second. Returns all videos with an index."""
        usable = []
        for number, listed in enumerate(videos):
            self.done, self.of = number, len(videos)
            self.video_frames = self.video_of = 0
            self.tell(listed.uri)
            done = self.database.indexed(listed.uri)
            wanted = (listed.version, rate or 0)
            try:
                if done is None or (done["version"], done["framesPerSecond"]) != wanted:
                    self.add(listed, rate)
                usable.append(listed)
            except BrokenVideo as error:
                self.broken.append({"uri": listed.uri, "reason": str(error)})
        self.add_waiting(rate)
        self.done = self.of
        self.tell()
        return usable

    def tell(self, uri: str = "") -> None:
        counts = {"frames": self.frames, "videoFrames": self.video_frames, "videoOf": self.video_of}
        self.progress("index", self.done, self.of, broken=len(self.broken), video=uri, **counts)

    def add(self, listed: Listed, rate: float | None) -> None:
        stored = self.indexes.find(listed, rate)
        if stored is None:
            self.read(listed, rate)
            return
        if stored.facts["reason"] is not None:
            self.database.forget(listed.uri)
            raise BrokenVideo(stored.facts["reason"])
        self.waiting.append((listed, stored))
        if sum(len(one.rows) for _, one in self.waiting) >= FRAMES_AT_ONCE:
            self.add_waiting(rate)

    def read(self, listed: Listed, rate: float | None) -> None:
        video = self.indexes.reading(listed, rate)
        self.video_of = video.header.frames(rate)
        [video_id] = self.database.add_videos([(listed.uri, video.header)])
        last, count = 0.0, 0
        try:
            for part in video.parts():
                self.database.add_frames([(video_id, part)])
                count += len(part.frames)
                self.frames += part.read
                self.video_frames += part.read
                last = part.seconds
                self.tell(listed.uri)
        except BrokenVideo:
            self.database.forget(listed.uri)
            raise
        self.note_end(listed, video.header.seconds, last, rate)
        self.added += 1
        self.database.complete_videos({listed.uri: facts_of(listed, rate, count)})

    def add_waiting(self, rate: float | None) -> None:
        """Adds stored indexes. A video that is not marked as complete is added again after an interruption."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        ids = self.database.add_videos([(listed.uri, stored.header) for listed, stored in waiting])
        parts: list[tuple[UUID, Part]] = []
        for video_id, (_, stored) in zip(ids, waiting, strict=True):
            for part in stored.parts():
                parts.append((video_id, part))
                if sum(len(one.frames) for _, one in parts) >= FRAMES_AT_ONCE:
                    self.add_parts(parts)
                    parts = []
        self.add_parts(parts)
        for listed, stored in waiting:
            self.note_end(listed, stored.header.seconds, stored.facts["seconds"], rate)
        self.added += len(waiting)
        facts = {listed.uri: facts_of(listed, rate, len(stored.rows)) for listed, stored in waiting}
        self.database.complete_videos(facts)

    def add_parts(self, parts: list[tuple[UUID, Part]]) -> None:
        self.database.add_frames(parts)
        self.frames += sum(part.read for _, part in parts)
        self.tell()

    def note_end(self, listed: Listed, seconds: float | None, last: float, rate: float | None) -> None:
        if seconds is not None and last < 0.9 * seconds - 1 / (rate or 1):
            self.notes.append({"uri": listed.uri, "note": f"ends at {last:.1f} of {seconds:.1f} seconds"})


def facts_of(listed: Listed, rate: float | None, frames: int) -> dict[str, Any]:
    return {"version": listed.version, "framesPerSecond": rate or 0, "frames": frames}
