"""Instances from pending to terminated, and which change is allowed when."""

from typing import Any, Dict

from botocore.exceptions import WaiterError

from checks import check, equal, refused, until
from world import INSTANCE, UNKNOWN_INSTANCE, client, control, ec2, fault, refusal

QUICK = {"Delay": 0.1, "MaxAttempts": 100}
IMAGE = "ami-0123456789abcdef0"


def launch(**options: Any) -> str:
    answer = ec2.run_instances(ImageId=IMAGE, InstanceType="g4dn.xlarge", MinCount=1, MaxCount=1, **options)
    return answer["Instances"][0]["InstanceId"]


def instance(instance_id: str) -> Dict[str, Any]:
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def state(instance_id: str) -> str:
    return instance(instance_id)["State"]["Name"]


def wait(name: str, instance_id: str) -> None:
    ec2.get_waiter(name).wait(InstanceIds=[instance_id], WaiterConfig=QUICK)


def start(instance_id: str) -> list:
    (change,) = ec2.start_instances(InstanceIds=[instance_id])["StartingInstances"]
    return [change["PreviousState"]["Name"], change["CurrentState"]["Name"]]


def stop(instance_id: str, **options: Any) -> list:
    (change,) = ec2.stop_instances(InstanceIds=[instance_id], **options)["StoppingInstances"]
    return [change["PreviousState"]["Name"], change["CurrentState"]["Name"]]


def terminate(instance_id: str) -> list:
    (change,) = ec2.terminate_instances(InstanceIds=[instance_id])["TerminatingInstances"]
    return [change["PreviousState"]["Name"], change["CurrentState"]["Name"]]


@check("a launched instance goes from pending to running, stopping, stopped, shutting-down and terminated")
def _() -> None:
    new = launch()
    equal(instance(new)["State"], {"Code": 0, "Name": "pending"})
    wait("instance_running", new)
    equal(instance(new)["State"], {"Code": 16, "Name": "running"})
    equal(stop(new), ["running", "stopping"])
    equal(instance(new)["State"], {"Code": 64, "Name": "stopping"})
    wait("instance_stopped", new)
    equal(instance(new)["State"], {"Code": 80, "Name": "stopped"})
    equal(instance(new)["StateReason"]["Code"], "Client.UserInitiatedShutdown")
    equal(terminate(new), ["stopped", "shutting-down"])
    wait("instance_terminated", new)
    equal(instance(new)["State"], {"Code": 48, "Name": "terminated"})
    equal(terminate(new), ["terminated", "terminated"])


@check("an instance on its first launch cannot be stopped before it runs: IncorrectInstanceState")
def _() -> None:
    new = launch()
    with refused("IncorrectInstanceState", 400):
        stop(new)
    wait("instance_running", new)
    terminate(new)


@check("an instance that is shutting down or terminated is neither started nor stopped: IncorrectInstanceState")
def _() -> None:
    new = launch()
    wait("instance_running", new)
    equal(terminate(new), ["running", "shutting-down"])
    for _round in range(2):
        with refused("IncorrectInstanceState", 400):
            start(new)
        with refused("IncorrectInstanceState", 400):
            stop(new)
        wait("instance_terminated", new)


@check("a start changes nothing while an instance is pending or running")
def _() -> None:
    equal(start(INSTANCE), ["stopped", "pending"])
    equal(start(INSTANCE), ["pending", "pending"])
    wait("instance_running", INSTANCE)
    equal(start(INSTANCE), ["running", "running"])


@check("a running instance has an address that a stopped one has not")
def _() -> None:
    equal("PublicIpAddress" in instance(INSTANCE), True)


@check("an instance that is stopping cannot be started: IncorrectInstanceState; a second stop is success")
def _() -> None:
    equal(stop(INSTANCE), ["running", "stopping"])
    with refused("IncorrectInstanceState", 400):
        start(INSTANCE)
    equal(stop(INSTANCE), ["stopping", "stopping"])
    wait("instance_stopped", INSTANCE)
    equal(stop(INSTANCE), ["stopped", "stopped"])
    equal("PublicIpAddress" in instance(INSTANCE), False)


