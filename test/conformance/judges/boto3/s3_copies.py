"""Copies that the store makes itself."""

from checks import check, equal, refused
from world import BUCKET, MIB, s3

SOURCE = {"Bucket": BUCKET, "Key": "copies/Grüße & more+.txt"}
ETAG = s3.put_object(
    **SOURCE, Body=b"source", ContentType="text/plain", Metadata={"author": "a"}, Tagging="kept=yes"
)["ETag"]


def copy(key: str, **options: object) -> dict:
    return s3.copy_object(Bucket=BUCKET, Key=key, CopySource=SOURCE, **options)


@check("a copy has the bytes, type, metadata and tags of its source")
def _() -> None:
    equal(copy("copies/one")["CopyObjectResult"]["ETag"], ETAG)
    got = s3.get_object(Bucket=BUCKET, Key="copies/one")
    equal([got["Body"].read(), got["ContentType"], got["Metadata"]], [b"source", "text/plain", {"author": "a"}])
    equal(s3.get_object_tagging(Bucket=BUCKET, Key="copies/one")["TagSet"], [{"Key": "kept", "Value": "yes"}])


@check("a copy may have other metadata and tags")
def _() -> None:
    copy(
        "copies/two",
        MetadataDirective="REPLACE",
        Metadata={"author": "b"},
        TaggingDirective="REPLACE",
        Tagging="kept=no",
    )
    equal(s3.head_object(Bucket=BUCKET, Key="copies/two")["Metadata"], {"author": "b"})
    equal(s3.get_object_tagging(Bucket=BUCKET, Key="copies/two")["TagSet"], [{"Key": "kept", "Value": "no"}])


@check("an object is not copied onto itself without a change")
def _() -> None:
    with refused("InvalidRequest", 400):
        copy(SOURCE["Key"])
    copy(SOURCE["Key"], MetadataDirective="REPLACE", Metadata={"author": "c"})


@check("conditions on the source of a copy hold")
def _() -> None:
    copy("copies/three", CopySourceIfMatch=ETAG)
    with refused("PreconditionFailed", 412):
        copy("copies/three", CopySourceIfNoneMatch=ETAG)


@check("a missing source is NoSuchKey, a missing source bucket NoSuchBucket")
def _() -> None:
    with refused("NoSuchKey", 404):
        s3.copy_object(Bucket=BUCKET, Key="copies/no", CopySource={"Bucket": BUCKET, "Key": "copies/missing"})
    with refused("NoSuchBucket", 404):
        s3.copy_object(Bucket=BUCKET, Key="copies/no", CopySource={"Bucket": "conformance-none", "Key": "k"})


@check("a part is copied from a range of an object")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="copies/large", Body=b"a" * (5 * MIB) + b"b" * 10)
    target = {"Bucket": BUCKET, "Key": "copies/parts"}
    upload = s3.create_multipart_upload(**target)["UploadId"]
    parts = []
    for number, span in ((1, f"0-{5 * MIB - 1}"), (2, f"{5 * MIB}-{5 * MIB + 9}")):
        made = s3.upload_part_copy(
            **target,
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": BUCKET, "Key": "copies/large"},
            CopySourceRange=f"bytes={span}",
        )
        parts.append({"PartNumber": number, "ETag": made["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    equal(s3.get_object(**target, Range="bytes=-12")["Body"].read(), b"aabbbbbbbbbb")
