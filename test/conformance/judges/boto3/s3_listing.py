"""What is in a bucket, in pages."""

from checks import check, equal, refused
from world import BUCKET, s3

KEYS = sorted([f"list/{letter}/{number}" for letter in "abc" for number in range(4)] + ["list/top", "list/ä"])
for key in KEYS:
    s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())


@check("every key is listed once, whatever the size of a page")
def _() -> None:
    for size in (1, 5, 14, 1000):
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix="list/", PaginationConfig={"PageSize": size}
        )
        equal([one["Key"] for page in pages for one in page["Contents"]], KEYS)


@check("a row tells size, ETag and time")
def _() -> None:
    row = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/top", FetchOwner=True)["Contents"][0]
    head = s3.head_object(Bucket=BUCKET, Key="list/top")
    equal([row["Size"], row["ETag"], row["StorageClass"]], [8, head["ETag"], "STANDARD"])
    equal(row["LastModified"].replace(microsecond=0), head["LastModified"])
    equal("ID" in row["Owner"], True)


@check("a delimiter rolls keys up into prefixes, in pages too")
def _() -> None:
    for size in (1, 2, 1000):
        pages = list(
            s3.get_paginator("list_objects_v2").paginate(
                Bucket=BUCKET, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": size}
            )
        )
        prefixes = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
        equal(prefixes, ["list/a/", "list/b/", "list/c/"])
        equal([one["Key"] for page in pages for one in page.get("Contents", [])], ["list/top", "list/ä"])


@check("StartAfter begins behind a key, whether it exists or not")
def _() -> None:
    for after in ("list/b/3", "list/b/9"):
        listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", StartAfter=after)["Contents"]
        equal(listed[0]["Key"], "list/c/0")


@check("the older form of listing pages by marker")
def _() -> None:
    pages = s3.get_paginator("list_objects").paginate(
        Bucket=BUCKET, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 2}
    )
    names = [one.get("Key", one.get("Prefix")) for page in pages for kind in ("CommonPrefixes", "Contents") for one in page.get(kind, [])]
    equal(sorted(names), sorted(["list/a/", "list/b/", "list/c/", "list/top", "list/ä"]))


@check("a page size of 0, an invented token and a size that is none")
def _() -> None:
    equal(s3.list_objects_v2(Bucket=BUCKET, MaxKeys=0)["KeyCount"], 0)
    with refused("InvalidArgument", 400):
        s3.list_objects_v2(Bucket=BUCKET, ContinuationToken="invented")
    with refused("InvalidArgument", 400):
        s3.list_objects_v2(Bucket=BUCKET, MaxKeys=-1)
