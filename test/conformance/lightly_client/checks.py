"""Named checks: each prints one line, and a failed one ends the script with status 1."""

from contextlib import contextmanager
from typing import Any, Iterator, Type

passed = 0


@contextmanager
def check(name: str) -> Iterator[None]:
    global passed
    try:
        yield
    except BaseException:
        print(f"not ok - {name}", flush=True)
        raise
    passed += 1
    print(f"ok - {name}", flush=True)


def equal(actual: Any, expected: Any) -> None:
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


@contextmanager
def raises(kind: Type[BaseException], **attributes: Any) -> Iterator[None]:
    try:
        yield
    except kind as error:
        for name, expected in attributes.items():
            equal(getattr(error, name), expected)
    else:
        raise AssertionError(f"expected {kind.__name__}, and nothing was raised")
