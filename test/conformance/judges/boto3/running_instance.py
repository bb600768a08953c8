"""The ready-made instance, running with its agent Online, and what sends scripts to it."""

from typing import Any, Dict, List

from checks import refused, until
from ec2_states import start, wait
from world import INSTANCE, ssm

FINAL = ("Success", "Failed", "TimedOut", "Cancelled")


def online(instance_id: str = INSTANCE) -> List[Dict[str, Any]]:
    wanted = [{"Key": "InstanceIds", "Values": [instance_id]}]
    return ssm.describe_instance_information(Filters=wanted)["InstanceInformationList"]


def send(*lines: str, parameters: Dict[str, List[str]] = {}, **options: Any) -> str:
    request = {"DocumentName": "AWS-RunShellScript", "InstanceIds": [INSTANCE], **options}
    return ssm.send_command(Parameters={"commands": list(lines), **parameters}, **request)["Command"]["CommandId"]


def look(command_id: str) -> Dict[str, Any]:
    try:
        return ssm.get_command_invocation(CommandId=command_id, InstanceId=INSTANCE)
    except ssm.exceptions.InvocationDoesNotExist:
        return {"Status": "Unknown", "ResponseCode": -1}


def end_of(command_id: str) -> Dict[str, Any]:
    def ended() -> Any:
        seen = look(command_id)
        return seen if seen["Status"] in FINAL else None

    return until(ended)


def until_in_progress(command_id: str) -> Dict[str, Any]:
    def started() -> Any:
        seen = look(command_id)
        return seen if seen["Status"] == "InProgress" else None

    return until(started)


def run(*lines: str, **options: Any) -> Dict[str, Any]:
    return end_of(send(*lines, **options))


with refused("InvalidInstanceId", 400):
    send("echo too early")
start(INSTANCE)
wait("instance_running", INSTANCE)
until(online)
