"""The videos of a run, listed here because LightlyStudio only logs a failed listing and continues with fewer videos."""

from __future__ import annotations

from .failure import Failure
from .spec import Spec
from .store import Listed, Store
from .stored import read_stored

VIDEOS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".flv", ".wmv", ".m4v", ".mpg", ".mpeg", ".hevc")
CODE = "STUDIO_INPUT_UNREADABLE"
SHAPE = {"spec": str, "videos": [{"uri": str, "size": int, "version": str}]}


def list_videos(store: Store, spec: Spec) -> list[Listed]:
    found: dict[str, Listed] = {}
    for uri in spec.inputs:
        single = None if uri.endswith("/") or uri.count("/") < 3 else store.version(uri, CODE)
        listed = [single] if single else list(store.list(uri.rstrip("/") + "/", CODE))
        if not listed:
            raise Failure(CODE, f"There is neither an object nor a folder {uri}. Upload the videos first.")
        for one in listed:
            if one.uri.lower().endswith(VIDEOS):
                found[one.uri] = one
    if not found:
        raise Failure(CODE, f"There is no video ({' '.join(VIDEOS)}) under {', '.join(spec.inputs)}.")
    return [found[uri] for uri in sorted(found)]


def inputs_of(store: Store, spec: Spec) -> list[Listed]:
    """The saved list, which a repeated run uses too, even if videos were uploaded or changed in the meantime."""
    uri = f"{spec.folder}/inputs.json"
    saved = read_stored(store.read(uri, "STUDIO_OUTPUT_REFUSED"), SHAPE)
    if saved is None:
        videos = list_videos(store, spec)
        content = {"spec": spec.fingerprint, "videos": [vars(one) for one in videos]}
        store.write(uri, content, "STUDIO_OUTPUT_REFUSED")
        return videos
    if saved["spec"] != spec.fingerprint:
        raise Failure(
            "STUDIO_SPEC_INVALID", f"The run {spec.run_id} was started with another request. Use a new run id."
        )
    return [Listed(one["uri"], one["size"], one["version"]) for one in saved["videos"]]
