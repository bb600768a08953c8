"""Reads everything that a run of the sandbox's own worker leaves behind, with Lightly's own, unmodified client.

Needs the environment of `standard_session.py`, a worker that waits for a run, and below RESULTS_FOLDER of the input prefix one video
(RESULTS_VIDEO) and a file that is none (RESULTS_BROKEN).
"""

import json
import os
import tempfile
import time
import uuid
from pathlib import Path
from types import SimpleNamespace

for variable in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"):
    os.environ.pop(variable, None)

import numpy as np
import pypdf
import requests
from lightly.api import ApiWorkflowClient, api_workflow_compute_worker
from lightly.api.api_workflow_artifacts import ArtifactNotExist
from lightly.openapi_generated.swagger_client.models import DatasetType
from lightly.utils.io import load_embeddings
from PIL import Image

import checks
from checks import check, equal, raises
from datasources import set_datasources, uri

FOLDER = os.environ["RESULTS_FOLDER"]
VIDEO = os.environ["RESULTS_VIDEO"]
BROKEN = os.environ["RESULTS_BROKEN"]
SELECTED = 5
SELECTION = {
    "n_samples": SELECTED,
    "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}],
}

client = ApiWorkflowClient()
client.create_dataset(f"results {uuid.uuid4().hex[:8]}", DatasetType.VIDEOS)
set_datasources(client, uri("INPUT", f"{FOLDER}/"), uri("LIGHTLY", f"{FOLDER}/"))
temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)

with check("a run of the sandbox's worker is followed to COMPLETED"):
    scheduled_id = client.schedule_compute_worker_run(
        worker_config={"shutdown_when_job_finished": True}, selection_config=SELECTION
    )
    api_workflow_compute_worker.time = SimpleNamespace(sleep=lambda seconds: time.sleep(0.2))
    states = [info.state for info in client.compute_worker_run_info_generator(scheduled_id)]
    equal(states[-1], "COMPLETED")
    run = client.get_compute_worker_run_from_scheduled_run(scheduled_id)
    (tag,) = client.get_compute_worker_run_tags(run.id)
    names = sorted(client.get_filenames_in_tag(tag))
    equal(len(names), SELECTED)


def download(method: str, name: str) -> Path:
    getattr(client, f"download_compute_worker_run_{method}")(run, str(folder / name))
    return folder / name


with check("the PDF report opens in a strict reader: title, figures and a picture of each selected frame"):
    pdf = pypdf.PdfReader(download("report_pdf", "report.pdf"), strict=True)
    equal(pdf.metadata.title, f"Report of run {run.id}")
    text = "\n".join(page.extract_text() for page in pdf.pages)
    for expected in (client.dataset_id, tag.name, f"Selected: {SELECTED}", VIDEO, BROKEN):
        equal(expected in text, True)
    pictures = [picture.image for page in pdf.pages for picture in page.images]
    equal([picture.format for picture in pictures], ["JPEG"] * SELECTED)
    equal(all(picture.getextrema() for picture in pictures), True)
    report_url = client._compute_worker_api.get_docker_run_report_read_url_by_id(run.id)
    equal(requests.get(report_url, timeout=60).content, (folder / "report.pdf").read_bytes())

with check("both JSON reports name the selected frames"):
    for method in ("report_json", "report_v2_json"):
        report = json.loads(download(method, f"{method}.json").read_text())
        equal(sorted(frame["fileName"] for frame in report["selected"]), names)

with check("log and memory log are text"):
    equal("EMBEDDING" in download("log", "log.txt").read_text(), True)
    equal("rss=" in download("memory_log", "memlog.txt").read_text(), True)

with check("the corruptness check names what could not be decoded"):
    information = json.loads(download("corruptness_check_information", "corrupt.json").read_text())
    equal([list(information["corrupt_samples"]), list(information["corrupt_videos"])], [[], [BROKEN]])

with check("the sequence information has video, names, indices and timestamps of the selected frames"):
    sequences = json.loads(download("sequence_information", "sequences.json").read_text())
    equal(sorted(name for sequence in sequences for name in sequence["frame_names"]), names)
    equal({sequence["video_name"] for sequence in sequences}, {VIDEO})
    for sequence in sequences:
        lengths = [len(sequence[f"frame_{what}"]) for what in ("names", "indices", "timestamps_pts", "timestamps_sec")]
        equal(lengths, [1, 1, 1, 1])

with check("there is no checkpoint without a training, and all other artifacts are downloaded at once"):
    with raises(ArtifactNotExist):
        download("checkpoint", "checkpoint.ckpt")
    with raises(ArtifactNotExist):
        client.get_compute_worker_run_checkpoint_url(run)
    client.download_compute_worker_run_artifacts(run, str(folder / "all"))
    equal(sorted(os.listdir(folder / "all")), sorted(artifact.file_name for artifact in run.artifacts))
    equal(len(run.artifacts), 7)

with check("the dataset is downloaded: every image of a tag, in full size"):
    for tag_name in ("initial-tag", tag.name):
        # The client's threads all create a missing folder, and lose the picture of the one that comes second.
        (folder / tag_name / names[0]).parent.mkdir(parents=True)
        client.download_dataset(str(folder / tag_name), tag_name=tag_name, verbose=False)
        files = [path for path in (folder / tag_name).rglob("*") if path.is_file()]
        equal(sorted(str(path.relative_to(folder / tag_name)) for path in files), names)
        for path in files:
            with Image.open(path) as image:
                equal([image.format, image.width > 100], ["PNG", True])
    with raises(ValueError):
        client.download_dataset(str(folder / "none"), tag_name="none", verbose=False)

with check("the worker's embeddings are downloaded as the client's own format, one row for each sample"):
    client.download_embeddings_csv(str(folder / "embeddings.csv"))
    vectors, labels, filenames = load_embeddings(str(folder / "embeddings.csv"))
    equal([filenames, labels], [client.get_filenames(), [0] * SELECTED])
    equal(np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4), True)

with check("the worker's embeddings are uploaded again under another name"):
    client.upload_embeddings(str(folder / "embeddings.csv"), "copy")
    client.download_embeddings_csv_by_id(client.embedding_id, str(folder / "copy.csv"))
    equal(load_embeddings(str(folder / "copy.csv"))[2], filenames)

with check("custom metadata of a selected frame is uploaded"):
    metadata = {"images": [{"file_name": names[0], "id": 1}], "metadata": [{"image_id": 1, "night": True}]}
    client.upload_custom_metadata(metadata)
    tasks = client._tags_api.export_tag_to_label_studio_tasks(client.dataset_id, tag.id, include_meta_data=True)
    with_metadata = [task.data.lightly_meta_info.custom_meta_data for task in tasks if task.data.lightly_file_name == names[0]]
    equal(with_metadata, [{"image_id": 1, "night": True}])

temporary.cleanup()
print(f"{checks.passed} checks passed, lightly {__import__('lightly').__version__}")
