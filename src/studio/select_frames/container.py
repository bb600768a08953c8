"""Runs a request in a job of AWS Batch: its videos are the items of the job, of which a container processes a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .exporting import folder_of
from .failure import Failure

CODE = "STUDIO_SPEC_INVALID"


def with_items(
    values: dict[str, Any], environment: Mapping[str, str], read: Callable[[str], bytes | None]
) -> tuple[dict[str, Any], int | None]:
    """Returns the request, and the index of the input if this container only reads one video for the final job."""
    text = environment.get("LIGHTLY_ITEMS")
    uri = environment.get("LIGHTLY_ITEMS_URI")
    if text is None and uri is None:
        return values, None
    if values.get("inputs"):
        raise Failure(CODE, "The videos are the items of the job: the spec must not have inputs.")
    if text is None:
        content = read(str(uri))
        if content is None:
            raise Failure(CODE, f"The list of items {uri} does not exist. Do not delete it before the job has ended.")
        text = content.decode()
    items = text.rstrip("\n").split("\n")
    part = environment.get("LIGHTLY_PART")
    if part == "all":
        return {**values, "inputs": items}, None
    index = environment.get("AWS_BATCH_JOB_ARRAY_INDEX", "0")
    if not index.isdecimal() or int(index) >= len(items):
        raise Failure(CODE, f"The job has {len(items)} items, and this is child {index}.")
    if part == "item":
        return {**values, "inputs": items}, int(index)
    # Each child selects from its own video. Only one run at a time can use a dataset.
    item = items[int(index)]
    own = folder_of(item)
    names = {key: f"{values.get(key)}-{end}" for key, end in (("runId", index), ("dataset", own))}
    uri = f"{str(values.get('datasetUri')).rstrip('/')}/{own}"
    return {**values, **names, "inputs": [item], "datasetUri": uri}, None
