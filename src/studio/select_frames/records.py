"""The selections of the runs of a dataset, one object each in the dataset's folder. They are the source of truth."""

from __future__ import annotations

from typing import Any

from .failure import Failure
from .spec import Spec
from .store import Store
from .stored import read_stored

CODE = "STUDIO_DATABASE_FAILED"
SHAPE = {
    "runId": str,
    "spec": str,
    "sequence": int,
    "videos": [{"uri": str, "version": str}],
    "frames": [{"video": str, "frame": int, "uri": str}],
    "counts": dict,
}


class Records:
    def __init__(self, store: Store, spec: Spec) -> None:
        self.store, self.spec = store, spec
        self.folder = f"{spec.dataset_uri}/runs/"
        found = [self.parse(one.uri) for one in store.list(self.folder, CODE) if one.uri.endswith(".json")]
        self.own = next((one for one in found if one["runId"] == spec.run_id), None)
        self.earlier = sorted((one for one in found if one is not self.own), key=lambda one: one["sequence"])
        if self.own is not None and self.own["spec"] != spec.fingerprint:
            raise Failure(
                "STUDIO_SPEC_INVALID", f"The run {spec.run_id} was done with another request. Use a new run id."
            )

    def parse(self, uri: str) -> dict[str, Any]:
        record: dict[str, Any] | None = read_stored(self.store.read(uri, CODE), SHAPE)
        if record is None:
            raise Failure(CODE, f"{uri} is not the record of a run. Restore it, or use another dataset.")
        return record

    def used_versions(self) -> dict[str, str]:
        """The videos from which earlier runs have selected, in the versions that they have used."""
        return {one["uri"]: one["version"] for record in self.earlier for one in record["videos"]}

    def rates(self) -> dict[str, float | None]:
        """The frames per second at which earlier runs have read their videos; None: every frame."""
        return {one["uri"]: one.get("framesPerSecond") for record in self.earlier for one in record["videos"]}

    def earlier_runs(self) -> dict[str, set[tuple[str, int]]]:
        """The selected frames of each earlier run, by its id."""
        return {record["runId"]: {(one["video"], one["frame"]) for one in record["frames"]} for record in self.earlier}

    def earlier_frames(self) -> list[tuple[str, int]]:
        return [(one["video"], one["frame"]) for record in self.earlier for one in record["frames"]]

    def save(self, record: dict[str, Any]) -> None:
        last = self.earlier[-1]["sequence"] if self.earlier else 0
        self.own = {**record, "sequence": last + 1, "spec": self.spec.fingerprint}
        self.store.write(f"{self.folder}{self.spec.run_id}.json", self.own, CODE)
