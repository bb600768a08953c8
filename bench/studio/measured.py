"""Runs a command, and prints its duration in seconds and the most memory that it has used, in MiB."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

started = time.monotonic()
ended = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
seconds = time.monotonic() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "memory": peak, "code": ended.returncode, "output": ended.stdout[-2000:] + ended.stderr[-2000:]}))
