"""Scripts as the agent runs them."""

import os
import time
from datetime import datetime, timezone

from botocore.exceptions import WaiterError

from checks import check, equal, refused, until
from running_instance import end_of, look, online, run, send, until_in_progress
from world import BUCKET, INSTANCE, s3, ssm

QUICK = {"Delay": 0.1, "MaxAttempts": 200}


@check("right after sending there is no invocation yet, then it is pending, running and ended")
def _() -> None:
    def early() -> bool:
        command_id = send("sleep 0.3; echo done")
        try:
            ssm.get_command_invocation(CommandId=command_id, InstanceId=INSTANCE)
        except ssm.exceptions.InvocationDoesNotExist:
            listed = ssm.list_command_invocations(CommandId=command_id)["CommandInvocations"]
            seen = {"Unknown", *([] if not listed else ["listed early"])}
            while "Success" not in seen:
                seen.add(look(command_id)["Status"])
            equal(sorted(seen), ["InProgress", "Pending", "Success", "Unknown"])
            return True
        return False

    # A busy machine may take longer over one request than the service over making the invocation known.
    equal(any(early() for _attempt in range(5)), True)


@check("a command is told with its parameters, times and counts when it is sent")
def _() -> None:
    request = {"DocumentName": "AWS-RunShellScript", "InstanceIds": [INSTANCE], "Comment": "a comment"}
    command = ssm.send_command(**request, Parameters={"commands": ["echo 1"]}, TimeoutSeconds=60)["Command"]
    equal([command["Status"], command["StatusDetails"], command["Comment"]], ["Pending", "Pending", "a comment"])
    equal([command["TargetCount"], command["CompletedCount"], command["ErrorCount"]], [1, 0, 0])
    equal([command["InstanceIds"], command["Parameters"]["commands"]], [[INSTANCE], ["echo 1"]])
    equal([command["MaxConcurrency"], command["MaxErrors"], command["TimeoutSeconds"]], ["50", "0", 60])
    equal(abs((datetime.now(timezone.utc) - command["RequestedDateTime"]).total_seconds()) < 60, True)
    equal(len(command["CommandId"]), 36)
    end_of(command["CommandId"])


@check("nothing of the output is seen before the end")
def _() -> None:
    command_id = send("echo early; sleep 1")
    running = until_in_progress(command_id)
    equal([running["StandardOutputContent"], running["ResponseCode"]], ["", -1])
    equal([running["ExecutionStartDateTime"] != "", running["ExecutionEndDateTime"]], [True, ""])
    end = end_of(command_id)
    equal([end["StandardOutputContent"], end["ResponseCode"]], ["early\n", 0])
    equal([end["ExecutionEndDateTime"] != "", end["ExecutionElapsedTime"][:2]], [True, "PT"])


@check("a script fails by the exit code of its last command only")
def _() -> None:
    failed = run("echo out", "echo err >&2", "exit 3")
    equal([failed["Status"], failed["StatusDetails"], failed["ResponseCode"]], ["Failed", "Failed", 3])
    equal([failed["StandardOutputContent"], failed["StandardErrorContent"]], ["out\n", "err\n"])
    equal(run("false", "no-such-program", "true")["Status"], "Success")


@check("commands are lines of one script")
def _() -> None:
    equal(run("for i in 1 2; do", "echo $i", "done", "cd /", "pwd")["StandardOutputContent"], "1\n2\n/\n")


@check("the first line may choose the interpreter")
def _() -> None:
    equal(run("#!/usr/bin/env python3", "print(6 * 7)")["StandardOutputContent"], "42\n")


@check("a script has the command's id and the region, and nothing of the sandbox's own environment")
def _() -> None:
    command_id = send("echo $SSM_COMMAND_ID $AWS_SSM_INSTANCE_ID", "env | grep -c SECRET")
    equal(end_of(command_id)["StandardOutputContent"].split(), [command_id, INSTANCE, "0"])


@check("a script runs in the working directory that it names")
def _() -> None:
    seen = run("pwd", parameters={"workingDirectory": ["/home/ubuntu"]})["StandardOutputContent"]
    equal(seen.endswith("/home/ubuntu\n"), True)


