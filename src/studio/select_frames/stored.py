"""Reads stored JSON, which may be damaged, because others can write to the bucket."""

from __future__ import annotations

import json
from typing import Any


def read_stored(content: bytes | None, shape: Any) -> Any:
    """Returns None unless the content has at least this shape: a type, a list of a shape, or an object of shapes."""
    try:
        value = json.loads(content or b"")
    except ValueError:
        return None
    return value if has_shape(value, shape) else None


def has_shape(value: Any, shape: Any) -> bool:
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(
            key in value and has_shape(value[key], one) for key, one in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(value, list) and all(has_shape(one, shape[0]) for one in value)
    return isinstance(value, shape)
