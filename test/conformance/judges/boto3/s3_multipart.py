"""Objects in parts."""

import base64
import hashlib
import zlib

from checks import check, equal, refused
from world import BUCKET, MIB, s3

KEY = {"Bucket": BUCKET, "Key": "multipart/video.mp4"}
ONE = b"1" * (5 * MIB)
TWO = b"2" * 1000


def begin(**options: str) -> str:
    return s3.create_multipart_upload(**KEY, **options)["UploadId"]


def send(upload: str, number: int, body: bytes) -> dict:
    sent = s3.upload_part(**KEY, UploadId=upload, PartNumber=number, Body=body)
    return {"PartNumber": number, "ETag": sent["ETag"]}


def complete(upload: str, *parts: dict, **options: object) -> dict:
    return s3.complete_multipart_upload(**KEY, UploadId=upload, MultipartUpload={"Parts": list(parts)}, **options)


@check("parts become one object, in order, with what was said at the beginning")
def _() -> None:
    upload = begin(ContentType="video/mp4", Metadata={"author": "example"}, Tagging="run=1")
    second, first = send(upload, 7, TWO), send(upload, 2, ONE)
    made = complete(upload, first, second)
    digest = hashlib.md5(hashlib.md5(ONE).digest() + hashlib.md5(TWO).digest()).hexdigest()
    equal([made["ETag"], made["Key"], made["Bucket"]], [f'"{digest}-2"', KEY["Key"], BUCKET])
    got = s3.get_object(**KEY)
    equal(got["Body"].read() == ONE + TWO, True)
    equal([got["ContentType"], got["Metadata"], got["TagCount"]], ["video/mp4", {"author": "example"}, 1])


@check("the checksum of an object in parts is one of the parts' checksums")
def _() -> None:
    upload = begin(ChecksumAlgorithm="CRC32")
    parts = []
    for number, body in ((1, ONE), (2, TWO)):
        sent = s3.upload_part(**KEY, UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": sent["ChecksumCRC32"]})
    made = complete(upload, *parts)
    digests = b"".join(zlib.crc32(body).to_bytes(4, "big") for body in (ONE, TWO))
    value = base64.b64encode(zlib.crc32(digests).to_bytes(4, "big")).decode()
    equal([made["ChecksumCRC32"], made["ChecksumType"]], [f"{value}-2", "COMPOSITE"])


@check("the checksum of a whole object in parts is that of its bytes")
def _() -> None:
    upload = begin(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    made = complete(upload, send(upload, 1, ONE), send(upload, 2, TWO), ChecksumType="FULL_OBJECT")
    value = base64.b64encode(zlib.crc32(ONE + TWO).to_bytes(4, "big")).decode()
    equal([made["ChecksumCRC32"], made["ChecksumType"]], [value, "FULL_OBJECT"])
    s3.get_object(**KEY, ChecksumMode="ENABLED")["Body"].read()


@check("a part that is sent again replaces the earlier one")
def _() -> None:
    upload = begin()
    send(upload, 1, b"earlier")
    complete(upload, send(upload, 1, b"later"))
    equal(s3.get_object(**KEY)["Body"].read(), b"later")


@check("unfinished uploads and their parts are listed in pages")
def _() -> None:
    uploads = sorted(begin() for _ in range(3))
    found = []
    for page in s3.get_paginator("list_multipart_uploads").paginate(
        Bucket=BUCKET, Prefix="multipart/", PaginationConfig={"PageSize": 2}
    ):
        found += [one["UploadId"] for one in page.get("Uploads", [])]
    equal(sorted(found), uploads)
    for number in (1, 2, 3):
        send(uploads[0], number, bytes(number))
    pages = s3.get_paginator("list_parts").paginate(**KEY, UploadId=uploads[0], PaginationConfig={"PageSize": 2})
    equal([(part["PartNumber"], part["Size"]) for page in pages for part in page["Parts"]], [(1, 1), (2, 2), (3, 3)])
    for upload in uploads:
        s3.abort_multipart_upload(**KEY, UploadId=upload)
    equal(s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []), [])


@check("an aborted upload is gone: no part, no list, no completion")
def _() -> None:
    upload = begin()
    part = send(upload, 1, b"1")
    s3.abort_multipart_upload(**KEY, UploadId=upload)
    for attempt in (
        lambda: send(upload, 2, b"2"),
        lambda: s3.list_parts(**KEY, UploadId=upload),
        lambda: complete(upload, part),
        lambda: s3.abort_multipart_upload(**KEY, UploadId=upload),
    ):
        with refused("NoSuchUpload", 404):
            attempt()


@check("a short part that is not the last is EntityTooSmall")
def _() -> None:
    upload = begin()
    parts = [send(upload, 1, b"short"), send(upload, 2, TWO)]
    with refused("EntityTooSmall", 400):
        complete(upload, *parts)
    s3.abort_multipart_upload(**KEY, UploadId=upload)


@check("wrong and missing parts are InvalidPart, parts out of order InvalidPartOrder, none MalformedXML")
def _() -> None:
    upload = begin()
    one, two = send(upload, 1, ONE), send(upload, 2, TWO)
    with refused("InvalidPart", 400):
        complete(upload, one, {**two, "ETag": one["ETag"]})
    with refused("InvalidPart", 400):
        complete(upload, one, {**two, "PartNumber": 3})
    with refused("InvalidPartOrder", 400):
        complete(upload, two, one)
    with refused("MalformedXML", 400):
        complete(upload)
    s3.abort_multipart_upload(**KEY, UploadId=upload)


@check("an object of another size than announced is not made")
def _() -> None:
    upload = begin()
    part = send(upload, 1, ONE)
    with refused("InvalidRequest", 400):
        complete(upload, part, MpuObjectSize=len(ONE) + 1)
    complete(upload, part, MpuObjectSize=len(ONE))


@check("part numbers go from 1 to 10,000")
def _() -> None:
    upload = begin()
    for number in (0, 10_001):
        with refused("InvalidArgument", 400):
            send(upload, number, b"1")
    send(upload, 10_000, b"1")
    s3.abort_multipart_upload(**KEY, UploadId=upload)
