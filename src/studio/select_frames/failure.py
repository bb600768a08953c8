"""The failures of a run: each has a stable code and an exit code of its own."""

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
"""For our lines only: what others print goes to stderr."""


class Failure(Exception):
    """What happened, to which resource, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Terminated(SystemExit):
    """By a signal, and not by a program that calls exit."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def print_line(values: dict[str, Any]) -> None:
    print(json.dumps(values), file=STDOUT, flush=True)
