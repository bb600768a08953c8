"""Every name by which SSM refuses something. The instance is stopped."""

import uuid
from typing import Any

from checks import check, equal, refused
from clock import clock_off_by
from running_instance import send
from world import INSTANCE, UNKNOWN_INSTANCE, client, fault, refusal, ssm

# Lets the server judge what it is given.
UNCHECKED = client("ssm", parameter_validation=False)


def is_refused(code: str, *lines: str, **options: Any) -> None:
    with refused(code, 400):
        send(*(lines or ("true",)), **options)


@check("a stopped and an unknown instance are InvalidInstanceId")
def _() -> None:
    is_refused("InvalidInstanceId")
    is_refused("InvalidInstanceId", InstanceIds=[UNKNOWN_INSTANCE])
    is_refused("InvalidInstanceId", InstanceIds=[INSTANCE, UNKNOWN_INSTANCE])


@check("an id that is none is ValidationException, one named twice DuplicateInstanceId")
def _() -> None:
    is_refused("ValidationException", InstanceIds=["nonsense"])
    is_refused("DuplicateInstanceId", InstanceIds=[INSTANCE, INSTANCE])


@check("an unknown document is InvalidDocument, an unknown version of it InvalidDocumentVersion")
def _() -> None:
    is_refused("InvalidDocument", DocumentName="No-Such-Document")
    is_refused("InvalidDocumentVersion", DocumentVersion="99")


@check("parameters that the document does not have, or lacks, are InvalidParameters")
def _() -> None:
    is_refused("InvalidParameters", parameters={"nonsense": ["1"]})
    request = {"DocumentName": "AWS-RunShellScript", "InstanceIds": [INSTANCE]}
    with refused("InvalidParameters", 400):
        ssm.send_command(**request)


@check("limits of the request are ValidationException")
def _() -> None:
    is_refused("ValidationException", Comment="c" * 101)
    is_refused("ValidationException", InstanceIds=[f"i-{number:08x}" for number in range(51)])
    for seconds in (29, 2_592_001):
        with refused("ValidationException", 400):
            UNCHECKED.send_command(
                DocumentName="AWS-RunShellScript",
                InstanceIds=[INSTANCE],
                Parameters={"commands": ["true"]},
                TimeoutSeconds=seconds,
            )


@check("a script of more than 64 KB is MaxDocumentSizeExceeded")
def _() -> None:
    is_refused("MaxDocumentSizeExceeded", "#" * 70_000)


@check("a script for Windows is judged by the instance first")
def _() -> None:
    is_refused("InvalidInstanceId", DocumentName="AWS-RunPowerShellScript")


@check("an unknown invocation is InvocationDoesNotExist, an unknown command InvalidCommandId when canceled")
def _() -> None:
    unknown = str(uuid.uuid4())
    with refused("InvocationDoesNotExist", 400):
        ssm.get_command_invocation(CommandId=unknown, InstanceId=INSTANCE)
    with refused("InvalidCommandId", 400):
        ssm.cancel_command(CommandId=unknown)
    equal(ssm.list_command_invocations(CommandId=unknown)["CommandInvocations"], [])


@check("filters of both generations do not go together, and unknown ones are told")
def _() -> None:
    with refused("ValidationException", 400):
        ssm.describe_instance_information(
            Filters=[{"Key": "InstanceIds", "Values": [INSTANCE]}],
            InstanceInformationFilterList=[{"key": "InstanceIds", "valueSet": [INSTANCE]}],
        )
    with refused("InvalidFilterKey", 400):
        ssm.describe_instance_information(Filters=[{"Key": "Nonsense", "Values": ["1"]}])
    with refused("ValidationException", 400):
        UNCHECKED.describe_instance_information(MaxResults=4)


@check("a stopped instance is not listed at all")
def _() -> None:
    equal(ssm.describe_instance_information()["InstanceInformationList"], [])


@check("an unknown key, a wrong secret, an invented token and a wrong clock have names of their own")
def _() -> None:
    key = ssm._request_signer._credentials.access_key
    secret = ssm._request_signer._credentials.secret_key
    for code, options in (
        ("UnrecognizedClientException", {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": secret}),
        ("InvalidSignatureException", {"aws_access_key_id": key, "aws_secret_access_key": "no"}),
        (
            "UnrecognizedClientException",
            {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": "invented"},
        ),
    ):
        with refused(code, 400):
            client("ssm", **options).list_commands()
    with clock_off_by(minutes=20), refused("InvalidSignatureException", 400):
        ssm.list_commands()


@check("AccessDeniedException and ThrottlingException come through; boto3 repeats the latter")
def _() -> None:
    with fault(**refusal("ssm", "ListCommands", 400, "AccessDeniedException")):
        with refused("AccessDeniedException", 400):
            ssm.list_commands()
    throttle = {"service": "ssm", "operation": "ListCommands", "kind": "throttle"}
    with fault(**throttle, times=1), refused("ThrottlingException", 400):
        ssm.list_commands()
    with fault(**throttle, times=2):
        equal(client("ssm", attempts=3).list_commands()["ResponseMetadata"]["RetryAttempts"], 2)


@check("an operation that the sandbox does not do is refused by name")
def _() -> None:
    with refused("UnknownOperationException", 400):
        ssm.describe_parameters()
