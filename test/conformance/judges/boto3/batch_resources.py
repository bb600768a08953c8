"""Queues, environments, definitions, lists and tags of Batch."""

import time

from batch_world import GROUP, QUEUE, batch, job, judged, logs, over, reaches, submit, unchecked
from checks import check, equal, refused
from world import client, fault


@check("what every sandbox has is ENABLED and VALID")
def _() -> None:
    queues = batch.describe_job_queues(jobQueues=[QUEUE, "lightly-spot-queue"])["jobQueues"]
    equal([(one["state"], one["status"]) for one in queues], [("ENABLED", "VALID")] * 2)
    names = [one["computeEnvironmentOrder"][0]["computeEnvironment"] for one in queues]
    environments = batch.describe_compute_environments(computeEnvironments=names)["computeEnvironments"]
    equal([one["computeResources"]["type"] for one in environments], ["EC2", "SPOT"])
    pages = batch.get_paginator("describe_job_definitions").paginate(status="ACTIVE", PaginationConfig={"PageSize": 1})
    found = {one["jobDefinitionName"]: one for page in pages for one in page["jobDefinitions"]}
    equal({"lightly-worker", "lightly-studio", "sandbox-shell"} <= set(found), True)
    worker = found["lightly-worker"]["containerProperties"]
    equal(worker["linuxParameters"]["sharedMemorySize"], 1024)
    equal({one["type"] for one in worker["resourceRequirements"]}, {"VCPU", "MEMORY", "GPU"})


