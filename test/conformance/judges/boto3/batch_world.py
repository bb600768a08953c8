"""Jobs of the sandbox's Batch. Each raw answer is compared with the model of botocore: no other members, no other types."""

import itertools
import json
from typing import Any, Dict, List

from botocore.validate import ParamValidator

import checks
from checks import until
from world import client

QUEUE = "lightly-queue"
SHELL = "sandbox-shell"
GROUP = "/aws/batch/job"
# The model requires it, and the service leaves it out before the start and in lists by name.
NOT_ALWAYS = "startedAt"

_names = (f"judged-{number}" for number in itertools.count())


def judged(service: str, **options: Any) -> Any:
    made = client(service, **options)
    made.meta.events.register(f"before-parse.{service}", compare_with_model)
    return made


def compare_with_model(operation_model: Any, response_dict: Dict[str, Any], **_rest: Any) -> None:
    if response_dict["status_code"] != 200 or operation_model.output_shape is None:
        return
    body = response_dict["body"]
    report = ParamValidator().validate(json.loads(body) if body else {}, operation_model.output_shape)
    wrong = [text for text in report.generate_report().split("\n") if text and NOT_ALWAYS not in text]
    if wrong:
        checks.report_failure(f"the answer of {operation_model.name} is as in the model", AssertionError("; ".join(wrong)))


batch = judged("batch")
# Lets the server judge what it is given.
unchecked = judged("batch", parameter_validation=False)
logs = judged("logs")


def submit(command: str = "true", **more: Any) -> str:
    request = {"jobName": next(_names), "jobQueue": QUEUE, "jobDefinition": SHELL}
    overrides = {"command": ["sh", "-c", command]}
    return batch.submit_job(**{**request, "containerOverrides": overrides, **more})["jobId"]


def job(job_id: str) -> Dict[str, Any]:
    (found,) = batch.describe_jobs(jobs=[job_id])["jobs"]
    return found


def over(job_id: str) -> Dict[str, Any]:
    return until(lambda: (found := job(job_id))["status"] in ("SUCCEEDED", "FAILED") and found, 60)


def reaches(job_id: str, status: str) -> Dict[str, Any]:
    return until(lambda: (found := job(job_id))["status"] == status and found, 60)


def lines(stream: str) -> List[str]:
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)["events"]
    return [event["message"] for event in events]
