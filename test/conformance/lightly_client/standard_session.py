"""Drives a Lightly API with Lightly's own, unmodified client through the session that its documentation describes.

Needs LIGHTLY_SERVER_LOCATION and LIGHTLY_TOKEN; PIPELINE_INPUT_BUCKET, PIPELINE_INPUT_PREFIX, PIPELINE_LIGHTLY_BUCKET,
PIPELINE_LIGHTLY_PREFIX, PIPELINE_REGION, PIPELINE_ROLE_ARN and PIPELINE_EXTERNAL_ID name the datasources, and
CONFORMANCE_VIDEOS, as `name:bytes,name:bytes`, the videos that are there. It plays the worker itself, under a label of its
own, so that a worker without labels may run beside it.
"""

import os
import tempfile
import uuid
from pathlib import Path
from types import SimpleNamespace

for variable in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"):
    # The client would send requests to 127.0.0.1 through it, whatever NO_PROXY says.
    os.environ.pop(variable, None)

import requests
from lightly.api import ApiWorkflowClient, api_workflow_compute_worker
from lightly.openapi_generated.swagger_client.exceptions import ApiException
from lightly.openapi_generated.swagger_client.models import (
    DatasetType,
    SamplePartialMode,
    TagArithmeticsOperation,
    TagArithmeticsRequest,
)

import checks
from checks import check, equal, raises
from client_data import judge_client_data
from datasources import ALL_PERMISSIONS, judge_datasources, set_datasources, uri
from operations import judge_operations
from scripted_worker import FRAMES_PER_VIDEO, REPORT, ScriptedWorker

NAME = f"conformance {uuid.uuid4().hex[:8]}"
LABEL = f"conformance-{uuid.uuid4().hex[:8]}"
VIDEOS = dict(entry.rsplit(":", 1) for entry in os.environ["CONFORMANCE_VIDEOS"].split(","))
SELECTION = {
    "proportion_samples": 0.1,
    "strategies": [
        {
            "input": {"type": "EMBEDDINGS"},
            "strategy": {"type": "DIVERSITY", "stopping_condition_minimum_distance": 0.01},
        }
    ],
}


with check("a client is made, and a wrong token is refused"):
    client = ApiWorkflowClient()
    with raises(ApiException, status=401):
        ApiWorkflowClient(token="wrong").get_compute_worker_run("0" * 24)

with check("a dataset is created, found by its name, and not created twice"):
    equal(client.dataset_name_exists(NAME), False)
    client.create_dataset(NAME, DatasetType.VIDEOS)
    dataset_id = client.dataset_id
    with raises(ValueError):
        client.create_dataset(NAME, DatasetType.VIDEOS)
    client.set_dataset_id_by_name(NAME)
    equal(client.dataset_id, dataset_id)
    equal([dataset.id for dataset in client.get_datasets_by_name(NAME, shared=None)], [dataset_id])
    equal(client.dataset_type, DatasetType.VIDEOS)
    equal(client.dataset_exists("0" * 24), False)

with check("a taken name leads to a unique one"):
    other = ApiWorkflowClient()
    other.create_new_dataset_with_unique_name(NAME, DatasetType.VIDEOS)
    equal(other._get_current_dataset().name, f"{NAME}_1")
    other.delete_dataset_by_id(other.dataset_id)

judge_operations()
judge_datasources(client)

with check("datasources are set, and the bucket can be reached"):
    set_datasources(client, uri("INPUT"), uri("LIGHTLY"))
    equal(client.list_datasource_permissions(), ALL_PERMISSIONS)

with check("the datasource lists the videos, in shards or not, and its links lead to their bytes"):
    for shards in (1, 4):
        files = dict(client.download_raw_samples(divide_and_conquer_shards=shards))
        equal(sorted(files), sorted(VIDEOS))
    for name, url in files.items():
        equal(len(requests.get(url, timeout=60).content), int(VIDEOS[name]))

