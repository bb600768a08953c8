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
    name = "conformance-missing"
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
    unsigned = boto3.client("s3", config=Config(signature_version=UNSIGNED))
    with refused("AccessDenied", 403):
        unsigned.list_objects_v2(Bucket=BUCKET)
    with refused("AccessDenied", 403):
        unsigned.put_object(Bucket=BUCKET, Key="k", Body=b"1")


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


@check("a bucket of another region redirects, and boto3 follows")
def _() -> None:
    there = client("s3", region_name="us-west-2")
    name = "conformance-far-away"
    there.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    try:
        here = client("s3", attempts=2)
        here.put_object(Bucket=name, Key="k", Body=b"1")
        equal(here.head_bucket(Bucket=name)["BucketRegion"], "us-west-2")
        equal(there.get_object(Bucket=name, Key="k")["Body"].read(), b"1")
        there.delete_object(Bucket=name, Key="k")
    finally:
        there.delete_bucket(Bucket=name)


@check("the alias of an access point is its bucket")
def _() -> None:
    alias = f"{BUCKET}-x7k2mqzr4w-s3alias"
    s3.put_object(Bucket=alias, Key="refusals/alias", Body=b"1")
    equal(s3.get_object(Bucket=BUCKET, Key="refusals/alias")["Body"].read(), b"1")


@check("requester pays is accepted, and charged")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="refusals/payer", Body=b"1", RequestPayer="requester")
    equal(s3.get_object(Bucket=BUCKET, Key="refusals/payer", RequestPayer="requester")["RequestCharged"], "requester")


@check("a store can be told to lack a header, and to deny in the words of AWS")
def _() -> None:
    wish = {"service": "s3", "operation": "PutObject", "kind": "status", "status": 501, "code": "NotImplemented"}
    with fault(**wish, header="x-amz-tagging"):
        s3.put_object(Bucket=BUCKET, Key="refusals/plain", Body=b"1")
        with refused("NotImplemented", 501):
            s3.put_object(Bucket=BUCKET, Key="refusals/tagged", Body=b"1", Tagging="a=b")
    text = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-central-1:123456789012:key/k with an explicit deny in a resource-based policy"
    with fault(**{**wish, "status": 403, "code": "AccessDenied"}, message=text):
        try:
            s3.put_object(Bucket=BUCKET, Key="refusals/denied", Body=b"1")
        except s3.exceptions.ClientError as error:
            equal(error.response["Error"]["Message"], text)
