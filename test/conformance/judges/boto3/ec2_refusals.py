"""Every name by which EC2 refuses something."""

from typing import Any

from botocore.exceptions import ClientError

from checks import check, equal, refused
from clock import clock_off_by
from ec2_states import IMAGE, instance, launch, start, state, stop, terminate, wait
from world import INSTANCE, UNKNOWN_INSTANCE, client, ec2, fault, refusal

NAMED = [
    ec2.start_instances,
    ec2.stop_instances,
    ec2.terminate_instances,
    ec2.describe_instances,
    ec2.describe_instance_status,
]


@check("an id that is none is InvalidInstanceID.Malformed everywhere")
def _() -> None:
    for operation in NAMED:
        for bad in ("i-123", "nonsense", "i-0123456789ABCDEF0", "i-0123456789abcdefg"):
            with refused("InvalidInstanceID.Malformed", 400):
                operation(InstanceIds=[bad])


@check("an unknown id is InvalidInstanceID.NotFound everywhere")
def _() -> None:
    for operation in NAMED:
        for unknown in (UNKNOWN_INSTANCE, "i-12345678"):
            with refused("InvalidInstanceID.NotFound", 400):
                operation(InstanceIds=[unknown])


@check("a dry run is always DryRunOperation 412, and does nothing")
def _() -> None:
    before = instance(INSTANCE)["State"]
    attempts = [
        lambda: ec2.start_instances(InstanceIds=[INSTANCE], DryRun=True),
        lambda: ec2.stop_instances(InstanceIds=[INSTANCE], DryRun=True),
        lambda: ec2.terminate_instances(InstanceIds=[INSTANCE], DryRun=True),
        lambda: ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, DryRun=True),
        lambda: ec2.modify_instance_attribute(InstanceId=INSTANCE, DisableApiStop={"Value": True}, DryRun=True),
    ]
    for attempt in attempts:
        with refused("DryRunOperation", 412):
            attempt()
    equal(instance(INSTANCE)["State"], before)
    equal(ec2.describe_instance_attribute(InstanceId=INSTANCE, Attribute="disableApiStop")["DisableApiStop"]["Value"], False)


@check("a dry run of a look is DryRunOperation 412 too")
def _() -> None:
    with refused("DryRunOperation", 412):
        ec2.describe_instances(InstanceIds=[INSTANCE], DryRun=True)
    with refused("DryRunOperation", 412):
        ec2.describe_instance_status(DryRun=True)


@check("a dry run without the right is UnauthorizedOperation 403")
def _() -> None:
    with fault(**refusal("ec2", "StartInstances", 403, "UnauthorizedOperation")):
        with refused("UnauthorizedOperation", 403):
            ec2.start_instances(InstanceIds=[INSTANCE], DryRun=True)


@check("no capacity is InsufficientInstanceCapacity 500, and the instance stays stopped")
def _() -> None:
    with fault(capacityMissing=2):
        with refused("InsufficientInstanceCapacity", 500):
            start(INSTANCE)
        equal(state(INSTANCE), "stopped")
        with refused("InsufficientInstanceCapacity", 500):
            launch()
        equal(start(INSTANCE), ["stopped", "pending"])
    wait("instance_running", INSTANCE)
    stop(INSTANCE)
    wait("instance_stopped", INSTANCE)


@check("too many requests are RequestLimitExceeded 503, and boto3 gets through when they pass")
def _() -> None:
    throttle = {"service": "ec2", "operation": "DescribeInstances", "kind": "throttle"}
    with fault(**throttle, times=1), refused("RequestLimitExceeded", 503):
        ec2.describe_instances()
    with fault(**throttle, times=2):
        answer = client("ec2", attempts=3).describe_instances()
        equal(answer["ResponseMetadata"]["RetryAttempts"], 2)


# What only an account at its limits, a policy or a spot request could give, so the sandbox gives it on demand.
INJECTED = [
    ("InsufficientHostCapacity", 500),
    ("InternalError", 500),
    ("InternalFailure", 500),
    ("Unavailable", 503),
    ("ServiceUnavailable", 503),
    ("EC2ThrottledException", 503),
    ("IncorrectSpotRequestState", 400),
    ("VcpuLimitExceeded", 400),
    ("MaxSpotInstanceCountExceeded", 400),
    ("UnsupportedOperation", 400),
    ("Unsupported", 400),
    ("UnauthorizedOperation", 403),
    ("OptInRequired", 403),
    ("Blocked", 403),
    ("PendingVerification", 403),
    ("InvalidClientTokenId", 403),
]


@check(f"{len(INJECTED)} more codes of EC2 come through as they were injected, once")
def _() -> None:
    for code, status in INJECTED:
        with fault(**refusal("ec2", "StopInstances", status, code)):
            with refused(code, status):
                stop(INSTANCE)
            equal(stop(INSTANCE), ["stopped", "stopped"])


@check("an unknown key, a wrong secret and an invented token are AuthFailure 401")
def _() -> None:
    key = ec2._request_signer._credentials.access_key
    secret = ec2._request_signer._credentials.secret_key
    for options in (
        {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": secret},
        {"aws_access_key_id": key, "aws_secret_access_key": "no"},
        {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": "invented"},
    ):
        with refused("AuthFailure", 401):
            client("ec2", **options).describe_instances()


@check("a clock that is off is RequestExpired 400")
def _() -> None:
    with clock_off_by(minutes=-20), refused("RequestExpired", 400):
        ec2.describe_instances()


@check("more instances than allowed are InstanceLimitExceeded, and none is launched")
def _() -> None:
    count = len(ec2.describe_instances()["Reservations"])
    with refused("InstanceLimitExceeded", 400):
        ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=100)
    equal(len(ec2.describe_instances()["Reservations"]), count)


@check("a launch with one client token happens once")
def _() -> None:
    token = "conformance-token"
    new = launch(ClientToken=token)
    equal(launch(ClientToken=token), new)
    wait("instance_running", new)
    terminate(new)


def is_refused(code: str, operation: Any, **parameters: Any) -> None:
    with refused(code, 400):
        operation(**parameters)


@check("requests that contradict themselves are told what is wrong")
def _() -> None:
    is_refused("InvalidAMIID.Malformed", ec2.run_instances, ImageId="nonsense", MinCount=1, MaxCount=1)
    is_refused("InvalidParameterValue", ec2.run_instances, ImageId=IMAGE, MinCount=2, MaxCount=1)
    is_refused("InvalidParameterCombination", ec2.describe_instances, InstanceIds=[INSTANCE], MaxResults=5)
    is_refused("InvalidParameterValue", ec2.describe_instances, Filters=[{"Name": "nonsense", "Values": ["1"]}])
    is_refused("InvalidParameterValue", ec2.describe_instances, MaxResults=1)
    is_refused("MissingParameter", ec2.start_instances, InstanceIds=[])
    is_refused("InvalidAction", ec2.describe_volumes)


@check("an answer names its request, refused or not")
def _() -> None:
    answered = ec2.describe_instances()["ResponseMetadata"]["RequestId"]
    try:
        ec2.start_instances(InstanceIds=["i-123"])
    except ClientError as error:
        equal([len(answered) > 8, len(error.response["ResponseMetadata"]["RequestId"]) > 8], [True, True])
