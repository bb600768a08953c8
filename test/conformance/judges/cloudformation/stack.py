"""Creates the stack of deploy/aws/template.yaml in moto, compares it with the example flow and the documentation, and deletes it."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "boto3"))

import boto3
import checks
from cfnlint.decode import decode_str
from checks import check, equal
from moto import mock_aws

ROOT = Path(__file__).parents[4]
TEMPLATE = (ROOT / "deploy/aws/template.yaml").read_text()
# moto does not have the public parameters of Deep Learning AMIs.
IMAGE_PARAMETER = re.search(r"Default: (/aws/service/deeplearning/\S+)", TEMPLATE)[1]
KNOWN_IMAGE = "/images/gpu"
REQUIRED = {"ExternalId": "Ab3-external-id-9", "LightlyAccountId": "111122223333", "WorkerId": "gpu-worker"}

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(AWS_ACCESS_KEY_ID="of-moto", AWS_SECRET_ACCESS_KEY="of-moto", AWS_DEFAULT_REGION="eu-central-1")


def actions(statements: list) -> set:
    return {action for statement in statements for action in as_list(statement["Action"])}


def as_list(value: object) -> list:
    return value if isinstance(value, list) else [value]


def resource(name: str) -> dict:
    template, _matches = decode_str(TEMPLATE)
    return template["Resources"][name]["Properties"]


@check("cfn-lint has no findings")
def _() -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--regions", "eu-central-1", "--", str(ROOT / "deploy/aws/template.yaml")]
    lint = subprocess.run(command, capture_output=True, text=True, timeout=240)
    equal((lint.returncode, lint.stdout + lint.stderr), (0, ""))


@check("the policy for Node-RED allows what docs/permissions.md lists, and nothing else")
def _() -> None:
    policy = resource("PipelinePolicy")["PolicyDocument"]["Statement"]
    documented = re.search(r"```json\n(.*?)```", (ROOT / "docs/permissions.md").read_text(), re.S)[1]
    equal(sorted(actions(policy)), sorted(actions(json.loads(documented)["Statement"])))


with mock_aws():
    cloudformation, ec2, iam, s3 = (boto3.client(name) for name in ("cloudformation", "ec2", "iam", "s3"))
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    boto3.client("ssm").put_parameter(Name=KNOWN_IMAGE, Type="String", Value=image)

    def create(name: str, **parameters: str) -> dict:
        chosen = {**REQUIRED, **parameters}
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=TEMPLATE.replace(IMAGE_PARAMETER, KNOWN_IMAGE),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in chosen.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        equal(stack["StackStatus"], "CREATE_COMPLETE")
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def environment(outputs: dict) -> dict:
        return dict(line.split("=", 1) for line in outputs["Environment"].strip().splitlines())

    def user_data(instance: str) -> str:
        found = ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")
        return base64.b64decode(found["UserData"]["Value"]).decode()

    @check("the output Environment sets each variable that the example flow reads")
    def _() -> None:
        flow = json.loads((ROOT / "examples/flows.json").read_text())
        tabs = [node for node in flow if node["type"] == "tab"]
        variables = {entry["value"] for tab in tabs for entry in tab.get("env", []) if entry["type"] == "env"}
        given = environment(create("example"))
        equal(sorted(variables - given.keys()), [])
        equal([name for name, value in given.items() if value == "" or "${" in value], [])

    @check("the instance stops when it shuts down, and nothing reaches it from outside")
    def _() -> None:
        instance = environment(create("instance"))["PIPELINE_INSTANCE_ID"]
        behavior = ec2.describe_instance_attribute(InstanceId=instance, Attribute="instanceInitiatedShutdownBehavior")
        equal(behavior["InstanceInitiatedShutdownBehavior"]["Value"], "stop")
        groups = cloudformation.describe_stack_resources(StackName="instance", LogicalResourceId="SecurityGroup")
        group = groups["StackResources"][0]["PhysicalResourceId"]
        equal(ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"], [])

    @check("the user data is a script of bash that writes another one, with the worker's id and the token's name")
    def _() -> None:
        script = user_data(environment(create("script", TokenParameter="/team/token"))["PIPELINE_INSTANCE_ID"])
        worker = re.search(r"<<'SCRIPT'\n(.*?)\nSCRIPT\n", script, re.S)[1]
        for text in (script, worker):
            parsed = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
            equal((parsed.returncode, parsed.stderr), (0, ""))
        equal("worker.worker_id=gpu-worker" in worker and "--name /team/token " in worker, True)

    @check("the buckets are encrypted, closed to the public, and drop unfinished uploads")
    def _() -> None:
        given = environment(create("buckets"))
        for bucket in (given["PIPELINE_INPUT_BUCKET"], given["PIPELINE_LIGHTLY_BUCKET"]):
            s3.get_bucket_encryption(Bucket=bucket)
        # moto does not create these properties.
        for name in ("InputBucket", "LightlyBucket"):
            equal(sorted(resource(name)["PublicAccessBlockConfiguration"].values()), [True] * 4)
            rules = resource(name)["LifecycleConfiguration"]["Rules"]
            equal([rule["AbortIncompleteMultipartUpload"] for rule in rules], [{"DaysAfterInitiation": 2}])

    @check("Lightly's account assumes the role of the output, with the external id only")
    def _() -> None:
        given = environment(create("role"))
        role = iam.get_role(RoleName=given["PIPELINE_ROLE_ARN"].rsplit("/", 1)[1])["Role"]
        statement = role["AssumeRolePolicyDocument"]["Statement"][0]
        equal(statement["Principal"], {"AWS": "arn:aws:iam::111122223333:root"})
        equal(statement["Condition"], {"StringEquals": {"sts:ExternalId": given["PIPELINE_EXTERNAL_ID"]}})

    @check("a user and a role for Node-RED exist only by choice")
    def _() -> None:
        equal(create("neither").keys() & {"NodeRedUser", "NodeRedRoleArn"}, set())
        both = create("both", CreateUser="yes", TrustedPrincipal="arn:aws:iam::123456789012:role/server")
        iam.get_user(UserName=both["NodeRedUser"])
        iam.get_role(RoleName=both["NodeRedRoleArn"].rsplit("/", 1)[1])
        # moto does not attach it.
        for name in ("PipelineUser", "PipelineRole"):
            equal(resource(name)["ManagedPolicyArns"], [{"Ref": "PipelinePolicy"}])

    @check("the stack is deleted with its instance, but keeps the buckets")
    def _() -> None:
        given = environment(create("deleted"))
        cloudformation.delete_stack(StackName="deleted")
        found = ec2.describe_instances(InstanceIds=[given["PIPELINE_INSTANCE_ID"]])["Reservations"][0]["Instances"][0]
        equal(found["State"]["Name"], "terminated")
        kept = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        equal({given["PIPELINE_INPUT_BUCKET"], given["PIPELINE_LIGHTLY_BUCKET"]} <= kept, True)


sys.exit(1 if checks.failed else 0)
