"""What arrives must be what was sent."""

import base64
import hashlib
import zlib
from typing import Any

from checks import check, equal, refused
from world import BUCKET, client, s3

BODY = b"all of these bytes"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def absent(key: str) -> None:
    with refused("404", 404):
        s3.head_object(Bucket=BUCKET, Key=key)


RIGHT = {
    "CRC32": b64(zlib.crc32(BODY).to_bytes(4, "big")),
    "SHA1": b64(hashlib.sha1(BODY).digest()),
    "SHA256": b64(hashlib.sha256(BODY).digest()),
}

for algorithm, value in RIGHT.items():

    @check(f"a right {algorithm} is accepted, kept, and checked again by the reader")
    def _() -> None:
        stored = s3.put_object(Bucket=BUCKET, Key="sum", Body=BODY, **{f"Checksum{algorithm}": value})
        equal(stored[f"Checksum{algorithm}"], value)
        got = s3.get_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED")
        equal([got[f"Checksum{algorithm}"], got["ChecksumType"], got["Body"].read()], [value, "FULL_OBJECT", BODY])

    @check(f"a wrong {algorithm} is BadDigest, and nothing is stored")
    def _() -> None:
        wrong = b64(bytes(len(base64.b64decode(value))))
        with refused("BadDigest", 400):
            s3.put_object(Bucket=BUCKET, Key="wrong", Body=BODY, **{f"Checksum{algorithm}": wrong})
        absent("wrong")


@check("by default an object has the CRC32 that the client has sent")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="sum", Body=BODY)
    equal(s3.head_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED")["ChecksumCRC32"], RIGHT["CRC32"])


@check("a checksum that is none is InvalidRequest")
def _() -> None:
    with refused("InvalidRequest", 400):
        s3.put_object(Bucket=BUCKET, Key="wrong", Body=BODY, ChecksumCRC32="AAAA")


@check("a wrong MD5 is BadDigest, and an MD5 that is none InvalidDigest")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="sum", Body=BODY, ContentMD5=b64(hashlib.md5(BODY).digest()))
    with refused("BadDigest", 400):
        s3.put_object(Bucket=BUCKET, Key="wrong", Body=BODY, ContentMD5=b64(bytes(16)))
    with refused("InvalidDigest", 400):
        s3.put_object(Bucket=BUCKET, Key="wrong", Body=BODY, ContentMD5="no")
    absent("wrong")


def after_signing(change: Any) -> Any:
    other = client("s3")
    other.meta.events.register_first("before-send.s3.PutObject", lambda request, **_: change(request))
    return other


@check("a body that is changed after it was signed is refused")
def _() -> None:
    def change(request: Any) -> None:
        request.body = b"other of these byte"[: len(BODY)]

    with refused("XAmzContentSHA256Mismatch", 400):
        # An MD5 or CRC32 would tell it too; SHA-256 is what the signature covers.
        other = after_signing(change)
        other.meta.config.request_checksum_calculation = "when_required"
        other.put_object(Bucket=BUCKET, Key="wrong", Body=BODY)
    absent("wrong")


@check("a header that is added after signing is refused")
def _() -> None:
    with refused("AccessDenied", 403):
        other = after_signing(lambda request: request.headers.__setitem__("x-amz-meta-added", "1"))
        other.put_object(Bucket=BUCKET, Key="wrong", Body=BODY)
    absent("wrong")


@check("the checksum of a part is checked")
def _() -> None:
    target = {"Bucket": BUCKET, "Key": "parts"}
    upload = s3.create_multipart_upload(**target, ChecksumAlgorithm="SHA256")["UploadId"]
    with refused("BadDigest", 400):
        s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=BODY, ChecksumSHA256=b64(bytes(32)))
    equal(s3.list_parts(**target, UploadId=upload).get("Parts", []), [])
    s3.abort_multipart_upload(**target, UploadId=upload)
