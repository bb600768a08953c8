"""Asks the sandbox's Batch and moto's the same, and compares what both can do: resources, requests, ids, lists by name, and the log reader."""

import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict

sys.path.insert(0, str(Path(__file__).parent.parent / "boto3"))

import boto3
import checks
from botocore.exceptions import ClientError
from checks import check, equal
from moto import mock_aws

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]
KEYS = {
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GROUP = "/aws/batch/job"

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]

# Without Docker a job of moto succeeds before its submission is answered.
mock_aws(config={"batch": {"use_docker": False}}).start()


def ours(service: str) -> Any:
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, **KEYS)


def theirs(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def both(service: str, ask: Callable[[Any], Any]) -> Any:
    """What the sandbox and moto answer to the same."""
    return answer(lambda: ask(ours(service))), answer(lambda: ask(theirs(service)))


def answer(ask: Callable[[], Any]) -> Any:
    try:
        found = ask()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def same_members(mine: Any, other: Any, path: str = "") -> None:
    """Each member of moto's answer is in the sandbox's, with the same type."""
    equal((path, type(mine).__name__), (path, type(other).__name__))
    if isinstance(other, dict):
        for name, value in other.items():
            if name not in mine:
                raise AssertionError(f"{path}.{name} is missing")
            same_members(mine[name], value, f"{path}.{name}")
    elif isinstance(other, list) and other and mine:
        same_members(mine[0], other[0], f"{path}[0]")


CONTAINER = {
    "image": "busybox",
    "command": ["echo", "Ref::word"],
    "environment": [{"name": "A", "value": "1"}],
    "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
}
iam, ec2 = theirs("iam"), theirs("ec2")
ROLE = iam.create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
iam.create_instance_profile(InstanceProfileName="batch")
PROFILE = iam.get_instance_profile(InstanceProfileName="batch")["InstanceProfile"]["Arn"]
SUBNET = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
SECURITY_GROUP = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
RESOURCES = {
    "type": "EC2",
    "minvCpus": 0,
    "maxvCpus": 4,
    "instanceTypes": ["m5.large"],
    "subnets": [SUBNET],
    "securityGroupIds": [SECURITY_GROUP],
    "instanceRole": PROFILE,
}


def arns_without_account(found: Dict[str, Any]) -> Dict[str, Any]:
    return {name: re.sub(r":\d{12}:", "::", value) if isinstance(value, str) else value for name, value in found.items()}


@check("an environment is made and described with the same members")
def _() -> None:
    request = {"computeEnvironmentName": "beside", "type": "MANAGED", "state": "ENABLED", "serviceRole": ROLE, "computeResources": RESOURCES}
    mine, other = both("batch", lambda batch: batch.create_compute_environment(**request))
    equal(arns_without_account(mine), arns_without_account(other))
    mine, other = both("batch", lambda batch: batch.describe_compute_environments(computeEnvironments=["beside"]))
    same_members(mine, other)
    for name in ("computeEnvironmentName", "state", "status", "type"):
        equal(mine["computeEnvironments"][0][name], other["computeEnvironments"][0][name])
    for name in ("type", "minvCpus", "maxvCpus", "instanceTypes", "subnets"):
        equal(*(found["computeEnvironments"][0]["computeResources"][name] for found in (mine, other)))


@check("a queue is made and described with the same members")
def _() -> None:
    order = [{"order": 1, "computeEnvironment": "beside"}]
    request = {"jobQueueName": "beside", "state": "ENABLED", "priority": 3, "computeEnvironmentOrder": order, "tags": {"a": "b"}}
    arn = lambda batch: batch.describe_compute_environments(computeEnvironments=["beside"])["computeEnvironments"][0]["computeEnvironmentArn"]
    make = lambda batch: batch.create_job_queue(**{**request, "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": arn(batch)}]})
    mine, other = both("batch", make)
    equal(arns_without_account(mine), arns_without_account(other))
    mine, other = both("batch", lambda batch: batch.describe_job_queues(jobQueues=["beside"]))
    same_members(mine, other)
    for name in ("jobQueueName", "state", "status", "priority", "tags"):
        equal(mine["jobQueues"][0][name], other["jobQueues"][0][name])


@check("a definition is registered, described and has revisions with the same members")
def _() -> None:
    request = {
        "jobDefinitionName": "beside",
        "type": "container",
        "parameters": {"word": "hello"},
        "containerProperties": CONTAINER,
        "retryStrategy": {"attempts": 2},
        "timeout": {"attemptDurationSeconds": 60},
        "tags": {"a": "b"},
    }
    for revision in (1, 2):
        mine, other = both("batch", lambda batch: batch.register_job_definition(**request))
        equal(arns_without_account(mine), arns_without_account(other))
        equal(mine["revision"], revision)
    mine, other = both("batch", lambda batch: batch.describe_job_definitions(jobDefinitionName="beside", status="ACTIVE"))
    equal(sorted(one["revision"] for one in mine["jobDefinitions"]), sorted(one["revision"] for one in other["jobDefinitions"]))
    same_members(mine, other)
    for name in ("type", "status", "parameters", "timeout", "tags"):
        equal(mine["jobDefinitions"][0][name], other["jobDefinitions"][0][name])


def submit(batch: Any, **more: Any) -> Dict[str, Any]:
    request = {"jobName": "Beside-1", "jobQueue": "beside", "jobDefinition": "beside"}
    return batch.submit_job(**{**request, **more})


