"""The example's five steps as a Dagster job in one process, without its waits: every goal is polled each 5 ms. Its runs are stored below
DAGSTER_HOME, as those of Node-RED are in their journal.

Argument: the number of runs, of which the first one loads everything. Prints the wall and processor seconds of each as JSON.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

import boto3
from dagster import DagsterInstance, In, Nothing, graph, op

POLL = 0.005
ENV = os.environ
INSTANCE = ENV["PIPELINE_INSTANCE_ID"]


def until(is_so):
    while not is_so():
        time.sleep(POLL)


def lightly(method, path, body=None):
    request = urllib.request.Request(
        ENV["LIGHTLY_SERVER_LOCATION"] + path,
        method=method,
        headers={"authorization": f"Bearer {ENV['LIGHTLY_TOKEN']}", "content-type": "application/json"},
        data=None if body is None else json.dumps(body).encode(),
    )
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        if method == "GET" and error.code == 404:
            return {}
        raise
    return json.loads(text) if text else None


@op
def download_video() -> bytes:
    headers = {"authorization": ENV["PEXELS_API_KEY"]}
    url = ENV["PEXELS_API_URL"] + "/videos/popular?per_page=15"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        link = json.load(answer)["videos"][0]["video_files"][0]["link"]
    with urllib.request.urlopen(link) as answer:
        return answer.read()


@op
def upload_video(video: bytes) -> str:
    key = f"{ENV['PIPELINE_INPUT_PREFIX']}/dagster-{time.time()}.mp4"
    S3.put_object(Bucket=ENV["PIPELINE_INPUT_BUCKET"], Key=key, Body=video)
    return key


@op(ins={"after": In(Nothing)})
def run_worker() -> str:
    EC2.start_instances(InstanceIds=[INSTANCE])
    until(lambda: state() == "running")

    def is_online():
        listed = SSM.describe_instance_information()["InstanceInformationList"]
        return any(one["InstanceId"] == INSTANCE and one["PingStatus"] == "Online" for one in listed)

    until(is_online)
    command = SSM.send_command(
        InstanceIds=[INSTANCE],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": [f"sh {ENV['PIPELINE_SCRIPT']}"]},
    )["Command"]["CommandId"]

    def is_running():
        try:
            answer = SSM.get_command_invocation(CommandId=command, InstanceId=INSTANCE)
        except SSM.exceptions.InvocationDoesNotExist:
            return False
        return answer["Status"] in ("InProgress", "Success")

    until(is_running)
    return command


@op(ins={"after": In(Nothing)})
def select_frames() -> str:
    creator = "USER_PIP"
    dataset = lightly("POST", "/v1/datasets", {"name": f"dagster-{time.time_ns()}", "type": "Videos", "creator": creator})["id"]
    for purpose in ("INPUT", "LIGHTLY"):
        source = {
            "purpose": purpose,
            "type": "S3DelegatedAccess",
            "s3Region": ENV["PIPELINE_REGION"],
            "s3ARN": ENV["PIPELINE_ROLE_ARN"],
            "s3ExternalId": ENV["PIPELINE_EXTERNAL_ID"],
            "fullPath": f"s3://{ENV[f'PIPELINE_{purpose}_BUCKET']}/{ENV[f'PIPELINE_{purpose}_PREFIX']}/",
            "thumbSuffix": ".lightly/thumbnails/[filename]_thumb.[extension]",
        }
        lightly("PUT", f"/v1/datasets/{dataset}/datasource", source)
    strategies = [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]
    selection = {"proportionSamples": 0.1, "strategies": strategies}
    config = {"workerType": "FULL", "selection": selection, "docker": {"shutdownWhenJobFinished": True}}
    config_id = lightly("POST", "/v1/docker/worker/config/vX", {"version": "V4", "creator": creator, "config": config})["id"]
    schedule = {"configId": config_id, "priority": "MID", "runsOn": [], "creator": creator}
    scheduled = lightly("POST", f"/v1/datasets/{dataset}/docker/worker/schedule", schedule)["id"]
    until(lambda: lightly("GET", f"/v1/docker/runs/schedule/{scheduled}").get("state") == "COMPLETED")
    return scheduled


@op(ins={"after": In(Nothing)})
def stop_instance() -> None:
    EC2.stop_instances(InstanceIds=[INSTANCE])
    until(lambda: state() == "stopped")


@graph
def pipeline():
    stop_instance(after=select_frames(after=run_worker(after=upload_video(download_video()))))


def state():
    described = EC2.describe_instances(InstanceIds=[INSTANCE])
    return described["Reservations"][0]["Instances"][0]["State"]["Name"]


S3, EC2, SSM = (boto3.client(name, endpoint_url=ENV["AWS_ENDPOINT_URL"]) for name in ("s3", "ec2", "ssm"))


def main(count):
    job = pipeline.to_job()
    runs = []
    with DagsterInstance.get() as instance:
        for _ in range(count):
            wall, processor = time.perf_counter(), time.process_time()
            if not job.execute_in_process(instance=instance).success:
                raise SystemExit("The Dagster job failed.")
            runs.append([time.perf_counter() - wall, time.process_time() - processor])
    print(json.dumps(runs))


if __name__ == "__main__":
    main(int(sys.argv[1]))
