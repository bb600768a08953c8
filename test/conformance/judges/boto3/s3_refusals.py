"""What S3 calls what it does not do."""

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from checks import check, equal, refused
from clock import clock_off_by
from world import BUCKET, client, fault, refusal, s3


@check("a missing key is NoSuchKey, without a body 404")
def _() -> None:
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=BUCKET, Key="refusals/missing")
    with refused("404", 404):
        s3.head_object(Bucket=BUCKET, Key="refusals/missing")
    s3.delete_object(Bucket=BUCKET, Key="refusals/missing")


@check("a missing bucket is NoSuchBucket, whatever is asked of it")
def _() -> None:
    name = "conformance-nobody"
    for attempt in (
        lambda: s3.get_object(Bucket=name, Key="k"),
        lambda: s3.put_object(Bucket=name, Key="k", Body=b"1"),
        lambda: s3.list_objects_v2(Bucket=name),
        lambda: s3.create_multipart_upload(Bucket=name, Key="k"),
        lambda: s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k"}]}),
        lambda: s3.delete_bucket(Bucket=name),
    ):
        with refused("NoSuchBucket", 404):
            attempt()


@check("an unsigned request is AccessDenied, and public reading is not a thing here")
def _() -> None:
    nobody = boto3.client("s3", config=Config(signature_version=UNSIGNED))
    with refused("AccessDenied", 403):
        nobody.list_objects_v2(Bucket=BUCKET)
    with refused("AccessDenied", 403):
        nobody.put_object(Bucket=BUCKET, Key="k", Body=b"1")


@check("an unknown key, a wrong secret and a clock that is off have names of their own")
def _() -> None:
    key = s3._request_signer._credentials.access_key
    with refused("InvalidAccessKeyId", 403):
        client("s3", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="no").list_buckets()
    with refused("SignatureDoesNotMatch", 403):
        client("s3", aws_access_key_id=key, aws_secret_access_key="no").list_buckets()
    with clock_off_by(minutes=-20), refused("RequestTimeTooSkewed", 403):
        s3.list_buckets()


@check("what the sandbox does not implement says so")
def _() -> None:
    with refused("NotImplemented", 501):
        s3.get_bucket_acl(Bucket=BUCKET)
    with refused("NotImplemented", 501):
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


@check("SlowDown is repeated by boto3 until it passes")
def _() -> None:
    with fault(**refusal("s3", "PutObject", 503, "SlowDown", times=2)):
        answer = client("s3", attempts=4).put_object(Bucket=BUCKET, Key="refusals/slow", Body=b"1")
        equal(answer["ResponseMetadata"]["RetryAttempts"], 2)
    with fault(**refusal("s3", "PutObject", 503, "SlowDown")), refused("SlowDown", 503):
        s3.put_object(Bucket=BUCKET, Key="refusals/slow", Body=b"1")
