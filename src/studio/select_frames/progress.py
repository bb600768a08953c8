"""Reports the progress of a run: the latest in progress.json, and a few lines on stdout, which AWS truncates."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from .failure import Failure, print_line
from .store import Store

EVERY_SECONDS = 3.0
MAX_CHARACTERS = 12_000
"""The limit of printed characters. Systems Manager shows 24,000, which must include the last line with the result."""


class Progress:
    def __init__(self, store: Store, uri: str | None, run_id: str) -> None:
        """`uri` is that of progress.json; None for a container that only prints, because many work on the same run."""
        self.store, self.uri, self.run_id = store, uri, run_id
        self.check: Callable[[], None] = lambda: None
        self.phase, self.written_at, self.printed, self.tenth = "", 0.0, 0, 0
        self.phases: list[dict[str, Any]] = []

    def __call__(self, phase: str, done: int = 0, of: int = 0, **facts: Any) -> None:
        """Reports progress. May be called often. Raises if the lease is lost."""
        self.check()
        is_new = phase != self.phase
        tenth = 10 * done // of if of else 0
        line = {"runId": self.run_id, "phase": phase, "done": done, "of": of, **facts}
        if is_new or tenth != self.tenth:
            self.say(line)
        if is_new:
            self.phases.append({"phase": phase, "at": round(time.time(), 2)})
        if is_new or time.monotonic() - self.written_at >= EVERY_SECONDS:
            self.written_at = time.monotonic()
            self.save(line)
        self.phase, self.tenth = phase, tenth

    def save(self, line: dict[str, Any]) -> None:
        if self.uri is None:
            return
        try:
            self.store.write(self.uri, {**line, "phases": self.phases}, "STUDIO_OUTPUT_REFUSED")
        except Failure as failure:  # News only: the manifest decides.
            self.say({"phase": self.phase, "warning": str(failure)})

    def say(self, line: dict[str, Any]) -> None:
        self.printed += len(json.dumps(line)) + 1
        if self.printed <= MAX_CHARACTERS:
            print_line(line)
