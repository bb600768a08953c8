"""One run: index, select, export. Repeated after an interruption, it ends with the same result."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any

from . import failure
from .failure import Failure, print_line
from .lease import Lease
from .listing import inputs_of, list_videos
from .progress import Progress
from .records import Records
from .spec import Spec
from .store import Listed, Store
from .stored import read_stored


def run(spec: Spec, store: Store, folder: str) -> int:
    uri = f"{spec.folder}/manifest.json"
    # A damaged manifest is written again with the same frames, which are in the record of the run.
    finished = read_stored(store.read(uri, "STUDIO_OUTPUT_REFUSED"), {"spec": str, "frames": list, "counts": dict})
    if finished is not None:
        if finished["spec"] != spec.fingerprint:
            raise Failure(
                "STUDIO_SPEC_INVALID", f"The run {spec.run_id} was done with another request. Use a new run id."
            )
        return end(spec, finished)
    listed = inputs_of(store, spec)
    progress = Progress(store, f"{spec.folder}/progress.json", spec.run_id)

    def waiting(until: float, holder: str) -> None:
        reason = f"The run {holder} uses the dataset. If it has died, the dataset is free at {iso(until)}."
        progress("wait", message=reason, until=until)

    lease = Lease(store, f"{spec.dataset_uri}/lease.json", spec.run_id, folder, waiting)
    progress.check = lease.check
    try:
        progress("start", 0, len(listed))
        return end(spec, work(spec, store, folder, listed, progress))
    except Failure as error:
        progress.save({"runId": spec.run_id, "phase": "failed", "code": error.code, "message": str(error)})
        raise
    finally:
        lease.release()


def prepare(spec: Spec, store: Store, folder: str) -> int:
    """Runs a child of a job with a final job: reads its videos, and stores their indexes in the dataset's folder."""
    from .embedders import make_embedder
    from .indexes import Indexes
    from .selecting import plan_of

    plan_of(spec.selection, lambda: Records(store, spec).earlier_runs())  # Not only in the final job, hours later.
    listed = list_videos(store, spec)
    progress = Progress(store, None, spec.run_id)
    progress("start", 0, len(listed))
    indexes = Indexes(store, spec.dataset_uri, make_embedder(spec.embedder, spec.weights, store, folder))
    for number, one in enumerate(listed):
        labels = {"number": number + 1, "video": one.uri}
        indexes.make(one, spec.frames_per_second, lambda done, of, labels=labels: progress("index", done, of, **labels))
    print_line({"runId": spec.run_id, "phase": "done", "indexed": len(listed)})
    return 0


def end(spec: Spec, manifest: dict[str, Any]) -> int:
    counts = manifest["counts"]
    print_line({"runId": spec.run_id, "phase": "done", "manifest": f"{spec.folder}/manifest.json", "counts": counts})
    return 0 if manifest["frames"] else failure.NOTHING_SELECTED


def work(spec: Spec, store: Store, folder: str, listed: list[Listed], progress: Progress) -> dict[str, Any]:
    started = time.time()
    records = Records(store, spec)
    # Imported here, because it takes seconds, and most repeated runs have returned above.
    from .database import open_database
    from .embedders import make_embedder
    from .exporting import export
    from .indexes import Indexes
    from .indexing import Indexing
    from .selecting import plan_of
    from .selection import earlier_pool, pick

    plan = plan_of(spec.selection, records.earlier_runs)  # Before the videos are read, which may take hours.
    embedder = make_embedder(spec.embedder, spec.weights, store, folder)
    with open_database(spec.dataset, embedder, store, folder, spec.dataset_uri) as database:
        indexing = Indexing(database, Indexes(store, spec.dataset_uri, embedder), progress)
        used = records.used_versions()
        new = [one for one in listed if one.uri not in used]
        for one in listed:
            if one.uri in used and used[one.uri] != one.version:
                indexing.notes.append(
                    {"uri": one.uri, "note": "changed since frames of it were selected; not read again"}
                )
        usable = indexing.index(new, spec.frames_per_second)
        if len(indexing.broken) == len(listed):
            first = indexing.broken[0]
            raise Failure(
                "STUDIO_INPUT_UNREADABLE",
                f"None of the {len(listed)} videos can be used; the first is {first['uri']}: {first['reason']}.",
            )
        if indexing.added:
            database.save()
        if records.own is None:
            earlier = earlier_pool(records, indexing, store)
            progress("select", 0, len(database.frames_of([one.uri for one in usable])))
            records.save(pick(plan, database, usable, earlier, records))
        own = records.own or {}
        tagged = {spec.run_id: {(one["video"], one["frame"]) for one in own["frames"]}}
        for run_id, frames in records.earlier_runs().items():
            if not database.has_tag(f"run-{run_id}"):  # It is lost with a database that was made again.
                tagged[run_id] = frames
        for run_id, frames in tagged.items():
            for name in ("selected", f"run-{run_id}"):
                database.tag(name, frames)
        export(store, spec, {one.uri: one for one in listed}, own["frames"], progress)
        progress("save", 0, 1)
        database.save()
        facts = {"broken": indexing.broken, "notes": indexing.notes, "database": database.uri}
        space = embedder.embedding_space_spec().space_key
    manifest = {
        "version": 1,
        "engine": "studio",
        **own,
        **facts,
        "dataset": spec.dataset,
        "datasetUri": spec.dataset_uri,
        "framesPerSecond": spec.frames_per_second,
        "selection": spec.selection,
        "software": {
            "lightly-studio": version("lightly-studio"),
            "lightly-mundig": version("lightly-mundig"),
            "embedder": space,
        },
        "counts": {
            **own["counts"],
            "videos": len(listed),
            "broken": len(indexing.broken),
            "selected": len(own["frames"]),
        },
        "phases": progress.phases,
        "startedAt": iso(started),
        "endedAt": iso(time.time()),
    }
    store.write(f"{spec.folder}/manifest.json", manifest, "STUDIO_OUTPUT_REFUSED", ContentType="application/json")
    progress.save({"runId": spec.run_id, "phase": "done", "done": 1, "of": 1, **manifest["counts"]})
    return manifest


def iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