@check("a queue, its environment and a definition are made, changed and deleted")
def _() -> None:
    resources = {"type": "EC2", "maxvCpus": 2, "instanceTypes": ["c5.large"], "subnets": ["subnet-1"], "tags": {"a": "b"}}
    batch.create_compute_environment(computeEnvironmentName="judged", type="MANAGED", computeResources=resources)
    order = [{"order": 1, "computeEnvironment": "judged"}]
    actions = [{"reason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "state": "RUNNABLE", "maxTimeSeconds": 600, "action": "CANCEL"}]
    made = batch.create_job_queue(jobQueueName="judged", priority=5, computeEnvironmentOrder=order, jobStateTimeLimitActions=actions)
    (queue,) = batch.describe_job_queues(jobQueues=[made["jobQueueArn"]])["jobQueues"]
    equal([queue["priority"], queue["jobStateTimeLimitActions"]], [5, actions])
    equal(over(submit(jobQueue="judged"))["status"], "SUCCEEDED")
    batch.update_job_queue(jobQueue="judged", state="DISABLED")
    with refused("ClientException", 400):
        submit(jobQueue="judged")
    batch.delete_job_queue(jobQueue="judged")
    batch.update_compute_environment(computeEnvironment="judged", state="DISABLED", computeResources={"maxvCpus": 4})
    batch.delete_compute_environment(computeEnvironment="judged")
    equal(batch.describe_job_queues(jobQueues=["judged"])["jobQueues"], [])
    equal(batch.describe_compute_environments(computeEnvironments=["judged"])["computeEnvironments"], [])


@check("a definition has revisions, which are ACTIVE until they are deregistered")
def _() -> None:
    container = {"image": "busybox", "command": ["echo", "Ref::word"], "vcpus": 1, "memory": 64}
    register = lambda: batch.register_job_definition(
        jobDefinitionName="judged-definition", type="container", containerProperties=container, parameters={"word": "hello"}
    )
    equal([register()["revision"], register()["revision"]], [1, 2])
    job_id = batch.submit_job(jobName="revised", jobQueue=QUEUE, jobDefinition="judged-definition", parameters={"word": "bye"})["jobId"]
    found = over(job_id)
    equal([found["jobDefinition"].rsplit("/", 1)[1], found["container"]["command"]], ["judged-definition:2", ["echo", "bye"]])
    batch.deregister_job_definition(jobDefinition="judged-definition:2")
    active = batch.describe_job_definitions(jobDefinitionName="judged-definition", status="ACTIVE")["jobDefinitions"]
    equal([one["revision"] for one in active], [1])


@check("ListJobs returns RUNNING jobs, one status, or all states of a name in pages")
def _() -> None:
    ids = [submit(jobName="Listed") for _ in range(3)] + [submit("sleep 60", jobName="listed-too")]
    reaches(ids[3], "RUNNING")
    for job_id in ids[:3]:
        over(job_id)
    running = batch.list_jobs(jobQueue=QUEUE)["jobSummaryList"]
    equal([one["jobId"] for one in running], [ids[3]])
    by_name = {"jobQueue": QUEUE, "filters": [{"name": "JOB_NAME", "values": ["LISTED*"]}]}
    pages = list(batch.get_paginator("list_jobs").paginate(**by_name, PaginationConfig={"PageSize": 2}))
    equal([len(page["jobSummaryList"]) for page in pages], [2, 2])
    found = [one["jobId"] for page in pages for one in page["jobSummaryList"]]
    equal(found, [ids[3], *reversed(ids[:3])])
    since = {"name": "AFTER_CREATED_AT", "values": [str(int(time.time() * 1000) + 60_000)]}
    equal(batch.list_jobs(jobQueue=QUEUE, filters=[since])["jobSummaryList"], [])
    batch.terminate_job(jobId=ids[3], reason="listed")
    over(ids[3])


@check("children are listed by their array, and are not in the lists of the queue")
def _() -> None:
    array = submit(jobName="with-children", arrayProperties={"size": 3})
    over(array)
    children = batch.list_jobs(arrayJobId=array, jobStatus="SUCCEEDED")["jobSummaryList"]
    equal([one["jobId"] for one in children], [f"{array}:{index}" for index in range(3)])
    equal(children[2]["arrayProperties"]["index"], 2)
    named = [{"name": "JOB_NAME", "values": ["with-children"]}]
    (parent,) = batch.list_jobs(jobQueue=QUEUE, filters=named)["jobSummaryList"]
    equal([parent["jobId"], parent["arrayProperties"]["size"]], [array, 3])


@check("a snapshot shows the jobs at the front of a queue")
def _() -> None:
    with fault(batchBlocked="UNDETERMINED - Batch job is blocked, root cause is undetermined."):
        ids = [submit(), submit()]
        reaches(ids[1], "RUNNABLE")
        front = batch.get_job_queue_snapshot(jobQueue=QUEUE)["frontOfQueue"]["jobs"]
        equal([one["jobArn"].rsplit("/", 1)[1] for one in front], ids)
        equal([job(job_id).get("statusReason", "").split(" ")[0] for job_id in ids], ["UNDETERMINED", ""])
    equal([over(job_id)["status"] for job_id in ids], ["SUCCEEDED"] * 2)


@check("jobs and resources have tags, and children have none")
def _() -> None:
    made = batch.submit_job(jobName="tagged", jobQueue=QUEUE, jobDefinition="sandbox-shell", tags={"run": "1"}, arrayProperties={"size": 2})
    batch.tag_resource(resourceArn=made["jobArn"], tags={"step": "2"})
    equal(batch.list_tags_for_resource(resourceArn=made["jobArn"])["tags"], {"run": "1", "step": "2"})
    batch.untag_resource(resourceArn=made["jobArn"], tagKeys=["run"])
    equal(job(made["jobId"])["tags"], {"step": "2"})
    with refused("ClientException", 400):
        batch.tag_resource(resourceArn=f"{made['jobArn']}:0", tags={"a": "b"})
    over(made["jobId"])


@check("what Batch does not accept is ClientException")
def _() -> None:
    for request in (
        {"jobName": "bad name!"},
        {"jobQueue": "unknown"},
        {"jobDefinition": "unknown"},
        {"arrayProperties": {"size": 1}},
        {"retryStrategy": {"attempts": 11}},
        {"timeout": {"attemptDurationSeconds": 59}},
        {"shareIdentifier": "team"},
        {"dependsOn": [{"jobId": "unknown"}]},
        {"containerOverrides": {"environment": [{"name": "AWS_BATCH_JOB_ID", "value": "1"}]}},
        {"containerOverrides": {"command": ["x" * 31 * 1024]}},
        {"tags": {str(number): "" for number in range(51)}},
    ):
        with refused("ClientException", 400):
            submit(**request)
    for operation, request in (
        (unchecked.terminate_job, {"jobId": "unknown"}),
        (unchecked.describe_jobs, {"jobs": ["x"] * 101}),
        (unchecked.list_jobs, {}),
        (unchecked.list_jobs, {"jobQueue": QUEUE, "jobStatus": "DONE"}),
    ):
        with refused("ClientException", 400):
            operation(**request)


@check("too long overrides are accepted, and the job fails")
def _() -> None:
    found = over(submit("x" * 8193))
    equal([found["status"], found["statusReason"]], ["FAILED", "Container Overrides length must be at most 8192"])


@check("unknown jobs are left out, and ending them is no error")
def _() -> None:
    equal(batch.describe_jobs(jobs=["unknown"])["jobs"], [])
    batch.terminate_job(jobId="unknown", reason="judged")
    batch.cancel_job(jobId="unknown", reason="judged")


@check("throttling is TooManyRequestsException with 429, and it passes")
def _() -> None:
    with fault(service="batch", operation="DescribeJobs", kind="throttle", times=1):
        with refused("TooManyRequestsException", 429):
            batch.describe_jobs(jobs=["unknown"])
    with fault(service="batch", operation="DescribeJobs", kind="throttle", times=1):
        equal(judged("batch", attempts=3).describe_jobs(jobs=["unknown"])["jobs"], [])


@check("a job whose answer is lost was submitted, and a repeated request submits it twice")
def _() -> None:
    with fault(service="batch", operation="SubmitJob", kind="lost", times=1):
        request = {"jobName": "lost", "jobQueue": QUEUE, "jobDefinition": "sandbox-shell"}
        judged("batch", attempts=2).submit_job(**request)
    found = batch.list_jobs(jobQueue=QUEUE, filters=[{"name": "JOB_NAME", "values": ["lost"]}])["jobSummaryList"]
    equal(len(found), 2)


@check("a wrong key pair is refused in the format of the service")
def _() -> None:
    stranger = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "wrong"}
    strangers = [
        lambda: client("batch", **stranger).describe_job_queues(),
        lambda: client("logs", **stranger).describe_log_streams(logGroupName=GROUP),
    ]
    for ask in strangers:
        with refused("UnrecognizedClientException"):
            ask()


@check("a log is read forward by its tokens, whose last one stays the same")
def _() -> None:
    stream = over(submit("for i in 1 2 3; do echo $i; done"))["container"]["logStreamName"]
    read = lambda **more: logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True, **more)
    first = read(limit=2)
    second = read(nextToken=first["nextForwardToken"])
    third = read(nextToken=second["nextForwardToken"])
    equal([[one["message"] for one in page["events"]] for page in (first, second, third)], [["1", "2"], ["3"], []])
    equal(third["nextForwardToken"], second["nextForwardToken"])
    with refused("ResourceNotFoundException", 400):
        logs.get_log_events(logGroupName=GROUP, logStreamName="unknown")
    with refused("InvalidParameterException", 400):
        read(nextToken="unknown")


@check("the events of many streams are filtered in pages, and streams are described")
def _() -> None:
    array = submit("echo filtered $AWS_BATCH_JOB_ARRAY_INDEX", arrayProperties={"size": 3})
    over(array)
    children = batch.describe_jobs(jobs=[f"{array}:{index}" for index in range(3)])["jobs"]
    streams = [child["container"]["logStreamName"] for child in children]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=GROUP, logStreamNames=streams, PaginationConfig={"PageSize": 2}
    )
    events = [event for page in pages for event in page["events"]]
    equal(sorted(event["message"] for event in events), [f"filtered {index}" for index in range(3)])
    equal(len({event["eventId"] for event in events}), 3)
    described = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=streams[0])["logStreams"]
    equal([one["logStreamName"] for one in described], [streams[0]])
