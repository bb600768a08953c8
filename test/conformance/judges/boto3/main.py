"""Drives S3, EC2, SSM, STS, IAM, Batch and its logs of a sandbox with boto3; ends with status 1 when a check has failed."""

import importlib
import sys

import checks

MODULES = [
    "s3_objects",
    "s3_names",
    "s3_integrity",
    "s3_conditions",
    "s3_multipart",
    "s3_listing",
    "s3_copies",
    "s3_presigned",
    "s3_refusals",
    "sts_roles",
    "iam_simulation",
    "ec2_states",
    "ec2_refusals",
    "ec2_descriptions",
    "ssm_scripts",
    "ssm_limits",
    "ssm_refusals",
    "batch_jobs",
    "batch_resources",
]

for module in sys.argv[1:] or MODULES:
    try:
        importlib.import_module(module)
    except Exception as error:
        checks.report_failure(f"what {module} needs is there", error)

sys.exit(1 if checks.failed else 0)
