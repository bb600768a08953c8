"""Takes the frames of videos into the database, each video once."""

from __future__ import annotations

from typing import Any

from .database import Database
from .decoding import BrokenVideo
from .indexes import Indexes
from .progress import Progress
from .store import Listed


class Indexing:
    def __init__(self, database: Database, indexes: Indexes, progress: Progress) -> None:
        self.database, self.indexes, self.progress = database, indexes, progress
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
            wanted = (listed.version, rate or 0)
            try:
                if done is None or (done["version"], done["framesPerSecond"]) != wanted:
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
        video = self.indexes.find(listed, rate) or self.indexes.reading(listed, rate)
        self.video_of = video.header.frames(rate)
        video_id = self.database.add_video(listed.uri, video.header)
        last, count = 0.0, 0
        try:
            for part in video.parts():
                if part.frames:
                    self.database.add_frames(video_id, part)
                count += len(part.frames)
                self.frames += part.read
                self.video_frames += part.read
                last = part.seconds
                self.tell(listed.uri)
        except BrokenVideo:
            self.database.forget(video_id)
            raise
        seconds = video.header.seconds
        if seconds is not None and last < 0.9 * seconds - 1 / (rate or 1):
            self.notes.append({"uri": listed.uri, "note": f"ends at {last:.1f} of {seconds:.1f} seconds"})
        self.added += 1
        facts = {"version": listed.version, "framesPerSecond": rate or 0, "frames": count}
        self.database.complete_video(listed.uri, video_id, facts)
