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
# Batch has a role of its own for its service, which moto wants to be named.
OF_SERVICE = "      State: ENABLED\n      # Changes keep"
WITH_SERVICE_ROLE = OF_SERVICE.replace("ENABLED\n", "ENABLED\n      ServiceRole: arn:aws:iam::123456789012:role/batch-service\n")
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


@check("the policy for batch run allows what docs/permissions.md lists, and nothing else")
def _() -> None:
    policy = resource("BatchPolicy")["PolicyDocument"]["Statement"]
    documented = re.search(r"\*batch run\* needs.*?\n\n(\|.*?)\n\n", (ROOT / "docs/permissions.md").read_text(), re.S)[1]
    # The list folder is in a bucket of the pipeline.
    listed = set(re.findall(r"`((?:batch|logs):\w+)`", documented))
    equal(sorted(actions(policy)), sorted(listed))


with mock_aws():
    cloudformation, ec2, iam, s3 = (boto3.client(name) for name in ("cloudformation", "ec2", "iam", "s3"))
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    boto3.client("ssm").put_parameter(Name=KNOWN_IMAGE, Type="String", Value=image)

    def create(name: str, **parameters: str) -> dict:
        chosen = {**REQUIRED, **parameters}
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=TEMPLATE.replace(IMAGE_PARAMETER, KNOWN_IMAGE).replace(OF_SERVICE, WITH_SERVICE_ROLE),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in chosen.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        equal(stack["StackStatus"], "CREATE_COMPLETE")
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def environment(outputs: dict) -> dict:
        return dict(line.split("=", 1) for line in outputs["Environment"].strip().splitlines())

    def resources_of(name: str) -> dict:
        # moto tells of resources without an id that were not created.
        made = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        return {one["LogicalResourceId"]: one for one in made if "LogicalResourceId" in one}

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
            of_batch = {"Fn::If": ["HasBatch", {"Ref": "BatchPolicy"}, {"Ref": "AWS::NoValue"}]}
            equal(resource(name)["ManagedPolicyArns"], [{"Ref": "PipelinePolicy"}, of_batch])

    IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lightly-studio:1.2.0"
    batch = boto3.client("batch")
    iam.create_role(RoleName="batch-service", AssumeRolePolicyDocument="{}")
    subnets = ",".join(subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"])

    def create_batch(name: str, **parameters: str) -> dict:
        return environment(create(name, BatchSubnetIds=subnets, **parameters))

    def environments_of(queue: str) -> list:
        (found,) = batch.describe_job_queues(jobQueues=[queue])["jobQueues"]
        order = sorted(found["computeEnvironmentOrder"], key=lambda one: one["order"])
        names = [one["computeEnvironment"] for one in order]
        described = batch.describe_compute_environments(computeEnvironments=names)["computeEnvironments"]
        by_arn = {one["computeEnvironmentArn"]: one["computeResources"] for one in described}
        return [by_arn[name] for name in names]

    def definition(name: str) -> dict:
        (found,) = batch.describe_job_definitions(jobDefinitionName=name, status="ACTIVE")["jobDefinitions"]
        return found

    def requirements(container: dict) -> dict:
        return {one["type"]: one["value"] for one in container["resourceRequirements"]}

    @check("Batch is an option: without it there is neither a queue nor a role, policy or variable of it")
    def _() -> None:
        given = environment(create("without"))
        equal([name for name in given if "BATCH" in name], [])
        equal([name for name in resources_of("without") if name.startswith("Batch")], [])

    @check("the queue of Batch keeps nothing on without jobs, on demand, on spot instances, or spot first")
    def _() -> None:
        kinds = {}
        for capacity in ("on-demand", "spot", "spot-first"):
            found = environments_of(create_batch(capacity, Batch="gpu", BatchCapacity=capacity)["PIPELINE_BATCH_QUEUE"])
            equal([one["minvCpus"] for one in found], [0] * len(found))
            equal(sorted(found[0]["subnets"]), sorted(subnets.split(",")))
            kinds[capacity] = [one["type"] for one in found]
        equal(kinds, {"on-demand": ["EC2"], "spot": ["SPOT"], "spot-first": ["SPOT", "EC2"]})

    @check("the instances of Batch have the volume of the template, and keep their role from containers")
    def _() -> None:
        (found,) = environments_of(create_batch("volume", Batch="gpu", VolumeSize="120")["PIPELINE_BATCH_QUEUE"])
        template = ec2.describe_launch_template_versions(
            LaunchTemplateId=found["launchTemplate"]["launchTemplateId"], Versions=[found["launchTemplate"]["version"]]
        )["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        (volume,) = template["BlockDeviceMappings"]
        equal((volume["DeviceName"], volume["Ebs"]["VolumeSize"], volume["Ebs"]["Encrypted"]), ("/dev/xvda", 120, True))
        options = template["MetadataOptions"]
        equal((options["HttpTokens"], str(options["HttpPutResponseHopLimit"])), ("required", "1"))

    @check("with a GPU, types and jobs have one; without, none; and the types can be chosen")
    def _() -> None:
        for name, types in (("gpu", ["g4dn.xlarge", "g5.xlarge"]), ("cpu", ["m7i", "m6i"])):
            given = create_batch(name, Batch=name, BatchImage=IMAGE)
            equal(environments_of(given["PIPELINE_BATCH_QUEUE"])[0]["instanceTypes"], types)
            needs = requirements(definition(given["PIPELINE_BATCH_STUDIO"])["containerProperties"])
            equal(needs.get("GPU"), "1" if name == "gpu" else None)
            equal("PIPELINE_BATCH_WORKER" in given, name == "gpu")
        chosen = create_batch("chosen", Batch="cpu", BatchInstanceTypes="c7i.xlarge,c7i.2xlarge")
        equal(environments_of(chosen["PIPELINE_BATCH_QUEUE"])[0]["instanceTypes"], ["c7i.xlarge", "c7i.2xlarge"])

    @check("each job definition has a log, and retries lost instances only; engines have shared memory, and Lightly's token is a secret")
    def _() -> None:
        given = create_batch("definitions", Batch="gpu", BatchImage=IMAGE, TokenParameter="/team/token")
        found = {name: definition(given[f"PIPELINE_BATCH_{name}"]) for name in ("STUDIO", "WORKER", "DEFINITION")}
        for one in found.values():
            equal([rule["action"].upper() for rule in one["retryStrategy"]["evaluateOnExit"]], ["RETRY", "EXIT"])
            equal(one["containerProperties"]["logConfiguration"]["logDriver"], "awslogs")
        studio, worker, shell = (found[name]["containerProperties"] for name in ("STUDIO", "WORKER", "DEFINITION"))
        equal([one["linuxParameters"]["sharedMemorySize"] for one in (studio, worker)], [1024, 1024])
        equal((studio["image"], studio.get("command", []), studio["environment"]), (IMAGE, [], [{"name": "AWS_DEFAULT_REGION", "value": "eu-central-1"}]))
        equal(worker["command"], ["worker.worker_id=gpu-worker"])
        token = "arn:aws:ssm:eu-central-1:123456789012:parameter/team/token"
        equal(worker["secrets"], [{"name": "LIGHTLY_TOKEN", "valueFrom": token}])
        # Neither the worker, which has Lightly's role, nor a command of a first try gets a role.
        equal(["jobRoleArn" in one for one in (studio, worker, shell)], [True, False, False])
        # moto does not keep it: a job ends even if nobody is left to terminate it.
        for name in ("BatchStudio", "BatchWorker", "BatchShell"):
            equal(resource(name)["Timeout"], {"AttemptDurationSeconds": 172800})

    @check("without an image there is no job definition of LightlyStudio and no role for it")
    def _() -> None:
        equal("PIPELINE_BATCH_STUDIO" in create_batch("imageless", Batch="gpu"), False)
        equal(resources_of("imageless").keys() & {"BatchStudio", "BatchJobRole"}, set())

    @check("the role of LightlyStudio's containers writes only to the output, and no role of Batch trusts another account")
    def _() -> None:
        create_batch("roles", Batch="gpu", BatchImage=IMAGE)
        roles = {
            name: iam.get_role(RoleName=one["PhysicalResourceId"])["Role"]
            for name, one in resources_of("roles").items()
            if one["ResourceType"] == "AWS::IAM::Role" and name.startswith("Batch")
        }
        trusted = {name: role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] for name, role in roles.items()}
        tasks = {"Service": "ecs-tasks.amazonaws.com"}
        equal(trusted, {"BatchInstanceRole": {"Service": "ec2.amazonaws.com"}, "BatchExecutionRole": tasks, "BatchJobRole": tasks})
        statements = resource("BatchJobRole")["Policies"][0]["PolicyDocument"]["Statement"]
        writing = [one for one in statements if "s3:PutObject" in as_list(one["Action"])]
        equal([one["Resource"] for one in writing], [{"Fn::Sub": "${LightlyBucket.Arn}/*"}])
        equal(sorted(actions(statements)), ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject"])

    @check("the policy for batch run reaches this queue and the definitions of the template only")
    def _() -> None:
        given = create_batch("policy", Batch="gpu", BatchImage=IMAGE)
        policy = resources_of("policy")["BatchPolicy"]["PhysicalResourceId"]
        version = iam.get_policy_version(PolicyArn=policy, VersionId="v1")["PolicyVersion"]
        (submit,) = [one for one in version["Document"]["Statement"] if one["Sid"] == "SubmitJobs"]
        arn = "arn:aws:batch:eu-central-1:123456789012:"
        names = [given[f"PIPELINE_BATCH_{one}"] for one in ("STUDIO", "WORKER", "DEFINITION")]
        definitions = [f"{arn}job-definition/{one}{revision}" for one in names for revision in ("", ":*")]
        equal(submit["Resource"], [given["PIPELINE_BATCH_QUEUE"], *definitions, f"{arn}job/*"])

    @check("the variables of Batch are those of the sandbox, and those that the example of Batch reads")
    def _() -> None:
        given = {name for name in create_batch("variables", Batch="gpu", BatchImage=IMAGE) if "BATCH" in name}
        of_sandbox = set(re.findall(r"PIPELINE_BATCH_\w+", (ROOT / "sandbox/src/environment.ts").read_text()))
        equal(sorted(given), sorted(of_sandbox))
        of_examples = {name for path in (ROOT / "examples").glob("*.json") for name in re.findall(r"PIPELINE_BATCH_\w+", path.read_text())}
        equal(of_examples <= given, True)

    @check("the stack with Batch is deleted")
    def _() -> None:
        create_batch("batch-deleted", Batch="gpu", BatchImage=IMAGE, BatchCapacity="spot-first")
        cloudformation.delete_stack(StackName="batch-deleted")
        stacks = cloudformation.describe_stacks()["Stacks"]
        equal([one["StackName"] for one in stacks if one["StackName"] == "batch-deleted"], [])
        # moto leaves queue and environments, and CloudFormation does not.

    @check("the stack is deleted with its instance, but keeps the buckets")
    def _() -> None:
        given = environment(create("deleted"))
        cloudformation.delete_stack(StackName="deleted")
        found = ec2.describe_instances(InstanceIds=[given["PIPELINE_INSTANCE_ID"]])["Reservations"][0]["Instances"][0]
        equal(found["State"]["Name"], "terminated")
        kept = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        equal({given["PIPELINE_INPUT_BUCKET"], given["PIPELINE_LIGHTLY_BUCKET"]} <= kept, True)


sys.exit(1 if checks.failed else 0)
