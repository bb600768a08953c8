"""Objects and what is kept with them."""

import io
import os
from datetime import datetime, timezone

from boto3.s3.transfer import TransferConfig

from checks import check, equal, refused
from world import BUCKET, MIB, s3

BYTES = bytes(range(256)) * 40


@check("an object comes back with its bytes, headers and metadata")
def _() -> None:
    stored = s3.put_object(
        Bucket=BUCKET,
        Key="objects/one",
        Body=BYTES,
        ContentType="video/mp4",
        CacheControl="max-age=60",
        ContentDisposition='attachment; filename="a.mp4"',
        ContentEncoding="identity",
        ContentLanguage="de",
        Expires=datetime(2030, 1, 2, tzinfo=timezone.utc),
        Metadata={"author": "example", "page-url": "https://example.com/?a=1&b=2"},
    )
    got = s3.get_object(Bucket=BUCKET, Key="objects/one")
    equal(got["Body"].read(), BYTES)
    equal([got["ETag"], got["ContentLength"], got["ContentType"]], [stored["ETag"], len(BYTES), "video/mp4"])
    equal([got["CacheControl"], got["ContentLanguage"]], ["max-age=60", "de"])
    equal([got["ContentDisposition"], got["ContentEncoding"]], ['attachment; filename="a.mp4"', "identity"])
    equal(got["ExpiresString"], "Wed, 02 Jan 2030 00:00:00 GMT")
    equal(got["Metadata"], {"author": "example", "page-url": "https://example.com/?a=1&b=2"})
    equal((datetime.now(timezone.utc) - got["LastModified"]).total_seconds() < 60, True)


@check("an empty object is an object")
def _() -> None:
    equal(s3.put_object(Bucket=BUCKET, Key="objects/empty")["ETag"], '"d41d8cd98f00b204e9800998ecf8427e"')
    equal(s3.get_object(Bucket=BUCKET, Key="objects/empty")["Body"].read(), b"")


@check("a later object replaces an earlier one, with everything kept with it")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="objects/one", Body=b"two")
    got = s3.get_object(Bucket=BUCKET, Key="objects/one")
    equal([got["Body"].read(), got["Metadata"], got["ContentType"]], [b"two", {}, "binary/octet-stream"])


@check("storage class and encryption are told again")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="objects/one", Body=b"1", StorageClass="STANDARD_IA", ServerSideEncryption="AES256")
    head = s3.head_object(Bucket=BUCKET, Key="objects/one")
    equal([head["StorageClass"], head["ServerSideEncryption"]], ["STANDARD_IA", "AES256"])
    with refused("InvalidStorageClass", 400):
        s3.put_object(Bucket=BUCKET, Key="objects/one", Body=b"1", StorageClass="CUPBOARD")


@check("64 MiB go through the transfer manager both ways, byte by byte")
def _() -> None:
    data = os.urandom(64 * MIB)
    config = TransferConfig(multipart_chunksize=8 * MIB, max_concurrency=4)
    seen = []
    s3.upload_fileobj(io.BytesIO(data), BUCKET, "objects/large", Config=config, Callback=seen.append)
    equal(sum(seen), len(data))
    equal(s3.head_object(Bucket=BUCKET, Key="objects/large")["ETag"][-3:], '-8"')
    back = io.BytesIO()
    s3.download_fileobj(BUCKET, "objects/large", back, Config=config)
    equal(back.getvalue() == data, True)


@check("ranges are served: from the beginning, open, by suffix, and longer than there is")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="objects/range", Body=b"0123456789")
    for asked, expected, told in (
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ):
        got = s3.get_object(Bucket=BUCKET, Key="objects/range", Range=asked)
        equal([got["Body"].read(), got["ContentRange"], got["ContentLength"]], [expected, told, len(expected)])
        equal(got["ResponseMetadata"]["HTTPStatusCode"], 206)


@check("a range outside the object is InvalidRange 416")
def _() -> None:
    with refused("InvalidRange", 416):
        s3.get_object(Bucket=BUCKET, Key="objects/range", Range="bytes=10-")
    with refused("InvalidRange", 416):
        s3.get_object(Bucket=BUCKET, Key="objects/range", Range="bytes=-0")


@check("one part of an object is served by its number")
def _() -> None:
    part = s3.get_object(Bucket=BUCKET, Key="objects/large", PartNumber=8)
    equal([part["ContentLength"], part["PartsCount"]], [8 * MIB, 8])
    equal(part["ContentRange"], f"bytes {56 * MIB}-{64 * MIB - 1}/{64 * MIB}")
    part["Body"].close()
    with refused("InvalidPartNumber", 416):
        s3.get_object(Bucket=BUCKET, Key="objects/large", PartNumber=9)


@check("tags are kept, counted, replaced and removed")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="objects/tagged", Body=b"1", Tagging="run=1%202&empty=")
    equal(s3.get_object(Bucket=BUCKET, Key="objects/tagged")["TagCount"], 2)
    tags = s3.get_object_tagging(Bucket=BUCKET, Key="objects/tagged")["TagSet"]
    equal({tag["Key"]: tag["Value"] for tag in tags}, {"run": "1 2", "empty": ""})
    new = {"TagSet": [{"Key": "Größe", "Value": "a+b/c=d@e:f_g-h. "}]}
    s3.put_object_tagging(Bucket=BUCKET, Key="objects/tagged", Tagging=new)
    equal(s3.get_object_tagging(Bucket=BUCKET, Key="objects/tagged")["TagSet"], new["TagSet"])
    s3.delete_object_tagging(Bucket=BUCKET, Key="objects/tagged")
    equal(s3.get_object_tagging(Bucket=BUCKET, Key="objects/tagged")["TagSet"], [])


@check("an eleventh tag, the same tag twice, a tag of AWS's own and one with & are refused")
def _() -> None:
    with refused("BadRequest", 400):
        s3.put_object(Bucket=BUCKET, Key="objects/t", Body=b"", Tagging="&".join(f"t{i}=1" for i in range(11)))
    with refused("InvalidTag", 400):
        s3.put_object(Bucket=BUCKET, Key="objects/t", Body=b"", Tagging="aws:t=1")
    with refused("InvalidTag", 400):
        s3.put_object(Bucket=BUCKET, Key="objects/t", Body=b"", Tagging="t=a%26b")
    with refused("InvalidTag", 400):
        twice = {"TagSet": [{"Key": "t", "Value": "1"}, {"Key": "t", "Value": "2"}]}
        s3.put_object_tagging(Bucket=BUCKET, Key="objects/tagged", Tagging=twice)


@check("several objects are deleted in one request, missing ones too")
def _() -> None:
    keys = ["objects/d/1", "objects/d/<&>", "objects/d/3"]
    for key in keys[:2]:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    done = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]})
    equal(sorted(one["Key"] for one in done["Deleted"]), sorted(keys))
    equal(s3.list_objects_v2(Bucket=BUCKET, Prefix="objects/d/")["KeyCount"], 0)
    s3.put_object(Bucket=BUCKET, Key=keys[0], Body=b"1")
    quiet = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": keys[0]}], "Quiet": True})
    equal(quiet.get("Deleted", []), [])
    with refused("MalformedXML", 400):
        s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": f"{i}"} for i in range(1001)]})
