"""What EC2 tells about instances."""

from checks import check, equal, until
from ec2_states import IMAGE, QUICK, start, stop, wait
from world import INSTANCE, ec2

TAGS = [{"Key": "Project", "Value": "conformance & more"}, {"Key": "Empty", "Value": ""}]
RUN = ec2.run_instances(
    ImageId=IMAGE,
    InstanceType="t3.micro",
    MinCount=6,
    MaxCount=6,
    KeyName="key",
    TagSpecifications=[{"ResourceType": "instance", "Tags": TAGS}],
)
IDS = sorted(one["InstanceId"] for one in RUN["Instances"])
OURS = {"Name": "tag:Project", "Values": ["conformance*"]}


def found(*filters: dict) -> list:
    pages = ec2.get_paginator("describe_instances").paginate(Filters=list(filters))
    return sorted(one["InstanceId"] for page in pages for group in page["Reservations"] for one in group["Instances"])


@check("instances of one launch are one reservation")
def _() -> None:
    (group,) = ec2.describe_instances(Filters=[OURS])["Reservations"]
    equal([group["ReservationId"], len(group["Instances"])], [RUN["ReservationId"], 6])
    one = group["Instances"][0]
    equal([one["ImageId"], one["InstanceType"], one["KeyName"]], [IMAGE, "t3.micro", "key"])


@check("instances are listed in pages, each once")
def _() -> None:
    pages = list(ec2.get_paginator("describe_instances").paginate(Filters=[OURS], PaginationConfig={"PageSize": 5}))
    equal(len(pages), 2)
    listed = [one["InstanceId"] for page in pages for group in page["Reservations"] for one in group["Instances"]]
    equal(sorted(listed), IDS)


@check("filters choose by tag, state, type and id, with wildcards, and all of them must hold")
def _() -> None:
    equal(found(OURS), IDS)
    equal(found({"Name": "tag:Project", "Values": ["conformance"]}), [])
    equal(found({"Name": "tag-key", "Values": ["Empty"]}), IDS)
    equal(found({"Name": "instance-type", "Values": ["t3.*"]}), IDS)
    equal(found(OURS, {"Name": "instance-id", "Values": IDS[:2] + [INSTANCE]}), IDS[:2])
    equal(found(OURS, {"Name": "instance-state-name", "Values": ["stopped", "terminated"]}), [])


@check("tags are made, described and removed")
def _() -> None:
    ec2.create_tags(Resources=IDS[:2], Tags=[{"Key": "Later", "Value": "yes"}])
    rows = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Later"]}])["Tags"]
    equal(sorted(row["ResourceId"] for row in rows), IDS[:2])
    ec2.delete_tags(Resources=IDS[:1], Tags=[{"Key": "Later"}])
    equal(found({"Name": "tag:Later", "Values": ["yes"]}), IDS[1:2])


@check("only running instances have a status, unless all are asked for")
def _() -> None:
    ec2.get_waiter("instance_running").wait(InstanceIds=IDS, WaiterConfig=QUICK)
    rows = ec2.describe_instance_status(InstanceIds=IDS)["InstanceStatuses"]
    equal(sorted(row["InstanceId"] for row in rows), IDS)
    equal(ec2.describe_instance_status(InstanceIds=[INSTANCE])["InstanceStatuses"], [])
    (row,) = ec2.describe_instance_status(InstanceIds=[INSTANCE], IncludeAllInstances=True)["InstanceStatuses"]
    equal(
        [row["InstanceState"]["Name"], row["SystemStatus"]["Status"], row["InstanceStatus"]["Status"]],
        ["stopped", "not-applicable", "not-applicable"],
    )


@check("the checks of a running instance go from initializing to ok")
def _() -> None:
    start(INSTANCE)
    wait("instance_running", INSTANCE)
    seen = []

    def look() -> bool:
        (row,) = ec2.describe_instance_status(InstanceIds=[INSTANCE])["InstanceStatuses"]
        seen.append(row["InstanceStatus"]["Status"])
        return seen[-1] == "ok"

    until(look)
    equal(sorted(set(seen)), ["initializing", "ok"])
    stop(INSTANCE)
    wait("instance_stopped", INSTANCE)


ec2.terminate_instances(InstanceIds=IDS)


@check("terminated instances stay visible")
def _() -> None:
    ec2.get_waiter("instance_terminated").wait(InstanceIds=IDS, WaiterConfig=QUICK)
    equal(found(OURS, {"Name": "instance-state-name", "Values": ["terminated"]}), IDS)
