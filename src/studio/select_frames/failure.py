"""The failures of a run. Each has a stable code and its own exit code."""

from __future__ import annotations

import json
import sys
from typing import Any

EXIT_CODES = {
    "STUDIO_SCRIPT_FAILED": 1,
    "STUDIO_SPEC_INVALID": 2,
    "STUDIO_INPUT_UNREADABLE": 4,
    "STUDIO_OUTPUT_REFUSED": 5,
    "STUDIO_DATABASE_FAILED": 6,
    "STUDIO_MODEL_UNAVAILABLE": 7,
    "STUDIO_DATASET_BUSY": 8,
    "STUDIO_DISK_FULL": 9,
    "STUDIO_NOT_INSTALLED": 10,
    "STUDIO_DATASET_MISMATCH": 11,
}
NOTHING_SELECTED = 3
TERMINATED = 143
STDOUT = sys.stdout
"""Stdout, only for the lines of this program. The output of libraries goes to stderr."""


class Failure(Exception):
    """A failure. Its message says what happened, to which resource, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Terminated(SystemExit):
    """The process was terminated by a signal. Unlike SystemExit, it is not raised by a library that calls exit."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def print_line(values: dict[str, Any]) -> None:
    print(json.dumps(values), file=STDOUT, flush=True)
