"""Decodes the frames of a video, rotated upright, in presentation order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
from PIL import Image

from .store import Listed, Store, response_of

TURNS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


@dataclass(frozen=True)
class Place:
    """The position of a frame in its video."""

    number: int
    pts: int
    seconds: float
    rotation: int


@dataclass(frozen=True)
class Decoded:
    place: Place
    frame: Any

    def image(self) -> Image.Image:
        picture: Image.Image = self.frame.to_image().convert("RGB")
        turn = TURNS.get(self.place.rotation)
        return picture if turn is None else picture.transpose(turn)


@dataclass(frozen=True)
class Header:
    width: int
    height: int
    frames_per_second: float
    seconds: float | None

    def frames(self, per_second: float | None) -> int:
        """The number of frames to read according to the header; 0 if it is unknown."""
        rate = min(self.frames_per_second, per_second or self.frames_per_second)
        return math.ceil((self.seconds or 0) * rate - 1e-6)


class Video:
    """A video that is read from S3 in blocks, in the listed version."""

    def __init__(self, store: Store, listed: Listed) -> None:
        self.file = store.open(listed)
        try:
            self.container = av.open(self.file, mode="r")
            self.stream = self.container.streams.video[0]
        except (OSError, IndexError, av.FFmpegError) as error:
            raise self.reason(error) from error
        self.stream.thread_type = "AUTO"

    def header(self) -> Header:
        stream = self.stream
        seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
        if seconds is None and self.container.duration:
            seconds = self.container.duration / av.time_base
        rate = float(stream.average_rate) if stream.average_rate else 0.0
        return Header(stream.width or 0, stream.height or 0, rate, seconds)

    def frames(self, per_second: float | None = None) -> Iterator[Decoded]:
        """Yields every frame, or the first one of each time interval, independent of the frame rate of the video."""
        next_interval = -math.inf
        try:
            for number, frame in enumerate(self.container.decode(self.stream)):
                seconds = frame.time if frame.time is not None else -1.0
                if per_second is not None:
                    interval = math.floor(seconds * per_second + 1e-6)
                    if interval < next_interval:
                        continue
                    next_interval = interval + 1
                pts = frame.pts if frame.pts is not None else -1
                yield Decoded(Place(number, pts, seconds, frame.rotation % 360), frame)
        except (OSError, av.FFmpegError) as error:
            raise self.reason(error) from error

    def reason(self, error: Exception) -> Exception:
        """Distinguishes a video that can't be decoded (broken) from one that can't be read."""
        failure = self.file.failure
        if failure is None:
            return BrokenVideo("no video stream" if isinstance(error, IndexError) else f"not decodable: {error}"[:200])
        status = response_of(failure.__cause__).get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status in (404, 412):
            return ChangedVideo("changed or removed since the run started")
        return failure

    def close(self) -> None:
        self.container.close()


class BrokenVideo(Exception):
    pass


# The object has another version now, which may be valid.
class ChangedVideo(BrokenVideo):
    pass
