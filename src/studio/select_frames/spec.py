"""The request: one JSON object."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from .failure import Failure

EXTENSIONS = (".png", ".jpg", ".webp")


@dataclass(frozen=True)
class Spec:
    run_id: str
    dataset: str
    inputs: tuple[str, ...]
    """S3 URIs of objects, or of folders if they end with a slash."""
    output: str
    """S3 URI of the folder in which the run creates its own folder."""
    dataset_uri: str
    """S3 URI of the dataset's folder, with its lease, the records of its runs and its database."""
    selection: dict[str, Any]
    frames_per_second: float | None
    """Frames per second of the candidates; None: every frame."""
    embedder: str
    """pe, mobileclip, grid, or a Python file with a class Embedder: a path, or an S3 URI."""
    weights: str | None
    """S3 URI of a folder with the files of the models."""
    extension: str
    fingerprint: str
    """A hash of the request: equal requests have the same one."""

    @property
    def folder(self) -> str:
        return f"{self.output}/{self.run_id}"


def read_object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text, parse_constant=refuse_constant)
        json.dumps(values, ensure_ascii=False).encode()  # Half of a character is in no name.
    except ValueError as error:
        raise invalid(f"The spec is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise invalid("The spec is not an object.")
    return values


def read_spec(values: dict[str, Any]) -> Spec:
    known = {"runId", "dataset", "inputs", "output", "datasetUri", "selection"}
    options = {"framesPerSecond", "embedder", "weights", "extension"}
    if unknown := sorted(set(values) - known - options):
        raise invalid(f"The spec has unknown keys: {', '.join(unknown)}.")
    run_id = text_of(values, "runId")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", run_id) or run_id.strip(".") == "":
        raise invalid("runId may have letters, digits, dots, underscores and hyphens, up to 100.")
    inputs = values.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise invalid("inputs is not a list of S3 URIs.")
    rate = values.get("framesPerSecond")
    if rate is not None and (isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 < rate <= 1000):
        raise invalid("framesPerSecond must be above 0 and up to 1000, or null for every frame.")
    extension = values.get("extension", ".png")
    if extension not in EXTENSIONS:
        raise invalid(f"extension must be one of {' '.join(EXTENSIONS)}.")
    weights = values.get("weights")
    return Spec(
        run_id=run_id,
        dataset=text_of(values, "dataset"),
        inputs=tuple(s3_uri(one, "inputs") for one in inputs),
        output=s3_uri(values.get("output"), "output").rstrip("/"),
        dataset_uri=s3_uri(values.get("datasetUri"), "datasetUri").rstrip("/"),
        selection=check_selection(values.get("selection")),
        frames_per_second=rate,
        embedder=str(values.get("embedder", "pe")),
        weights=None if weights is None else s3_uri(weights, "weights").rstrip("/"),
        extension=extension,
        fingerprint=hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16],
    )


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def check_selection(selection: Any) -> dict[str, Any]:
    if not isinstance(selection, dict) or not isinstance(selection.get("strategies"), list):
        raise invalid("selection is not an object with a list of strategies.")
    if not selection["strategies"]:
        raise invalid("The selection has no strategy.")
    if unknown := sorted(set(selection) - {"nSamples", "proportionSamples", "strategies", "autoTasks"}):
        raise invalid(f"The selection has unknown keys: {', '.join(unknown)}.")
    if selection.get("autoTasks"):
        raise invalid("LightlyStudio selects whole frames, not tiles or crops: remove autoTasks.")
    return selection


def text_of(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not value.strip():
        raise invalid(f"{key} is missing, or not a text.")
    return value


def s3_uri(value: Any, key: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"s3://[a-z0-9.-]{3,63}(/.*)?", value, re.DOTALL):
        raise invalid(f"{key} has {value!r} where an S3 URI is expected.")
    return value


def invalid(message: str) -> Failure:
    return Failure("STUDIO_SPEC_INVALID", message)
