"""What the policies of an identity allow."""

from typing import Any, List, Tuple

from checks import check, equal, refused
from world import client, fault, refusal, sts

iam = client("iam")
PLACES = ["arn:aws:s3:::videos/raw/*", "arn:aws:s3:::other/*"]


def decisions(**request: Any) -> List[Tuple[str, str, str]]:
    answer = iam.simulate_principal_policy(**request)
    equal(answer["IsTruncated"], False)
    return [(one["EvalActionName"], one["EvalResourceName"], one["EvalDecision"]) for one in answer["EvaluationResults"]]


@check("a simulation has one result per action and resource")
def _() -> None:
    actions = ["s3:PutObject", "s3:GetObject"]
    found = decisions(PolicySourceArn=sts.get_caller_identity()["Arn"], ActionNames=actions, ResourceArns=PLACES)
    equal(found, [(action, place, "allowed") for action in actions for place in PLACES])


@check("a simulation without resources is about all of them")
def _() -> None:
    found = decisions(PolicySourceArn=sts.get_caller_identity()["Arn"], ActionNames=["ec2:StartInstances"])
    equal(found, [("ec2:StartInstances", "*", "allowed")])


@check("an action that is refused is denied in the simulation too")
def _() -> None:
    with fault(**refusal("ec2", "StopInstances", 403, "UnauthorizedOperation")):
        found = decisions(PolicySourceArn=sts.get_caller_identity()["Arn"], ActionNames=["ec2:StopInstances"])
    equal(found, [("ec2:StopInstances", "*", "implicitDeny")])


@check("the policies of a session can't be simulated, only those of its role")
def _() -> None:
    with refused("InvalidInput", 400):
        decisions(
            PolicySourceArn="arn:aws:sts::123456789012:assumed-role/lightly-access/session",
            ActionNames=["s3:PutObject"],
        )
