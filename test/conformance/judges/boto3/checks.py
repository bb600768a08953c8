"""Named checks: each tells in a line how it ended, and a failed one keeps no other from running."""

import time
import traceback
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional, TypeVar

from botocore.exceptions import ClientError

failed = 0
Found = TypeVar("Found")


def report_failure(name: str, error: BaseException) -> None:
    global failed
    failed += 1
    at = next((frame for frame in reversed(traceback.extract_tb(error.__traceback__)) if "judges" in frame.filename), None)
    where = "" if at is None else f" ({at.filename.rsplit('/', 1)[-1]}:{at.lineno})"
    why = f"{type(error).__name__}: {error}{where}".replace("\n", "\\n")
    print(f"not ok - {name}: {why}", flush=True)


def check(name: str) -> Callable[[Callable[[], Any]], None]:
    """Runs the decorated function at once, as a check of that name."""

    def run(body: Callable[[], Any]) -> None:
        try:
            body()
        except Exception as error:
            report_failure(name, error)
        else:
            print(f"ok - {name}", flush=True)

    return run


def equal(actual: Any, expected: Any) -> None:
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


@contextmanager
def refused(code: str, status: Optional[int] = None) -> Iterator[None]:
    """What is inside must be refused by the service, by that code and HTTP status."""
    try:
        yield
    except ClientError as error:
        answer = [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
        equal(answer, [code, answer[1] if status is None else status])
    else:
        raise AssertionError(f"expected {code}, and it was not refused")


def until(look: Callable[[], Optional[Found]], seconds: float = 20) -> Found:
    """Looks until there is something to be seen."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not seen within {seconds} s; last look: {found!r}")
        time.sleep(0.05)
