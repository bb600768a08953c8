"""A client whose clock is wrong."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Iterator

import botocore.auth

_right = botocore.auth.get_current_datetime


@contextmanager
def clock_off_by(minutes: int) -> Iterator[None]:
    def wrong(*args: Any, **options: Any) -> datetime:
        return _right(*args, **options) + timedelta(minutes=minutes)

    botocore.auth.get_current_datetime = wrong
    try:
        yield
    finally:
        botocore.auth.get_current_datetime = _right
