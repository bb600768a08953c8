"""Limits of time and output. A second of a limit lasts a tenth of one here."""

import os
import time

from checks import check, equal, refused, until
from ec2_states import start, stop, wait
from running_instance import end_of, look, online, run, send, until_in_progress
from world import INSTANCE, fault, ssm

MIN_LENGTH = {"executionTimeout": ["5"]}


def is_alive(pid: str) -> bool:
    try:
        with open(f"/proc/{int(pid)}/stat") as file:
            return file.read().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):
            return False
        return os.system(f"kill -0 {int(pid)} 2>/dev/null") == 0


@check("a script past its limit is killed with its children: TimedOut, ExecutionTimedOut, 137")
def _() -> None:
    end = run("sleep 600 & echo $!", "sleep 600", parameters=MIN_LENGTH)
    equal([end["Status"], end["StatusDetails"], end["ResponseCode"]], ["TimedOut", "ExecutionTimedOut", 137])
    until(lambda: not is_alive(end["StandardOutputContent"]))


@check("a limit out of range or that is no number is silently an hour")
def _() -> None:
    for limit in ("1", "200000", "soon"):
        equal(run("sleep 0.7", parameters={"executionTimeout": [limit]})["Status"], "Success")


@check("a command that is never delivered is TimedOut, DeliveryTimedOut")
def _() -> None:
    with fault(neverDelivered=True):
        command_id = send("echo never", TimeoutSeconds=30)
        end = end_of(command_id)
    equal([end["Status"], end["StatusDetails"], end["ResponseCode"]], ["TimedOut", "DeliveryTimedOut", -1])
    equal([end["ExecutionStartDateTime"], end["StandardOutputContent"]], ["", ""])
    (command,) = ssm.list_commands(CommandId=command_id)["Commands"]
    equal([command["Status"], command["DeliveryTimedOutCount"]], ["TimedOut", 1])


@check("the first 24,000 characters of stdout and 8,000 of stderr are shown")
def _() -> None:
    end = run("#!/usr/bin/env python3", "import sys", "print('ü' * 30000)", "print('e' * 30000, file=sys.stderr)")
    equal([end["StandardOutputContent"], end["StandardErrorContent"]], ["ü" * 24_000, "e" * 8_000])
    (row,) = ssm.list_command_invocations(CommandId=end["CommandId"], Details=True)["CommandInvocations"]
    equal(len(row["CommandPlugins"][0]["Output"]), 2_500)


@check("a running command that is canceled is killed with its children: Cancelled, 137")
def _() -> None:
    command_id = send("sleep 600 & echo $!", "sleep 600")
    until_in_progress(command_id)
    ssm.cancel_command(CommandId=command_id, InstanceIds=[INSTANCE])
    end = end_of(command_id)
    equal([end["Status"], end["StatusDetails"], end["ResponseCode"]], ["Cancelled", "Cancelled", 137])
    until(lambda: not is_alive(end["StandardOutputContent"]))


@check("a command that is canceled on its way never runs")
def _() -> None:
    command_id = send("echo never")
    ssm.cancel_command(CommandId=command_id)
    end = end_of(command_id)
    equal([end["Status"], end["ResponseCode"], end["StandardOutputContent"]], ["Cancelled", -1, ""])


@check("canceling what has ended changes nothing")
def _() -> None:
    command_id = send("true")
    end_of(command_id)
    ssm.cancel_command(CommandId=command_id)
    time.sleep(0.2)
    equal(look(command_id)["Status"], "Success")


@check("an agent that never registers is not listed, and takes no command")
def _() -> None:
    stop(INSTANCE)
    wait("instance_stopped", INSTANCE)
    equal(online(), [])
    with fault(neverOnline=True):
        start(INSTANCE)
        wait("instance_running", INSTANCE)
        time.sleep(0.6)
        equal(online(), [])
        with refused("InvalidInstanceId", 400):
            send("echo unreachable")
    stop(INSTANCE)
    wait("instance_stopped", INSTANCE)
    start(INSTANCE)
    until(online)


@check("stopping the instance ends its scripts, and none of them has succeeded")
def _() -> None:
    command_id = send("sleep 600")
    until_in_progress(command_id)
    stop(INSTANCE)
    wait("instance_stopped", INSTANCE)
    equal(look(command_id)["Status"] in ("InProgress", "Failed", "TimedOut"), True)
