"""Jobs of Batch as real processes on instances that come and go."""

import re
import time

from batch_world import QUEUE, batch, job, lines, over, reaches, submit
from checks import check, equal, until
from world import ec2, fault

HOST_LOST = re.compile(r"Host EC2 \(instance (i-[0-9a-f]+)\) terminated\.")


def instances(*states: str) -> list:
    filters = [{"Name": "tag:Name", "Values": ["lightly-batch"]}, {"Name": "instance-state-name", "Values": list(states)}]
    found = ec2.describe_instances(Filters=filters)["Reservations"]
    return [one["InstanceId"] for reservation in found for one in reservation["Instances"]]


@check("a job goes through its states and ends with its exit code")
def _() -> None:
    job_id = submit("sleep 0.5; exit 3")
    seen = []
    while not seen or seen[-1] not in ("SUCCEEDED", "FAILED"):
        status = job(job_id)["status"]
        seen += [] if seen[-1:] == [status] else [status]
        time.sleep(0.01)
    order = ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "FAILED"]
    equal([status for status in order if status in seen], seen)
    equal(["RUNNABLE" in seen, "RUNNING" in seen], [True, True])
    found = job(job_id)
    equal([found["container"]["exitCode"], found["statusReason"]], [3, "Essential container in task exited"])
    equal(found["createdAt"] <= found["startedAt"] <= found["stoppedAt"], True)
    equal(abs(found["stoppedAt"] / 1000 - time.time()) < 60, True)


@check("an instance with the tags of the environment is there for a job, and is terminated afterwards")
def _() -> None:
    job_id = submit("sleep 1")
    reaches(job_id, "RUNNING")
    equal(len(instances("running")), 1)
    (environment,) = batch.describe_compute_environments(computeEnvironments=["lightly-environment"])["computeEnvironments"]
    equal(environment["computeResources"]["desiredvCpus"], 4)
    over(job_id)
    until(lambda: instances("pending", "running", "shutting-down") == [])
    (environment,) = batch.describe_compute_environments(computeEnvironments=["lightly-environment"])["computeEnvironments"]
    equal([environment["computeResources"][name] for name in ("minvCpus", "desiredvCpus")], [0, 0])


@check("a job has the variables of Batch, and writes each line to a stream that is named by its task")
def _() -> None:
    job_id = submit("echo $AWS_BATCH_JOB_ID $AWS_BATCH_JOB_ATTEMPT $AWS_BATCH_JQ_NAME $AWS_BATCH_CE_NAME; echo two >&2")
    container = over(job_id)["container"]
    equal(sorted(lines(container["logStreamName"])), sorted([f"{job_id} 1 {QUEUE} lightly-environment", "two"]))
    equal(re.fullmatch(r"sandbox-shell/default/[0-9a-f]{32}", container["logStreamName"]) is not None, True)
    equal(container["taskArn"].rsplit("/", 1)[1], container["logStreamName"].rsplit("/", 1)[1])


@check("an array has children with their index, and is PENDING until they are over")
def _() -> None:
    array = submit('echo $AWS_BATCH_JOB_ARRAY_INDEX; [ "$AWS_BATCH_JOB_ARRAY_INDEX" != 1 ]', arrayProperties={"size": 3})
    reaches(array, "PENDING")
    found = over(array)
    equal([found["status"], found["attempts"], "logStreamName" in found["container"]], ["FAILED", [], False])
    equal({state: count for state, count in found["arrayProperties"]["statusSummary"].items() if count}, {"SUCCEEDED": 2, "FAILED": 1})
    equal(len(found["arrayProperties"]["statusSummary"]), 7)
    children = batch.describe_jobs(jobs=[f"{array}:{index}" for index in range(3)])["jobs"]
    equal([lines(child["container"]["logStreamName"]) for child in children], [["0"], ["1"], ["2"]])
    equal([child["arrayProperties"]["index"] for child in children], [0, 1, 2])


@check("a failed attempt is repeated with a new stream, and its rules decide")
def _() -> None:
    rules = [{"onExitCode": "7", "action": "EXIT"}]
    job_id = submit("exit $((AWS_BATCH_JOB_ATTEMPT + 5))", retryStrategy={"attempts": 5, "evaluateOnExit": rules})
    found = over(job_id)
    equal([one["container"]["exitCode"] for one in found["attempts"]], [6, 7])
    equal(len({one["container"]["logStreamName"] for one in found["attempts"]}), 2)
    equal(found["container"]["exitCode"], 7)


