"""Keys that a careless server takes for something else, and names that none takes."""

from botocore.handlers import validate_bucket_name

from checks import check, equal, refused
from world import BUCKET, client, s3

KEYS = [
    "with space/and more",
    "Grüße/naïve ☃ 𝄞",
    "a&b?c=d#e%f+g",
    "percent%20encoded%2Fslash",
    "plus+and space",
    "quotes'\"<>",
    "//leading//and///many",
    "trailing/",
    "dots/...//.hidden",
    "tilde~*()!:;@,$=",
    "back\\slash|{^}[]`",
    "new\nline",
    "uploads",
    "?uploads",
]


@check("keys of every kind go both ways, one by one")
def _() -> None:
    for key in KEYS:
        key = f"names/{key}"
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
        equal(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), key.encode())
        equal(s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"], len(key.encode()))


@check("keys of every kind are listed in the order of their bytes")
def _() -> None:
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix="names/")["Contents"]]
    equal(listed, sorted((f"names/{key}" for key in KEYS), key=lambda key: key.encode()))


@check("keys of every kind are deleted")
def _() -> None:
    for key in KEYS:
        s3.delete_object(Bucket=BUCKET, Key=f"names/{key}")
    equal(s3.list_objects_v2(Bucket=BUCKET, Prefix="names/")["KeyCount"], 0)


@check("a key has at most 1,024 bytes")
def _() -> None:
    s3.put_object(Bucket=BUCKET, Key="k" * 1024, Body=b"1")
    s3.delete_object(Bucket=BUCKET, Key="k" * 1024)
    with refused("KeyTooLongError", 400):
        s3.put_object(Bucket=BUCKET, Key="ü" * 513, Body=b"1")


@check("an illegal bucket name is refused by the server too")
def _() -> None:
    unchecked = client("s3")
    unchecked.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    for name in ("UPPER", "ab", "under_score", "-dash", "192.168.0.1", "a..b", "x" * 64):
        with refused("InvalidBucketName", 400):
            unchecked.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})


@check("a bucket is made, found, located, and removed when it is empty")
def _() -> None:
    place = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket="conformance-boto3", CreateBucketConfiguration=place)
    s3.get_waiter("bucket_exists").wait(Bucket="conformance-boto3", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    equal(s3.head_bucket(Bucket="conformance-boto3")["BucketRegion"], "eu-central-1")
    equal(s3.get_bucket_location(Bucket="conformance-boto3")["LocationConstraint"], "eu-central-1")
    equal("conformance-boto3" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]], True)
    with refused("BucketAlreadyOwnedByYou", 409):
        s3.create_bucket(Bucket="conformance-boto3", CreateBucketConfiguration=place)
    s3.put_object(Bucket="conformance-boto3", Key="k", Body=b"1")
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket="conformance-boto3")
    s3.delete_object(Bucket="conformance-boto3", Key="k")
    s3.delete_bucket(Bucket="conformance-boto3")
    with refused("404", 404):
        s3.head_bucket(Bucket="conformance-boto3")
