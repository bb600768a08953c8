"""Selects from the indexed videos and the records of earlier runs, and returns the record of this run."""

from __future__ import annotations

from typing import Any

from .database import Database, Frame
from .exporting import name_of
from .indexing import Indexing
from .records import Records
from .selecting import Plan, Pool, select
from .store import Listed, Store


def earlier_pool(records: Records, indexing: Indexing, store: Store) -> list[Frame]:
    """The frames of earlier runs. If the database is new, their videos are read again."""
    database = indexing.database
    wanted = records.earlier_frames()
    versions, rates = records.used_versions(), records.rates()
    lost = []
    for uri in dict.fromkeys(uri for uri, _ in wanted):
        if database.indexed(uri) is None:
            there = store.version(uri, "STUDIO_INPUT_UNREADABLE")
            if there is not None and there.version == versions[uri] and indexing.index([there], rates[uri]):
                continue
            lost.append(uri)
            indexing.notes.append(
                {"uri": uri, "note": "its earlier selected frames no longer count: it is gone or changed"}
            )
    frames = {
        (one.uri, one.number): one
        for one in database.frames_of([uri for uri in dict.fromkeys(uri for uri, _ in wanted) if uri not in lost])
    }
    for uri, number in wanted:
        if uri not in lost and (uri, number) not in frames:
            note = f"its frame {number}, selected earlier, no longer counts: the model leaves it out"
            indexing.notes.append({"uri": uri, "note": note})
    return [frames[key] for key in wanted if key in frames]


def pick(
    plan: Plan, database: Database, videos: list[Listed], earlier: list[Frame], records: Records
) -> dict[str, Any]:
    spec = records.spec
    candidates = database.frames_of([one.uri for one in videos])
    frames = candidates + earlier
    metadata = database.metadata_of([one.id for one in frames])
    pool = Pool(frames, database.embeddings(frames), [metadata.get(one.id, {}) for one in frames], len(candidates))
    picks = select(pool, plan) if candidates else []
    counts: dict[str, int] = {}
    for one in candidates:
        counts[one.uri] = counts.get(one.uri, 0) + 1
    return {
        "runId": spec.run_id,
        "videos": [
            {
                "uri": one.uri,
                "version": one.version,
                "frames": counts.get(one.uri, 0),
                "framesPerSecond": spec.frames_per_second,
            }
            for one in videos
        ],
        "frames": [
            {
                "video": one.frame.uri,
                "frame": one.frame.number,
                "seconds": round(one.frame.seconds, 6),
                "pts": one.frame.pts,
                "uri": f"{spec.folder}/{name_of(one.frame.uri, one.frame.number, spec.extension)}",
                "distance": one.distance,
                **{
                    key.removeprefix("lightly."): round(value, 3)
                    for key, value in metadata.get(one.frame.id, {}).items()
                    if key in ("lightly.sharpness", "lightly.luminance")
                },
            }
            for one in picks
        ],
        "counts": {"frames": len(candidates), "selectedBefore": len(earlier)},
    }