def over(batch: Any, job_id: str) -> Dict[str, Any]:
    for _look in range(300):
        (found,) = batch.describe_jobs(jobs=[job_id])["jobs"]
        if found["status"] in ("SUCCEEDED", "FAILED"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{job_id} is {found['status']}")


@check("a job is submitted, and described when it is over, with the same members")
def _() -> None:
    overrides = {"command": ["echo", "over"], "environment": [{"name": "B", "value": "2"}]}

    def run(batch: Any) -> Dict[str, Any]:
        made = submit(batch, containerOverrides=overrides, tags={"run": "1"})
        equal([made["jobName"], UUID.fullmatch(made["jobId"]) is not None], ["Beside-1", True])
        equal(made["jobArn"].endswith(f":job/{made['jobId']}"), True)
        return over(batch, made["jobId"])

    mine, other = both("batch", run)
    # moto names a container's stream although it never writes to it, and the sandbox's container has written nothing else.
    same_members(mine, {name: value for name, value in other.items() if name != "container"})
    for name in ("jobName", "status", "tags"):
        equal(mine[name], other[name])
    equal(mine["container"]["command"], other["container"]["command"])
    equal(*(sorted(one["name"] for one in found["container"]["environment"] if one["name"] in "AB") for found in (mine, other)))


@check("the children of an array have the same ids and the same summary")
def _() -> None:
    def run(batch: Any) -> Dict[str, Any]:
        job_id = submit(batch, jobName="array", arrayProperties={"size": 2})["jobId"]
        found = over(batch, job_id)["arrayProperties"]
        children = batch.list_jobs(arrayJobId=job_id, jobStatus="SUCCEEDED")["jobSummaryList"]
        ids = [one["jobId"].replace(job_id, "") for one in children]
        return {"size": found["size"], "summary": found["statusSummary"], "children": sorted(ids)}

    equal(*both("batch", run))


@check("jobs are found by name in any case and by prefix")
def _() -> None:
    def names(batch: Any, value: str) -> list:
        filters = [{"name": "JOB_NAME", "values": [value]}]
        # moto lists the children of arrays too, which have the same name.
        return sorted({one["jobName"] for one in batch.list_jobs(jobQueue="beside", filters=filters)["jobSummaryList"]})

    for value in ("beside-1", "BESIDE*", "array", "besid", "*"):
        equal(*both("batch", lambda batch: {"found": names(batch, value)}))


@check("unknown ids, queues and definitions, and a missing reason, are answered alike")
def _() -> None:
    for ask in (
        lambda batch: batch.describe_jobs(jobs=["00000000-0000-0000-0000-000000000000"]),
        lambda batch: submit(batch, jobQueue="unknown"),
        lambda batch: submit(batch, jobDefinition="unknown"),
        lambda batch: batch.terminate_job(jobId="00000000-0000-0000-0000-000000000000", reason="enough"),
        lambda batch: batch.terminate_job(jobId="00000000-0000-0000-0000-000000000000", reason=""),
        lambda batch: batch.describe_job_queues(jobQueues=["unknown"]),
        lambda batch: batch.describe_job_definitions(jobDefinitionName="unknown"),
    ):
        equal(*both("batch", ask))


@check("tags are added, listed and removed alike")
def _() -> None:
    def change(batch: Any) -> Dict[str, Any]:
        (queue,) = batch.describe_job_queues(jobQueues=["beside"])["jobQueues"]
        batch.tag_resource(resourceArn=queue["jobQueueArn"], tags={"c": "d"})
        batch.untag_resource(resourceArn=queue["jobQueueArn"], tagKeys=["a"])
        return batch.list_tags_for_resource(resourceArn=queue["jobQueueArn"])

    equal(*both("batch", change))


@check("a log is read by the same tokens: forward, backward, to its end and on from there")
def _() -> None:
    lines = [str(number) for number in range(5)]
    batch = ours("batch")
    job_id = submit(batch, jobName="log", jobDefinition="sandbox-shell", containerOverrides={"command": ["seq", "0", "4"]})["jobId"]
    stream = over(batch, job_id)["container"]["logStreamName"]
    made = theirs("logs")
    if not made.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
        made.create_log_group(logGroupName=GROUP)
    made.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    now = int(time.time() * 1000)
    made.put_log_events(
        logGroupName=GROUP, logStreamName=stream, logEvents=[{"timestamp": now, "message": message} for message in lines]
    )

    def read(logs: Any, **more: Any) -> Dict[str, Any]:
        return logs.get_log_events(logGroupName=GROUP, logStreamName=stream, **more)

    def forward(logs: Any) -> Dict[str, Any]:
        first = read(logs, startFromHead=True, limit=3)
        second = read(logs, startFromHead=True, nextToken=first["nextForwardToken"])
        end = read(logs, startFromHead=True, nextToken=second["nextForwardToken"])
        pages = [[one["message"] for one in page["events"]] for page in (first, second, end)]
        is_end = end["nextForwardToken"] == second["nextForwardToken"]
        return {"pages": pages, "end": is_end, "token": first["nextForwardToken"][:2]}

    mine, other = both("logs", forward)
    equal(mine, other)
    equal(mine["pages"], [["0", "1", "2"], ["3", "4"], []])
    newest = lambda logs: {"events": [one["message"] for one in read(logs, limit=2)["events"]]}
    equal(*both("logs", newest))
    for ask in (
        lambda logs: read(logs, nextToken="unknown", startFromHead=True),
        lambda logs: logs.get_log_events(logGroupName=GROUP, logStreamName="unknown"),
        lambda logs: logs.get_log_events(logGroupName="unknown", logStreamName="unknown"),
        lambda logs: logs.filter_log_events(logGroupName="unknown"),
    ):
        equal(*both("logs", ask))
    filtered = lambda logs: {"found": [one["message"] for one in logs.filter_log_events(logGroupName=GROUP, logStreamNames=[stream])["events"]]}
    equal(*both("logs", filtered))


sys.exit(1 if checks.failed else 0)
