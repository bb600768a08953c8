"""Requests that are meant for one state of an object only."""

from datetime import timedelta

from checks import check, equal, refused
from world import BUCKET, s3

KEY = {"Bucket": BUCKET, "Key": "conditional"}
ETAG = s3.put_object(**KEY, Body=b"first")["ETag"]
MODIFIED = s3.head_object(**KEY)["LastModified"]
OTHER = '"00000000000000000000000000000000"'


@check("IfNoneMatch * does not overwrite")
def _() -> None:
    with refused("PreconditionFailed", 412):
        s3.put_object(**KEY, Body=b"second", IfNoneMatch="*")
    equal(s3.get_object(**KEY)["Body"].read(), b"first")


@check("IfNoneMatch * writes where nothing is")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="conditional/new", Body=b"new", IfNoneMatch="*")
    s3.delete_object(Bucket=BUCKET, Key="conditional/new")


@check("IfMatch overwrites what it names only")
def _() -> None:
    with refused("PreconditionFailed", 412):
        s3.put_object(**KEY, Body=b"second", IfMatch=OTHER)
    s3.put_object(**KEY, Body=b"first", IfMatch=ETAG)
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=BUCKET, Key="conditional/no", Body=b"", IfMatch=ETAG)


@check("a reader who has the object already is told 304")
def _() -> None:
    with refused("304", 304):
        s3.get_object(**KEY, IfNoneMatch=ETAG)
    with refused("304", 304):
        s3.head_object(**KEY, IfNoneMatch=ETAG)
    with refused("304", 304):
        s3.get_object(**KEY, IfModifiedSince=MODIFIED + timedelta(seconds=5))
    equal(s3.get_object(**KEY, IfNoneMatch=OTHER)["Body"].read(), b"first")
    equal(s3.get_object(**KEY, IfModifiedSince=MODIFIED - timedelta(hours=1))["Body"].read(), b"first")


@check("a reader who wants another state of it is told 412")
def _() -> None:
    with refused("PreconditionFailed", 412):
        s3.get_object(**KEY, IfMatch=OTHER)
    with refused("412", 412):
        s3.head_object(**KEY, IfMatch=OTHER)
    with refused("PreconditionFailed", 412):
        s3.get_object(**KEY, IfUnmodifiedSince=MODIFIED - timedelta(hours=1))
    equal(s3.get_object(**KEY, IfMatch=ETAG)["Body"].read(), b"first")


@check("a multipart upload is not completed over an object with IfNoneMatch *")
def _() -> None:
    upload = s3.create_multipart_upload(**KEY)["UploadId"]
    part = s3.upload_part(**KEY, UploadId=upload, PartNumber=1, Body=b"parts")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    with refused("PreconditionFailed", 412):
        s3.complete_multipart_upload(**KEY, UploadId=upload, MultipartUpload=parts, IfNoneMatch="*")
    s3.abort_multipart_upload(**KEY, UploadId=upload)
    equal(s3.get_object(**KEY)["Body"].read(), b"first")


@check("a delete with IfMatch removes what it names only")
def _() -> None:
    with refused("PreconditionFailed", 412):
        s3.delete_object(**KEY, IfMatch=OTHER)
    s3.delete_object(**KEY, IfMatch=ETAG)
    with refused("NoSuchKey", 404):
        s3.get_object(**KEY)