with check("a run is scheduled for a worker with a label"):
    worker = ScriptedWorker(client, [LABEL])
    other_worker = client.register_compute_worker(name="other worker", labels=["other"])
    scheduled_id = client.schedule_compute_worker_run(
        worker_config={"shutdown_when_job_finished": True, "use_datapool": True},
        selection_config=SELECTION,
        priority="HIGH",
        runs_on=[LABEL],
    )
    (scheduled,) = client.get_scheduled_compute_worker_runs()
    equal([scheduled.id, scheduled.priority, scheduled.runs_on, scheduled.state], [scheduled_id, "HIGH", [LABEL], "OPEN"])
    equal(client._compute_worker_api.get_docker_runs_scheduled_by_worker_id(other_worker), [])

with check("the run is followed from OPEN to COMPLETED"):
    # Only the clock is ours: instead of waiting 30 seconds between polls, the worker takes its next step.
    steps = worker.steps()
    api_workflow_compute_worker.time = SimpleNamespace(sleep=lambda seconds: next(steps))
    seen = [info.state for info in client.compute_worker_run_info_generator(scheduled_id)]
    equal(seen, ["OPEN", "STARTED", "LOADING_DATASET", "SAVING_RESULTS", "COMPLETED"])
    equal(client.get_compute_worker_run_info(scheduled_id).ended_successfully(), True)
    equal(client.get_scheduled_compute_worker_runs(), [])
    (done,) = client.get_scheduled_compute_worker_runs(state="DONE")
    equal([done.id, done.owner], [scheduled_id, worker.id])

with check("the worker saw every byte of every video"):
    equal({name: str(len(data)) for name, data in worker.video_bytes.items()}, VIDEOS)

with check("a config comes back as it was sent"):
    config = client._compute_worker_api.get_docker_worker_config_vxby_id(scheduled.config_id).actual_instance.config
    equal(config.docker.use_datapool, True)
    equal(config.selection.strategies[0].strategy.stopping_condition_minimum_distance, 0.01)

with check("the run, its log and its tags are read"):
    run = client.get_compute_worker_run_from_scheduled_run(scheduled_id)
    equal(client.get_compute_worker_run(run.id).state, "COMPLETED")
    equal([other_run.id for other_run in client.get_compute_worker_runs(dataset_id=client.dataset_id)], [run.id])
    logs = client._compute_worker_api.get_docker_run_logs_by_id(run.id)
    equal([entry.msg for entry in logs.logs][-1], "Done")
    equal(client._compute_worker_api.get_docker_run_logs_by_id(run.id, cursor=logs.cursor).logs, [])
    (tag,) = client.get_compute_worker_run_tags(run.id)
    equal(tag.name, "selected")

with check("tags are found, made of file names, combined and deleted"):
    equal(sorted(client.get_filenames_in_tag(tag)), sorted(worker.selected))
    made = client.create_tag_from_filenames(worker.frames[:2], "first two")
    equal(client.get_tag_by_name("first two").bit_mask_data, "0x3")
    request = TagArithmeticsRequest(
        tag_id1=tag.id, tag_id2=made.id, operation=TagArithmeticsOperation.INTERSECTION, new_tag_name="both"
    )
    combined = client._tags_api.perform_tag_arithmetics(client.dataset_id, request).actual_instance
    equal(client.export_filenames_by_tag_id(combined.id), worker.frames[0])
    client.delete_tag_by_name("both")
    client.delete_tag_by_id(made.id)
    equal(sorted(found.name for found in client.get_all_tags()), ["initial-tag", "selected"])

