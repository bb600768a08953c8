"""Reads and writes objects in S3. Errors name object and reason. No bucket is created, and nothing is deleted."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import botocore.config
import botocore.exceptions
import botocore.session

from .failure import Failure

T = TypeVar("T")
BLOCK = 8 * 2**20
BROKEN_ANSWERS = 2
BREAKS = (
    botocore.exceptions.ResponseStreamingError,
    botocore.exceptions.ReadTimeoutError,
    botocore.exceptions.IncompleteReadError,
)


@dataclass(frozen=True)
class Listed:
    uri: str
    size: int
    version: str


def split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


class Store:
    def __init__(self) -> None:
        config = botocore.config.Config(
            retries={"mode": "standard", "max_attempts": 5},
            s3={"addressing_style": "path" if os.environ.get("AWS_ENDPOINT_URL") else "auto"},
        )
        try:
            self.s3 = botocore.session.get_session().create_client("s3", config=config)
        except botocore.exceptions.BotoCoreError as error:
            raise Failure(
                "STUDIO_OUTPUT_REFUSED", f"The AWS settings of the instance are not valid: {error}"
            ) from error

    def read(self, uri: str, code: str) -> bytes | None:
        """Returns the content of an object; None if it does not exist."""
        found = self.read_with_version(uri, code)
        return None if found is None else found[0]

    def read_with_version(self, uri: str, code: str) -> tuple[bytes, str] | None:
        bucket, key = split(uri)

        def get() -> tuple[bytes, str]:
            response = self.s3.get_object(Bucket=bucket, Key=key)
            return response["Body"].read(), response["ETag"]

        return self.unless_missing(lambda: whole(get), uri, "s3:GetObject", code)

    def write(self, uri: str, content: Any, code: str, **options: Any) -> str:
        """Writes an object with one PUT, so that a reader never sees a part of it. Returns its version."""
        bucket, key = split(uri)
        body = json.dumps(content).encode() if isinstance(content, (dict, list)) else content
        response = attempt(
            lambda: self.s3.put_object(Bucket=bucket, Key=key, Body=body, **options), uri, "s3:PutObject", code
        )
        return str(response["ETag"])

    def version(self, uri: str, code: str) -> Listed | None:
        bucket, key = split(uri)

        def head() -> Listed:
            response = self.s3.head_object(Bucket=bucket, Key=key)
            return Listed(uri, response["ContentLength"], response["ETag"].strip('"'))

        return self.unless_missing(head, uri, "s3:GetObject", code)

    def list(self, uri: str, code: str) -> Iterator[Listed]:
        bucket, prefix = split(uri)
        request = {"Bucket": bucket, "Prefix": prefix}
        while True:
            page = attempt(lambda: self.s3.list_objects_v2(**request), uri, "s3:ListBucket", code)
            for one in page.get("Contents", []):
                yield Listed(f"s3://{bucket}/{one['Key']}", one["Size"], one["ETag"].strip('"'))
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def download(self, uri: str, path: str, code: str) -> str:
        """Downloads an object to a file, which is replaced as a whole. Returns its version."""
        bucket, key = split(uri)

        def get() -> str:
            response = self.s3.get_object(Bucket=bucket, Key=key)
            with open(path + ".part", "wb") as file:
                for chunk in response["Body"].iter_chunks(BLOCK):
                    file.write(chunk)
            return str(response["ETag"])

        version = attempt(lambda: whole(get), uri, "s3:GetObject", code)
        os.replace(path + ".part", path)
        return version

    def open(self, listed: Listed) -> ObjectFile:
        return ObjectFile(self, listed)

    def unless_missing(self, act: Callable[[], T], uri: str, action: str, code: str) -> T | None:
        try:
            return attempt(act, uri, action, code)
        except Failure as failure:
            if aws_code(failure.__cause__) in ("NoSuchKey", "404"):
                return None
            raise


class ObjectFile(io.RawIOBase):
    """One version of an object as a file that is read in blocks, without having all of it in memory or on disk."""

    def __init__(self, store: Store, listed: Listed) -> None:
        self.store, self.listed, self.at = store, listed, 0
        self.block, self.block_at = b"", 0
        self.failure: Failure | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.listed.size}[whence]
        self.at = max(0, start + offset)
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        end = self.listed.size if size < 0 else min(self.at + size, self.listed.size)
        parts = []
        while self.at < end:
            if not self.block_at <= self.at < self.block_at + len(self.block):
                self.fetch()
            part = self.block[self.at - self.block_at : end - self.block_at]
            self.at += len(part)
            parts.append(part)
        return b"".join(parts)

    def fetch(self) -> None:
        bucket, key = split(self.listed.uri)
        span = f"bytes={self.at}-{min(self.at + BLOCK, self.listed.size) - 1}"

        def get() -> bytes:
            response = self.store.s3.get_object(Bucket=bucket, Key=key, Range=span, IfMatch=f'"{self.listed.version}"')
            return bytes(response["Body"].read())

        try:
            self.block = attempt(lambda: whole(get), self.listed.uri, "s3:GetObject", "STUDIO_INPUT_UNREADABLE")
        except Failure as failure:
            # The decoder may replace it with its own error.
            self.failure = failure
            raise OSError(str(failure)) from failure
        self.block_at = self.at


def attempt(act: Callable[[], T], uri: str, action: str, code: str) -> T:
    try:
        return act()
    except (
        botocore.exceptions.BotoCoreError,
        botocore.exceptions.ClientError,
        botocore.exceptions.HTTPClientError,
    ) as error:
        raise Failure(code, f"{action} of {uri} failed: {describe(error)}") from error


def whole(get: Callable[[], T]) -> T:
    """Retries what botocore does not retry: a request whose connection broke while the response was read."""
    for _ in range(BROKEN_ANSWERS):
        with suppress(*BREAKS):
            return get()
    return get()


def describe(error: Exception) -> str:
    name = aws_code(error)
    if name in ("AccessDenied", "403", "Forbidden"):
        return "access denied. Give the instance's role this permission."
    if name in ("NoSuchBucket",):
        return "there is no such bucket. Check its name; it is not created."
    if name in ("NoSuchKey", "404"):
        return "there is no such object. Check the URI."
    if isinstance(error, botocore.exceptions.NoCredentialsError):
        return "there are no credentials. Give the instance an instance profile."
    return f"{name or type(error).__name__}: {error}"[:500]


def is_taken(failure: Failure) -> bool:
    """Whether a conditional write failed because another process was faster."""
    return aws_code(failure.__cause__) in ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


def remember(path: str, version: str) -> None:
    """Remembers which version of an object a file contains."""
    with open(path + ".version", "w") as file:
        file.write(version.strip('"'))


def recall(path: str) -> str | None:
    try:
        with open(path + ".version") as file:
            return file.read()
    except FileNotFoundError:
        return None


def aws_code(error: BaseException | None) -> str:
    return str(response_of(error).get("Error", {}).get("Code", ""))


def response_of(error: BaseException | None) -> dict[str, Any]:
    """The response of S3; empty if the connection broke, for which botocore has a response of None."""
    return getattr(error, "response", None) or {}