@check("two scripts run side by side")
def _() -> None:
    commands = [send("sleep 1") for _ in range(2)]
    until(lambda: all(look(one)["Status"] == "InProgress" for one in commands))
    equal([end_of(one)["Status"] for one in commands], ["Success", "Success"])


@check("a child in the background holds the command while it holds the output")
def _() -> None:
    start = time.monotonic()
    held = run("sleep 1.5 &", "echo started")
    equal([held["StandardOutputContent"], time.monotonic() - start > 1.5], ["started\n", True])


@check("a child in the background that holds no output holds nothing")
def _() -> None:
    command_id = send("sleep 20 >/dev/null 2>&1 </dev/null & echo $!")
    end = end_of(command_id)
    equal(end["Status"], "Success")
    os.kill(int(end["StandardOutputContent"]), 15)


@check("the waiter for a command succeeds with it and fails with it")
def _() -> None:
    waiter = ssm.get_waiter("command_executed")
    waiter.wait(CommandId=send("true"), InstanceId=INSTANCE, WaiterConfig=QUICK)
    try:
        waiter.wait(CommandId=send("false"), InstanceId=INSTANCE, WaiterConfig=QUICK)
    except WaiterError as error:
        equal("terminal failure" in str(error), True)
    else:
        raise AssertionError("it succeeded")


@check("the whole output goes to a bucket when one is named")
def _() -> None:
    command_id = send("seq 1 20000", OutputS3BucketName=BUCKET, OutputS3KeyPrefix="output/")
    end = end_of(command_id)
    key = f"output/{command_id}/{INSTANCE}/awsrunShellScript/0.awsrunShellScript/stdout"
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    equal(body, "".join(f"{number}\n" for number in range(1, 20001)))
    equal(end["StandardOutputUrl"].endswith(key), True)
    equal(s3.list_objects_v2(Bucket=BUCKET, Prefix=f"output/{command_id}/")["KeyCount"], 1)


@check("a script for Windows is UnsupportedPlatformType")
def _() -> None:
    with refused("UnsupportedPlatformType", 400):
        send("true", DocumentName="AWS-RunPowerShellScript")


@check("an output bucket that does not exist is InvalidOutputFolder")
def _() -> None:
    with refused("InvalidOutputFolder", 400):
        send("true", OutputS3BucketName="conformance-missing")


@check("a command for a tag is sent to whoever has it")
def _() -> None:
    command_id = send("echo tagged", InstanceIds=[], Targets=[{"Key": "tag:Name", "Values": ["lightly-worker"]}])
    equal(end_of(command_id)["StandardOutputContent"], "tagged\n")
    (command,) = ssm.list_commands(CommandId=command_id)["Commands"]
    equal([command["InstanceIds"], command["TargetCount"]], [[], 1])


@check("a running instance is listed as Online, with its platform")
def _() -> None:
    (row,) = online()
    equal([row["PingStatus"], row["PlatformType"], row["ResourceType"]], ["Online", "Linux", "EC2Instance"])
    equal((datetime.now(timezone.utc) - row["LastPingDateTime"]).total_seconds() < 300, True)


@check("commands and invocations are listed in pages and by filters")
def _() -> None:
    sent = [send("exit 5"), send("true")]
    ends = [end_of(one)["Status"] for one in sent]
    equal(ends, ["Failed", "Success"])
    pages = ssm.get_paginator("list_commands").paginate(InstanceId=INSTANCE, PaginationConfig={"PageSize": 3})
    listed = [one["CommandId"] for page in pages for one in page["Commands"]]
    equal([len(listed) > 6, len(set(listed)) == len(listed), sorted(listed[:2])], [True, True, sorted(sent)])
    failed = ssm.list_commands(Filters=[{"key": "Status", "value": "Failed"}])["Commands"]
    equal([sent[0] in [one["CommandId"] for one in failed], {one["Status"] for one in failed}], [True, {"Failed"}])
    (row,) = ssm.list_command_invocations(CommandId=sent[0], Details=True)["CommandInvocations"]
    equal([row["Status"], row["CommandPlugins"][0]["ResponseCode"]], ["Failed", 5])
    with refused("InvalidFilterKey", 400):
        ssm.list_command_invocations(Filters=[{"key": "ExecutionStage", "value": "Complete"}])