@check("a reclaimed spot instance is the reason of the attempt, and the job gets another instance")
def _() -> None:
    rules = [{"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}]
    with fault(spotReclaims=1):
        job_id = submit('[ "$AWS_BATCH_JOB_ATTEMPT" = 2 ] || sleep 60', retryStrategy={"attempts": 2, "evaluateOnExit": rules})
        found = over(job_id)
    lost = HOST_LOST.fullmatch(found["attempts"][0]["statusReason"])
    equal([lost is not None, found["status"]], [True, "SUCCEEDED"])
    reason = ec2.describe_instances(InstanceIds=[lost[1]])["Reservations"][0]["Instances"][0]["StateReason"]
    equal(reason["Code"], "Server.SpotInstanceTermination")


@check("a time limit ends an attempt, which is not repeated")
def _() -> None:
    found = over(submit("sleep 60", timeout={"attemptDurationSeconds": 60}, retryStrategy={"attempts": 3}))
    equal([found["status"], found["statusReason"]], ["FAILED", "Job attempt duration exceeded timeout"])
    equal(len(found["attempts"]), 1)


@check("an image that does not exist is the reason why a task did not start, without exit code and stream")
def _() -> None:
    batch.register_job_definition(
        jobDefinitionName="no-image",
        type="container",
        containerProperties={"image": "nobody/nothing:1", "vcpus": 1, "memory": 128},
    )
    found = over(batch.submit_job(jobName="no-image", jobQueue=QUEUE, jobDefinition="no-image")["jobId"])
    equal([found["status"], found["statusReason"]], ["FAILED", "Task failed to start"])
    equal(found["container"]["reason"].startswith("CannotPullContainerError: "), True)
    equal([name in found["container"] for name in ("exitCode", "logStreamName")], [False, False])


@check("a job waits for another one, and fails with it")
def _() -> None:
    first = submit("sleep 0.5; false")
    second = submit(dependsOn=[{"jobId": first}])
    reaches(second, "PENDING")
    equal([over(second)["statusReason"], job(first)["status"]], ["Dependent Job failed", "FAILED"])


@check("a job that no instance can hold waits with that reason, and terminating it is the end of it")
def _() -> None:
    needs = [{"type": "MEMORY", "value": "16384"}]
    job_id = submit(containerOverrides={"resourceRequirements": needs})
    found = until(lambda: "statusReason" in (found := job(job_id)) and found)
    equal([found["status"], found["statusReason"].split(" - ")[0]], ["RUNNABLE", "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"])
    batch.terminate_job(jobId=job_id, reason="too large")
    found = over(job_id)
    equal([found["status"], found["statusReason"], found["attempts"]], ["FAILED", "too large", []])


@check("missing capacity is a reason to wait, and it goes away")
def _() -> None:
    until(lambda: instances("pending", "running", "shutting-down") == [])
    with fault(capacityMissing=20):
        job_id = submit()
        found = until(lambda: "statusReason" in (found := job(job_id)) and found)
        equal(found["statusReason"].split(" - ")[0], "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY")
    equal(over(job_id)["status"], "SUCCEEDED")


@check("a running job ends by TerminateJob and not by CancelJob; a job that is over ends by neither")
def _() -> None:
    job_id = submit("sleep 60")
    reaches(job_id, "RUNNING")
    batch.cancel_job(jobId=job_id, reason="canceled")
    time.sleep(0.5)
    equal(job(job_id)["status"], "RUNNING")
    batch.terminate_job(jobId=job_id, reason="terminated")
    equal(job(job_id)["isTerminated"], True)
    found = over(job_id)
    equal([found["status"], found["statusReason"], found["container"]["exitCode"]], ["FAILED", "terminated", 143])
    batch.terminate_job(jobId=job_id, reason="again")
    equal(job(job_id)["statusReason"], "terminated")
    equal(batch.terminate_jobs(jobs=[job_id, "unknown"], reason="again")["successful"], [job_id, "unknown"])
    equal(batch.cancel_jobs(jobs=[job_id], reason="again")["errors"], [])
