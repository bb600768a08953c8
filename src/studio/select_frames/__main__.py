"""The program. Its argument is the request. The exit code and the last line of stdout report the result."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import signal
import sys
from dataclasses import replace

# Set before any import that may load LightlyStudio, which would start to send telemetry.
os.environ["LIGHTLY_STUDIO_ANALYTICS_ENABLED"] = "false"
os.environ["TQDM_DISABLE"] = "1"
# Otherwise LightlyStudio adds a verbose handler. Systems Manager returns only 8,000 characters of stderr.
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
logging.getLogger().handlers[0].setLevel(logging.ERROR)

from select_frames.failure import EXIT_CODES, NOTHING_SELECTED, Failure, Terminated, print_line  # noqa: E402

sys.stdout = sys.stderr

VERSION = "1.2.0"
PYTHON = (3, 10)
FULL = (errno.ENOSPC, errno.EDQUOT)


def main() -> int:
    signal.signal(signal.SIGTERM, terminate)
    try:
        check_installation()
        from select_frames.container import with_items
        from select_frames.run import prepare, run
        from select_frames.spec import read_object, read_spec
        from select_frames.store import Store

        store = Store()
        given = read_object(sys.argv[1] if len(sys.argv) == 2 else "")
        values, own = with_items(given, os.environ, lambda uri: store.read(uri, "STUDIO_INPUT_UNREADABLE"))
        spec = read_spec(values)
        work = os.environ.get("LIGHTLY_STUDIO_WORK_DIR", "/var/tmp/lightly-studio")
        folder = make_folder(os.path.join(work, hashlib.sha256(spec.dataset_uri.encode()).hexdigest()[:16]))
        if own is not None:
            return prepare(replace(spec, inputs=(spec.inputs[own],)), store, folder)
        code = run(spec, store, folder)
        # AWS Batch treats every code except 0 as a failure. The manifest shows that nothing was selected.
        return 0 if code == NOTHING_SELECTED and "AWS_BATCH_JOB_ID" in os.environ else code
    except Failure as failure:
        return fail(failure.code, str(failure))
    except (Terminated, KeyboardInterrupt):
        raise
    except BaseException as error:  # A panic of the engine is no Exception.
        return unexpected(error)


def check_installation() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("lightly-studio")
    except PackageNotFoundError:
        found = "no"
    if sys.version_info < PYTHON:
        raise Failure(
            "STUDIO_NOT_INSTALLED", f"{sys.executable} is older than 3.10. Make its environment with a newer Python."
        )
    if found != VERSION:
        raise Failure(
            "STUDIO_NOT_INSTALLED", f"{sys.executable} has {found} lightly-studio, and version {VERSION} is needed."
        )


def make_folder(path: str) -> str:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        if error.errno in FULL:
            raise
        raise Failure("STUDIO_DATABASE_FAILED", f"The work folder {path} can't be made: {error}.") from error
    return path


def unexpected(error: BaseException) -> int:
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    for cause in causes:
        if isinstance(cause, Failure):
            return fail(cause.code, str(cause))
    texts = " ".join(str(cause) for cause in causes)
    full = any(isinstance(cause, OSError) and cause.errno in FULL for cause in causes)
    if full or "No space left on device" in texts:
        return fail("STUDIO_DISK_FULL", "The disk of the instance is full. Give it a larger volume.")
    logging.error("unexpected", exc_info=error)
    # The first failure is more informative than those that follow from it.
    first = next((cause for cause in causes if "duckdb" in type(cause).__module__), causes[-1])
    is_database = "duckdb" in type(first).__module__ or "sqlalchemy" in type(error).__module__
    message = f"{type(first).__name__}: {first}".rstrip(". ")
    if is_database:
        return fail(
            "STUDIO_DATABASE_FAILED", f"{message}. Delete studio.duckdb in the dataset's folder; it is made again."
        )
    return fail("STUDIO_SCRIPT_FAILED", f"{message}.")


def fail(code: str, message: str) -> int:
    print_line({"phase": "failed", "code": code, "message": message[:2000]})
    return EXIT_CODES[code]


def terminate(*_: object) -> None:
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
