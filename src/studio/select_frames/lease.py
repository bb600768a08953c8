"""Lets one run at a time use a dataset: by a lease in S3 for all instances, by a locked file for processes of one."""

from __future__ import annotations

import fcntl
import math
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .failure import Failure
from .store import Store, is_taken
from .stored import read_stored

SECONDS = 120
RENEW_SECONDS = 30
LOOK_SECONDS = 5
CODE = "STUDIO_DATASET_BUSY"
SHAPE = {"id": str, "runId": str, "place": str, "until": (int, float)}
DAMAGED = {"id": "", "runId": "of a damaged lease", "place": "an unknown instance", "until": math.inf}


class Lease:
    def __init__(self, store: Store, uri: str, run_id: str, folder: str, waiting: Callable[[float, str], None]) -> None:
        """`waiting` is called with the end of the lease of another run, and the id of that run."""
        self.store, self.uri, self.waiting = store, uri, waiting
        self.run_id, self.place = run_id, f"{socket.gethostname()}:{folder}"
        self.lock = open(os.path.join(folder, "lock"), "w")  # noqa: SIM115
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Failure(CODE, "Another process of this instance works on the dataset. Try again later.") from error
        self.id = uuid.uuid4().hex
        self.version, self.lost = self.take(), False
        self.ended = threading.Event()
        self.renewing = threading.Thread(target=self.renew, daemon=True)
        self.renewing.start()

    def take(self) -> str:
        """Waits for the end of a lease whose holder may be dead. Fails if the lease is renewed."""
        last: dict[str, Any] = {}
        seen, gives_up = ("", 0.0), time.time() + 2 * SECONDS
        while True:
            found = self.store.read_with_version(self.uri, CODE)
            if found is None:
                version = self.put(IfNoneMatch="*")
            else:
                holder, version = parse(found[0]), found[1]
                if seen[0] != version:
                    seen = (version, time.time())
                # A lease that was not renewed for so long has expired, independent of its content and of other clocks.
                until = min(seen[1] + SECONDS, holder["until"])
                waits = until - time.time()
                if waits > 0 and not self.is_own(holder):
                    where = f"{holder['runId']} on {holder['place']}"
                    is_alive = holder["id"] == last.get("id") and holder["until"] > last["until"]
                    if is_alive or time.time() > gives_up:
                        raise Failure(CODE, f"The run {where} works on the dataset. Try again later.")
                    self.waiting(until, where)
                    last = holder
                    time.sleep(min(waits, LOOK_SECONDS))
                    continue
                version = self.put(IfMatch=version)
            if version:
                return version

    def is_own(self, holder: dict[str, Any]) -> bool:
        # A holder on this machine is dead, because this process has the lock. A holder of the same run elsewhere was
        # canceled, or lost with its instance. If it is alive, it writes the same results until it notices the loss.
        return bool(holder["place"] == self.place or holder["runId"] == self.run_id)

    def put(self, seconds: int = SECONDS, **condition: str) -> str:
        """Returns the new version, or None if another process was faster."""
        content = {"id": self.id, "runId": self.run_id, "place": self.place, "until": time.time() + seconds}
        try:
            return self.store.write(self.uri, content, CODE, **condition)
        except Failure as failure:
            if is_taken(failure):
                return ""
            raise

    def renew(self) -> None:
        while not self.ended.wait(RENEW_SECONDS):
            with suppress(Failure):  # There is time for two more attempts.
                version = self.put(IfMatch=self.version)
                if not version:
                    # The lease was written by this process, and the response was lost.
                    found = self.store.read_with_version(self.uri, CODE)
                    if found is None or parse(found[0])["id"] != self.id:
                        self.lost = True
                        return
                    version = found[1]
                self.version = version

    def check(self) -> None:
        if self.lost:
            raise Failure(CODE, "Another run took over the dataset, because this one did not renew its lease in time.")

    def release(self) -> None:
        self.ended.set()
        self.renewing.join(RENEW_SECONDS)  # What it is writing would be newer than what is known here.
        if not self.lost:
            with suppress(Failure):  # It ends by itself.
                self.put(0, IfMatch=self.version)


def parse(content: bytes) -> dict[str, Any]:
    values: dict[str, Any] = read_stored(content, SHAPE) or DAMAGED
    return values