with check("a tag is exported in every form that the client reads"):
    equal(client.export_filenames_by_tag_name("selected").split("\n"), worker.selected)
    urls = client.export_filenames_and_read_urls_by_tag_name("selected")
    equal([entry["fileName"] for entry in urls], worker.selected)
    equal(urls[0]["datasourceUrl"], f"{uri('LIGHTLY')}.lightly/frames/{worker.selected[0]}")
    equal(requests.get(urls[0]["readUrl"], timeout=60).content, worker.selected[0].encode())
    tasks = client.export_label_studio_tasks_by_tag_name("selected")
    equal([task.data.lightly_file_name for task in tasks], worker.selected)
    rows = client.export_label_box_v4_data_rows_by_tag_name("selected")
    equal([row["global_key"] for row in rows], worker.selected)
    equal(requests.get(rows[0]["row_data"], timeout=60).content, worker.selected[0].encode())
    equal(len(client.export_label_box_data_rows_by_tag_name("selected")), len(worker.selected))
    sama = client._tags_api.export_tag_to_sama_tasks(client.dataset_id, tag.id, include_meta_data=True)
    equal([task.data.lightly_file_name for task in sama], worker.selected)
    both = client._tags_api.export_tag_to_basic_filenames_and_read_urls(client.dataset_id, tag.id, page_size=1)
    equal([row.file_name for row in both], worker.selected[:1])

with check("samples and mappings are read"):
    equal(len(worker.frames), FRAMES_PER_VIDEO * len(VIDEOS))
    equal(client._mappings_api.get_sample_mappings_by_dataset_id(client.dataset_id, field="fileName"), worker.frames)
    samples = client._samples_api.get_samples_by_dataset_id(client.dataset_id, page_size=3, page_offset=2)
    equal([sample.index for sample in samples], [2, 3, 4])
    equal(samples[0].type, "VIDEO_FRAME")
    partial = client._samples_api.get_samples_partial_by_dataset_id(client.dataset_id, mode=SamplePartialMode.FILENAMES)
    equal([sample.file_name for sample in partial], worker.frames)
    sample = client._samples_api.get_sample_by_id(client.dataset_id, samples[0].id)
    thumbnail = client._samples_api.get_sample_image_read_url_by_id(client.dataset_id, sample.id, type="thumbnail")
    equal(requests.get(thumbnail, timeout=60).content, sample.file_name.encode())

judge_client_data(client, worker.frames, tag.id)

with check("artifacts are downloaded byte by byte"):
    with tempfile.TemporaryDirectory() as folder:
        client.download_compute_worker_run_report_pdf(run, str(Path(folder, "report.pdf")))
        equal(Path(folder, "report.pdf").read_bytes(), REPORT)
        client.download_compute_worker_run_artifacts(run, str(Path(folder, "all")))
        equal(sorted(os.listdir(Path(folder, "all"))), ["log.txt", "report.pdf"])
        equal(Path(folder, "all", "report.pdf").read_bytes(), REPORT)

with check("what was processed is not listed as new"):
    equal(client.get_processed_until_timestamp() > 0, True)
    equal(client.download_new_raw_samples(), [])

with check("a scheduled run is canceled, once"):
    second = client.schedule_compute_worker_run(selection_config=SELECTION, runs_on=["no-such-label"])
    client._compute_worker_api.cancel_scheduled_docker_run_state_by_id(client.dataset_id, second)
    equal(client.get_compute_worker_run_info(second).state, "CANCELED_OR_NOT_EXISTING")
    with raises(ApiException, status=409):
        client._compute_worker_api.cancel_scheduled_docker_run_state_by_id(client.dataset_id, second)

with check("a datasource with access keys comes back with its secret masked"):
    client.set_s3_config(uri("INPUT"), os.environ["PIPELINE_REGION"], "AKIAWRONG", "wrong", purpose="INPUT")
    api = client._datasources_api
    config = api.get_datasource_by_dataset_id(client.dataset_id, purpose="INPUT").actual_instance
    equal([config.s3_access_key_id, config.s3_secret_access_key], ["AKIAWRONG", "*****"])
    equal(len(api.get_datasources_by_dataset_id(client.dataset_id)), 2)
    equal(client.list_datasource_permissions()["can_read"], False)

with check("workers and datasets are deleted"):
    for worker_id in (worker.id, other_worker):
        client.delete_compute_worker(worker_id)
    client.delete_dataset_by_id(dataset_id)
    equal(client.dataset_exists(dataset_id), False)

print(f"{checks.passed} checks passed, lightly {__import__('lightly').__version__}")
