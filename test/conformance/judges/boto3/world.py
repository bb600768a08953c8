"""The sandbox as this judge sees it: clients of its services, and the interface by which it is told to go wrong."""

import json
import os
import urllib.request
from contextlib import contextmanager
from typing import Any, Dict, Iterator

import boto3
from botocore.client import BaseClient
from botocore.config import Config

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
BUCKET = os.environ["SANDBOX_BUCKET"]
INSTANCE = os.environ["SANDBOX_INSTANCE_ID"]
REGION = os.environ["AWS_REGION"]
UNKNOWN_INSTANCE = "i-0123456789abcdeff"
MIB = 1024 * 1024

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def client(service: str, attempts: int = 1, parameter_validation: bool = True, **options: Any) -> BaseClient:
    """A client that does not repeat a request unless it is told to."""
    config = Config(
        retries={"total_max_attempts": attempts, "mode": "standard"},
        signature_version="s3v4" if service == "s3" else None,
        parameter_validation=parameter_validation,
    )
    return boto3.client(service, config=config, **options)


s3 = client("s3")
ec2 = client("ec2")
ssm = client("ssm")
sts = client("sts")


def control(method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{ENDPOINT}/_sandbox/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"x-sandbox-control": "yes"},
    )
    return json.load(_direct.open(request, timeout=20))


@contextmanager
def fault(**wishes: Any) -> Iterator[None]:
    """Something goes wrong inside, and nothing any more afterwards."""
    control("POST", "faults", wishes)
    try:
        yield
    finally:
        control("DELETE", "faults")


def refusal(service: str, operation: str, status: int, code: str, times: int = 1) -> Dict[str, Any]:
    return {"service": service, "operation": operation, "kind": "status", "status": status, "code": code, "times": times}
