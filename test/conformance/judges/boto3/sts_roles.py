"""The identity of credentials, and temporary credentials of roles."""

from checks import check, equal, refused
from world import client, sts

ROLE = "arn:aws:iam::123456789012:role/lightly-access"


@check("a role is assumed, and its credentials are good for every service")
def _() -> None:
    assumed = sts.assume_role(RoleArn=ROLE, RoleSessionName="conformance", ExternalId="external", DurationSeconds=900)
    equal(assumed["AssumedRoleUser"]["Arn"].endswith("assumed-role/lightly-access/conformance"), True)
    keys = assumed["Credentials"]
    session = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    equal(client("sts", **session).get_caller_identity()["Arn"], assumed["AssumedRoleUser"]["Arn"])
    client("s3", **session).list_buckets()
    client("ec2", **session).describe_instances()
    client("ssm", **session).list_commands()


@check("temporary credentials without their token are refused")
def _() -> None:
    keys = sts.assume_role(RoleArn=ROLE, RoleSessionName="conformance")["Credentials"]
    with refused("AuthFailure", 401):
        client(
            "ec2", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"]
        ).describe_instances()


@check("a role for more than twelve hours is refused")
def _() -> None:
    with refused("ValidationError", 400):
        sts.assume_role(RoleArn=ROLE, RoleSessionName="conformance", DurationSeconds=43_201)
