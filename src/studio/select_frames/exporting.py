"""Writes the pictures of the selected frames, in one folder per video."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from .decoding import BrokenVideo, Video
from .failure import Failure
from .progress import Progress
from .spec import Spec
from .store import Listed, Store

CODE = "STUDIO_OUTPUT_REFUSED"
FORMATS = {".png": ("PNG", "image/png"), ".jpg": ("JPEG", "image/jpeg"), ".webp": ("WEBP", "image/webp")}


def folder_of(uri: str) -> str:
    """The folder of a video. Two videos with the same name have different folders."""
    return hashlib.sha256(uri.encode()).hexdigest()[:10]


def name_of(uri: str, number: int, extension: str) -> str:
    stem, _, kind = uri.rsplit("/", 1)[-1].rpartition(".")
    return f"frames/{folder_of(uri)}/{stem}-{number:06d}-{kind}{extension}"


def export(
    store: Store, spec: Spec, versions: dict[str, Listed], frames: list[dict[str, Any]], progress: Progress
) -> None:
    """Writes the pictures that an interrupted run has not written yet."""
    there = {one.uri for one in store.list(f"{spec.folder}/frames/", CODE)}
    missing: dict[str, set[int]] = {}
    for one in frames:
        if one["uri"] not in there:
            missing.setdefault(one["video"], set()).add(one["frame"])
    done = len(frames) - sum(len(numbers) for numbers in missing.values())
    progress("export", done, len(frames))
    for uri, numbers in missing.items():
        listed = versions.get(uri) or store.version(uri, "STUDIO_INPUT_UNREADABLE")
        if listed is None:
            raise Failure(
                "STUDIO_INPUT_UNREADABLE", f"{uri}, which frames were selected from, is gone. Upload it again."
            )
        for number, content in pictures(store, listed, numbers, spec.extension):
            target = f"{spec.folder}/{name_of(uri, number, spec.extension)}"
            store.write(target, content, CODE, ContentType=FORMATS[spec.extension][1])
            done += 1
            progress("export", done, len(frames))


def pictures(store: Store, listed: Listed, numbers: set[int], extension: str) -> Any:
    left = set(numbers)
    try:
        video = Video(store, listed)
        try:
            for one in video.frames():
                if one.place.number in left:
                    left.remove(one.place.number)
                    content = io.BytesIO()
                    one.image().save(content, format=FORMATS[extension][0])
                    yield one.place.number, content.getvalue()
                if not left:
                    return
        finally:
            video.close()
    except BrokenVideo as error:
        raise Failure(
            "STUDIO_INPUT_UNREADABLE", f"{listed.uri}, which frames were selected from, is {error}."
        ) from error
    raise Failure("STUDIO_INPUT_UNREADABLE", f"{listed.uri} has no frame {min(left)} any more. Upload it again.")
