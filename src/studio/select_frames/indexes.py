"""The index of each video, as an object in the dataset's folder: many containers write them, one selects from all."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .decoding import BrokenVideo, ChangedVideo, Header, Place
from .embedders import UnitLength
from .failure import Failure
from .reading import Part, Reading
from .store import Listed, Store, is_taken
from .stored import read_stored

CODE = "STUDIO_DATABASE_FAILED"
FRAMES_PER_PART = 1000
KEYS = ("lightly.sharpness", "lightly.luminance")
NUMBER = (int, float)
HEADER = {"width": int, "height": int, "frames_per_second": NUMBER, "seconds": (int, float, type(None))}
FACTS = {
    "video": str,
    "version": str,
    "reason": (str, type(None)),
    "header": HEADER,
    "read": int,
    "seconds": NUMBER,
}


class StoredIndex:
    """A stored index, with the interface of `Reading`."""

    def __init__(self, facts: dict[str, Any], places: NDArray[Any], rows: NDArray[Any], measured: NDArray[Any]) -> None:
        self.facts, self.places, self.rows, self.measured = facts, places, rows, measured
        self.header = Header(**{key: facts["header"][key] for key in HEADER})

    def parts(self) -> Iterator[Part]:
        if self.facts["reason"] is not None:
            raise BrokenVideo(self.facts["reason"])
        total, left_out = len(self.rows), self.facts["read"] - len(self.rows)
        for start in range(0, total, FRAMES_PER_PART):
            end = min(start + FRAMES_PER_PART, total)
            frames = [Place(int(one[0]), int(one[1]), float(one[2]), int(one[3])) for one in self.places[start:end]]
            measured = [dict(zip(KEYS, map(float, one), strict=True)) for one in self.measured[start:end]]
            is_last = end == total
            seconds = self.facts["seconds"] if is_last else frames[-1].seconds
            yield Part(frames, self.rows[start:end], measured, end - start + (left_out if is_last else 0), seconds)


class Indexes:
    def __init__(self, store: Store, dataset_uri: str, embedder: UnitLength) -> None:
        self.store, self.folder, self.embedder = store, f"{dataset_uri}/index", embedder
        self.space = embedder.embedding_space_spec().space_key

    def uri(self, listed: Listed, rate: float | None) -> str:
        """The URI of an index. It depends on version, rate and model."""
        key = json.dumps([listed.uri, listed.version, rate or 0, self.space])
        return f"{self.folder}/{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"

    def reading(self, listed: Listed, rate: float | None) -> Reading:
        return Reading(self.store, listed, rate, self.embedder)

    def find(self, listed: Listed, rate: float | None) -> StoredIndex | None:
        content = self.store.read(self.uri(listed, rate), CODE)
        return None if content is None else self.parse(content, listed)

    def make(self, listed: Listed, rate: float | None, tell: Any) -> bool:
        """Indexes a video unless its index exists. The first index is kept; a damaged one is replaced."""
        uri = self.uri(listed, rate)
        there = self.store.read_with_version(uri, CODE)
        if there is not None and self.parse(there[0], listed) is not None:
            return False
        header, parts, reason = Header(0, 0, 0.0, None), [], None
        try:
            reading = self.reading(listed, rate)
            header = reading.header
            for part in reading.parts():
                parts.append(part)
                tell(sum(one.read for one in parts), header.frames(rate))
        except ChangedVideo:
            raise
        except BrokenVideo as error:
            reason = str(error)
        facts = {
            "video": listed.uri,
            "version": listed.version,
            "reason": reason,
            "header": vars(header),
            "read": sum(one.read for one in parts),
            "seconds": parts[-1].seconds if parts else 0.0,
        }
        condition = {"IfNoneMatch": "*"} if there is None else {"IfMatch": there[1]}
        try:
            self.store.write(uri, pack(facts, parts, self.embedder.dimension), CODE, **condition)
        except Failure as failure:
            if not is_taken(failure):
                raise
        return True

    def parse(self, content: bytes, listed: Listed) -> StoredIndex | None:
        """Parses an index. Returns None if it is damaged, because others can write to the bucket."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                places, rows, measured = file["places"], file["rows"], file["measured"]
                facts = read_stored(file["facts"].tobytes(), FACTS)
        except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        if facts is None or (facts["video"], facts["version"]) != (listed.uri, listed.version):
            return None
        shapes = (places.shape, rows.shape, measured.shape)
        count = len(rows) if rows.ndim else 0
        if shapes != ((count, 4), (count, self.embedder.dimension), (count, len(KEYS))) or count > facts["read"]:
            return None
        if not all(one.dtype.kind == "f" and np.isfinite(one).all() for one in (places, rows, measured)):
            return None
        is_whole = (count > 0) == (facts["reason"] is None)
        return StoredIndex(facts, places, rows.astype(np.float32), measured) if is_whole else None


def pack(facts: dict[str, Any], parts: list[Part], dimension: int) -> bytes:
    frames = [] if facts["reason"] else [one for part in parts for one in part.frames]
    kept = [part for part in parts if frames and part.frames]
    content = io.BytesIO()
    np.savez(
        content,
        facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
        places=np.array([[one.number, one.pts, one.seconds, one.rotation] for one in frames], float).reshape(-1, 4),
        rows=np.concatenate([np.zeros((0, dimension), np.float32), *(part.rows for part in kept)]),
        measured=np.array([[one[key] for key in KEYS] for part in kept for one in part.measured], float).reshape(-1, 2),
    )
    return content.getvalue()