@check("an instance keeps its private address and gets a new start time")
def _() -> None:
    before = instance(INSTANCE)
    start(INSTANCE)
    wait("instance_running", INSTANCE)
    after = instance(INSTANCE)
    equal(after["PrivateIpAddress"], before["PrivateIpAddress"])
    equal(after["LaunchTime"] > before["LaunchTime"], True)


@check("the type of a running instance cannot be changed: IncorrectInstanceState")
def _() -> None:
    with refused("IncorrectInstanceState", 400):
        ec2.modify_instance_attribute(InstanceId=INSTANCE, InstanceType={"Value": "g4dn.2xlarge"})


@check("hibernation that was not configured is UnsupportedHibernationConfiguration, and the instance runs on")
def _() -> None:
    with refused("UnsupportedHibernationConfiguration", 400):
        stop(INSTANCE, Hibernate=True)
    equal(state(INSTANCE), "running")


@check("an instance that can hibernate does, and says so")
def _() -> None:
    new = launch(HibernationOptions={"Configured": True})
    wait("instance_running", new)
    stop(new, Hibernate=True)
    wait("instance_stopped", new)
    equal(instance(new)["StateReason"]["Code"], "Client.UserInitiatedHibernate")
    terminate(new)


@check("stop protection is OperationNotPermitted until it is switched off")
def _() -> None:
    ec2.modify_instance_attribute(InstanceId=INSTANCE, DisableApiStop={"Value": True})
    with refused("OperationNotPermitted", 400):
        stop(INSTANCE)
    ec2.modify_instance_attribute(InstanceId=INSTANCE, DisableApiStop={"Value": False})
    equal(stop(INSTANCE, Force=True), ["running", "stopping"])
    wait("instance_stopped", INSTANCE)


@check("termination protection is OperationNotPermitted")
def _() -> None:
    ec2.modify_instance_attribute(InstanceId=INSTANCE, DisableApiTermination={"Value": True})
    with refused("OperationNotPermitted", 400):
        terminate(INSTANCE)
    ec2.modify_instance_attribute(InstanceId=INSTANCE, DisableApiTermination={"Value": False})


@check("one wrong id of several leaves all of them as they are")
def _() -> None:
    with refused("InvalidInstanceID.NotFound", 400):
        ec2.start_instances(InstanceIds=[INSTANCE, UNKNOWN_INSTANCE])
    equal(state(INSTANCE), "stopped")


@check("an instance that shuts itself down stops, or is terminated if it was launched so")
def _() -> None:
    for behavior, waiter in (("stop", "instance_stopped"), ("terminate", "instance_terminated")):
        new = launch(InstanceInitiatedShutdownBehavior=behavior)
        wait("instance_running", new)
        attribute = ec2.describe_instance_attribute(InstanceId=new, Attribute="instanceInitiatedShutdownBehavior")
        equal(attribute["InstanceInitiatedShutdownBehavior"]["Value"], behavior)
        control("POST", f"instances/{new}/shutdown", {"minutes": 0})
        wait(waiter, new)
        equal(instance(new)["StateReason"]["Code"], "Client.InstanceInitiatedShutdown")
        terminate(new)


@check("a start that fails falls back to stopped, with the reason")
def _() -> None:
    with fault(startFailures=1):
        equal(start(INSTANCE), ["stopped", "pending"])
        until(lambda: state(INSTANCE) == "stopped")
    equal(instance(INSTANCE)["StateReason"]["Code"], "Client.InternalError")


@check("a launch that fails is terminated, and the waiter for running sees that at once")
def _() -> None:
    with fault(startFailures=1):
        new = launch()
        try:
            wait("instance_running", new)
        except WaiterError as error:
            equal("terminal failure" in str(error), True)
        else:
            raise AssertionError("it runs")


@check("a waiter looks past failures of the service that pass")
def _() -> None:
    start(INSTANCE)
    with fault(**refusal("ec2", "DescribeInstances", 500, "InternalError", times=2)):
        patient = client("ec2", attempts=3).get_waiter("instance_running")
        patient.wait(InstanceIds=[INSTANCE], WaiterConfig=QUICK)
    stop(INSTANCE)
    wait("instance_stopped", INSTANCE)
