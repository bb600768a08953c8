"""A worker without any computing: it sends what a worker sends, by the client's own generated API classes."""

import time
from typing import Iterator, List

import requests
from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.api import DockerApi, SamplesApi, TagsApi
from lightly.openapi_generated.swagger_client.models import (
    CreateDockerWorkerRegistryEntryRequest,
    Creator,
    DatasourceProcessedUntilTimestampRequest,
    DockerRunArtifactCreateRequest,
    DockerRunArtifactType,
    DockerRunCreateRequest,
    DockerRunLogCreateEntryData,
    DockerRunLogLevel,
    DockerRunScheduledState,
    DockerRunScheduledUpdateRequest,
    DockerRunState,
    DockerRunUpdateRequest,
    DockerWorkerState,
    DockerWorkerType,
    ImageType,
    InitialTagCreateRequest,
    SampleCreateRequest,
    TagCreateRequest,
    TagCreator,
    UpdateDockerWorkerRegistryEntryRequest,
    VideoFrameData,
)

VERSION = "2.13.0"
FRAMES_PER_VIDEO = 10
REPORT = b"%PDF-1.7\n" + bytes(range(256)) * 64


class ScriptedWorker:
    """`steps()` is a generator: each `next` does what happens between two polls of a client."""

    def __init__(self, client: ApiWorkflowClient, labels: List[str]) -> None:
        self.client = client
        self.docker: DockerApi = client._compute_worker_api
        self.samples: SamplesApi = client._samples_api
        self.tags: TagsApi = client._tags_api
        request = CreateDockerWorkerRegistryEntryRequest(
            name="scripted worker",
            worker_type=DockerWorkerType.FULL,
            labels=labels,
            creator=Creator.USER_WORKER,
        )
        self.id = self.docker.register_docker_worker(request).id
        self.report(DockerWorkerState.IDLE)
        self.videos: List[str] = []
        self.frames: List[str] = []
        self.run_id = ""

    def report(self, state: DockerWorkerState) -> None:
        request = UpdateDockerWorkerRegistryEntryRequest(state=state, docker_version=VERSION)
        self.docker.update_docker_worker_registry_entry_by_id(self.id, request)

    def advance(self, state: DockerRunState, message: str) -> None:
        request = DockerRunUpdateRequest(state=state, message=message, ts=int(time.time() * 1000))
        self.docker.update_docker_run_by_id(self.run_id, request)
        entry = DockerRunLogCreateEntryData(
            ts=int(time.time() * 1000), level=DockerRunLogLevel.INFO, group="worker", msg=message
        )
        self.docker.create_docker_run_log_by_id(self.run_id, [entry])

    def steps(self) -> Iterator[None]:
        (scheduled,) = self.docker.get_docker_runs_scheduled_by_worker_id(
            self.id, state=DockerRunScheduledState.OPEN
        )
        self.docker.update_scheduled_docker_run_state_by_id(
            scheduled.dataset_id,
            self.id,
            scheduled.id,
            DockerRunScheduledUpdateRequest(state=DockerRunScheduledState.LOCKED),
        )
        self.report(DockerWorkerState.BUSY)
        yield
        self.run_id = self.docker.create_docker_run(
            DockerRunCreateRequest(
                docker_version=VERSION,
                dataset_id=scheduled.dataset_id,
                scheduled_id=scheduled.id,
                creator=Creator.USER_WORKER,
            )
        ).id
        config = self.docker.get_docker_worker_config_vxby_id(scheduled.config_id)
        self.proportion = config.actual_instance.config.selection.proportion_samples
        yield
        until = int(time.time())
        self.advance(DockerRunState.LOADING_DATASET, "Loading the dataset")
        inputs = self.client.download_raw_samples(divide_and_conquer_shards=3)
        self.videos = sorted(name for name, _ in inputs)
        self.video_bytes = {name: requests.get(url, timeout=60).content for name, url in inputs}
        yield
        self.advance(DockerRunState.SAVING_RESULTS, "Saving frames")
        for video in self.videos:
            self.save_frames(scheduled.dataset_id, video)
        self.create_tags(scheduled.dataset_id)
        yield
        self.advance(DockerRunState.UPLOADING_ARTIFACTS, "Uploading artifacts")
        self.upload("report.pdf", DockerRunArtifactType.REPORT_PDF, REPORT)
        self.upload("log.txt", DockerRunArtifactType.LOG, "Done ☺\n".encode())
        self.client._datasources_api.update_datasource_processed_until_timestamp_by_dataset_id(
            scheduled.dataset_id, DatasourceProcessedUntilTimestampRequest(processed_until_timestamp=until)
        )
        self.advance(DockerRunState.COMPLETED, "Done")
        self.report(DockerWorkerState.IDLE)
        yield

    def save_frames(self, dataset_id: str, video: str) -> None:
        stem, extension = video.rsplit(".", 1)
        for index in range(FRAMES_PER_VIDEO):
            name = f"{stem}-{index:02d}-{extension}.png"
            created = self.samples.create_sample_with_write_urls_by_dataset_id(
                dataset_id,
                SampleCreateRequest(
                    file_name=name,
                    video_frame_data=VideoFrameData(
                        source_video=video, source_video_frame_index=index, source_video_frame_timestamp=index / 25
                    ),
                ),
            )
            for url in (created.sample_write_urls.full, created.sample_write_urls.thumb):
                requests.put(url, data=name.encode(), timeout=60).raise_for_status()
            self.frames.append(name)

    def create_tags(self, dataset_id: str) -> None:
        initial = self.tags.create_initial_tag_by_dataset_id(
            dataset_id, InitialTagCreateRequest(img_type=ImageType.FULL, creator=TagCreator.USER_WORKER)
        )
        step = round(1 / self.proportion)
        mask = sum(1 << index for index in range(0, len(self.frames), step))
        self.selected = self.frames[::step]
        self.tags.create_tag_by_dataset_id(
            dataset_id,
            TagCreateRequest(
                name="selected",
                prev_tag_id=initial.id,
                bit_mask_data=hex(mask),
                tot_size=len(self.frames),
                creator=TagCreator.USER_WORKER,
                run_id=self.run_id,
            ),
        )

    def upload(self, name: str, kind: DockerRunArtifactType, data: bytes) -> None:
        created = self.docker.create_docker_run_artifact(
            self.run_id, DockerRunArtifactCreateRequest(file_name=name, type=kind)
        )
        requests.put(created.signed_write_url, data=data, timeout=60).raise_for_status()
        self.docker.confirm_docker_run_artifact_creation(self.run_id, created.artifact_id)
