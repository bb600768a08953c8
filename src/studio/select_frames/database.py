"""LightlyStudio's database of a dataset: a local file with a copy in S3, which can be recreated."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import lightly_studio
import numpy as np
from lightly_studio.embed.default_embedder import resolve_default_embedder
from lightly_studio.embed.embedding_storage import store_embeddings
from lightly_studio.models.metadata import SampleMetadataTable
from lightly_studio.models.sample import SampleTagLinkTable
from lightly_studio.models.video import VideoCreate, VideoFrameCreate, VideoFrameTable
from lightly_studio.resolvers import tag_resolver, video_frame_resolver, video_resolver
from lightly_studio.sampling.sampling_helpers import get_embeddings_by_sample_ids
from lightly_studio.utils.batching import batched
from lightly_studio_serve.embedder import ImagePILEmbedder
from numpy.typing import NDArray
from sqlalchemy import text
from sqlmodel import col, delete, select

from .decoding import Header
from .embedders import UnitLength
from .failure import Failure, print_line
from .reading import Part
from .store import Store, recall, remember

CODE = "STUDIO_DATABASE_FAILED"
INDEXED = "select_frames"


@dataclass(frozen=True)
class Frame:
    """An indexed frame."""

    uri: str
    number: int
    seconds: float
    pts: int
    id: UUID


class Database:
    def __init__(self, dataset: Any, model_id: UUID, store: Store, path: str, uri: str) -> None:
        self.dataset, self.session, self.model_id = dataset, dataset.session, model_id
        self.frames_id = dataset.frames().collection_id
        self.store, self.path, self.uri = store, path, uri
        self.videos: dict[str, UUID] = {video.file_path_abs: video.sample_id for video in dataset}
        marks = self.metadata_of(list(self.videos.values()))
        self.facts = {uri: marks.get(video_id, {}).get(INDEXED) for uri, video_id in self.videos.items()}

    def indexed(self, uri: str) -> dict[str, Any] | None:
        """The index of a video; None if the video is not indexed, or only in part."""
        return self.facts.get(uri)

    def add_videos(self, videos: list[tuple[str, Header]]) -> list[UUID]:
        """Adds many videos at once: a call takes about as long for 50 videos as for one."""
        for uri, _ in videos:
            self.forget(uri)  # Another version of it, or half of it.
        samples = [
            VideoCreate(
                width=header.width,
                height=header.height,
                duration_s=header.seconds,
                fps=header.frames_per_second,
                file_name=uri.rsplit("/", 1)[-1],
                file_path_abs=uri,
            )
            for uri, header in videos
        ]
        ids = video_resolver.create_many(self.session, self.dataset.collection_id, samples)
        self.videos.update(zip((uri for uri, _ in videos), ids, strict=True))
        return ids

    def add_frames(self, parts: list[tuple[UUID, Part]]) -> None:
        """Adds frames of several videos: each part has the id of its video."""
        samples = [
            VideoFrameCreate(
                frame_number=one.number,
                frame_timestamp_pts=one.pts,
                frame_timestamp_s=one.seconds,
                parent_sample_id=video_id,
                rotation_deg=one.rotation,
            )
            for video_id, part in parts
            for one in part.frames
        ]
        if not samples:
            return
        ids = video_frame_resolver.create_many(self.session, self.frames_id, samples)
        rows = np.concatenate([part.rows for _, part in parts if part.frames])
        store_embeddings(self.session, self.model_id, ids, rows, show_progress=False)
        measured = [one for _, part in parts for one in part.measured]
        self.dataset.update_metadata(list(zip(ids, measured, strict=True)))

    def complete_videos(self, facts: dict[str, dict[str, Any]]) -> None:
        """Marks videos, by their URIs, as completely indexed."""
        self.dataset.update_metadata([(self.videos[uri], {INDEXED: one}) for uri, one in facts.items()])
        self.facts.update(facts)

    def forget(self, uri: str) -> None:
        """Deletes a video. LightlyStudio's own deletion fails because of the foreign keys of tags and metadata."""
        self.facts.pop(uri, None)
        video_id = self.videos.pop(uri, None)
        if video_id is None:
            return
        frames = select(VideoFrameTable.sample_id).where(col(VideoFrameTable.parent_sample_id) == video_id)
        for table in (SampleTagLinkTable, SampleMetadataTable):
            self.session.exec(delete(table).where(col(table.sample_id).in_(frames)))
            self.session.exec(delete(table).where(col(table.sample_id) == video_id))
        self.session.commit()
        video_resolver.delete_with_frames(session=self.session, video_sample_id=video_id)

    def frames_of(self, uris: list[str]) -> list[Frame]:
        """Returns the frames of videos, in the order of the videos."""
        found: dict[UUID, list[Frame]] = {self.videos[uri]: [] for uri in uris}
        names = {self.videos[uri]: uri for uri in uris}
        for ids in batched(names):
            query = (
                select(VideoFrameTable)
                .where(col(VideoFrameTable.parent_sample_id).in_(ids))
                .order_by(col(VideoFrameTable.frame_number))
            )
            for one in self.session.exec(query):
                video_id = one.parent_sample_id
                found[video_id].append(
                    Frame(
                        names[video_id],
                        one.frame_number,
                        one.frame_timestamp_s,
                        one.frame_timestamp_pts,
                        one.sample_id,
                    )
                )
        return [frame for frames in found.values() for frame in frames]

    def embeddings(self, frames: list[Frame]) -> NDArray[np.float32]:
        rows = get_embeddings_by_sample_ids(self.session, self.frames_id, [one.id for one in frames], None)
        if len(rows) != len(frames):  # LightlyStudio would go on, with the rows of other frames.
            raise Failure(CODE, f"{len(frames) - len(rows)} of {len(frames)} frames have no embedding. Report this.")
        return np.asarray(rows, np.float32).reshape(len(frames), -1)

    def metadata_of(self, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
        """Returns the metadata of videos or frames."""
        found: dict[UUID, dict[str, Any]] = {}
        for some in batched(ids):
            query = select(SampleMetadataTable).where(col(SampleMetadataTable.sample_id).in_(some))
            found.update({one.sample_id: one.data for one in self.session.exec(query)})
        return found

    def tag(self, name: str, selected: set[tuple[str, int]]) -> None:
        """Adds a tag for users who open the dataset. The selection itself is in the records."""
        videos = sorted({uri for uri, _ in selected if uri in self.videos})
        frames = [one for one in self.frames_of(videos) if (one.uri, one.number) in selected]
        if frames:
            tag = tag_resolver.get_or_create_sample_tag_by_name(self.session, self.frames_id, name)
            tag_resolver.add_sample_ids_to_tag_id(self.session, tag.tag_id, [one.id for one in frames])

    def has_tag(self, name: str) -> bool:
        return tag_resolver.get_by_name(self.session, name, self.frames_id) is not None

    def save(self) -> None:
        self.session.commit()
        self.session.exec(text("CHECKPOINT"))
        self.session.commit()
        with open(self.path, "rb") as file:
            version = self.store.write(self.uri, file, CODE)
        remember(self.path, version)


@contextmanager
def open_database(name: str, embedder: UnitLength, store: Store, folder: str, dataset_uri: str) -> Iterator[Database]:
    path, uri = os.path.join(folder, "studio.duckdb"), f"{dataset_uri}/studio.duckdb"
    lightly_studio.register_default_embedder(embedder)
    fetch(store, path, uri)
    dataset = connect(path, name)
    if dataset is None:  # The copy in S3 may be better.
        fetch(store, path, uri)
        dataset = connect(path, name) or connect(path, name)
    if dataset is None:
        raise Failure(CODE, f"The database {path} can't be made.")
    try:
        found = resolve_default_embedder(dataset.session, dataset.frames().collection_id, ImagePILEmbedder)  # type: ignore[type-abstract]
        if found is None or found[0] is not embedder:
            space = embedder.embedding_space_spec().space_key
            raise Failure(
                "STUDIO_DATASET_MISMATCH",
                f"The dataset {name} was embedded with another model than {space}. Use that one, or another dataset.",
            )
        yield Database(dataset, found[1], store, path, uri)
    finally:
        dataset.session.rollback()  # Without it, `close` hides what really happened.
        lightly_studio.db_manager.close()


def connect(path: str, name: str) -> Any:
    """Opens the dataset. Returns None if the file is damaged: it is removed, because it can be recreated."""
    try:
        lightly_studio.db_manager.connect(db_file=path)
        return lightly_studio.VideoDataset.load_or_create(name=name)
    except Exception as error:
        if "duckdb" not in type(error.__cause__).__module__ or "No space left" in str(error):
            advice = "Close LightlyStudio if it is open on it."
            raise Failure(CODE, f"The database {path} can't be opened: {error}. {advice}") from error
        print_line({"warning": f"The database {path} is damaged and is made again: {error}"[:1000]})
    lightly_studio.db_manager.close()
    gc.collect()  # DuckDB gives a path the file that it has open.
    discard(path)
    return None


def discard(path: str) -> None:
    for file in (path, path + ".wal", path + ".version"):
        with suppress(FileNotFoundError):
            os.remove(file)


def fetch(store: Store, path: str, uri: str) -> None:
    """Downloads the copy in S3, unless the local file is the latest saved version, or was never saved."""
    there = store.version(uri, CODE)
    saved = recall(path)
    if os.path.exists(path) and (saved is None or (there is not None and saved == there.version)):
        return
    discard(path)  # A copy that was deleted in S3 is to be made again.
    if there is not None:
        remember(path, store.download(uri, path, CODE))
