"""What users of the client add to a dataset: metadata, predictions, scores, embeddings, other users."""

import csv
import json
import tempfile
from pathlib import Path
from typing import List

import numpy as np
import requests
from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.api import Embeddings2dApi
from lightly.openapi_generated.swagger_client.models import (
    ConfigurationEntry,
    ConfigurationSetRequest,
    PredictionSingleton,
    PredictionSingletonObjectDetection,
    PredictionTaskSchema,
    PredictionTaskSchemaCategory,
    PredictionTaskSchemaSimple,
)

from checks import check, equal, raises


def judge_client_data(client: ApiWorkflowClient, frames: List[str], tag_id: str) -> None:
    samples = client._samples_api.get_samples_by_dataset_id(client.dataset_id)

    with check("custom metadata is uploaded, and the way to show it is configured"):
        metadata = [{"image_id": 7, "people": 3, "weather": {"scenario": "cloudy", "temperature": 20.3}}]
        images = [{"file_name": frames[0], "id": 7}]
        client.upload_custom_metadata({"images": images, "metadata": metadata})
        sample = client._samples_api.get_sample_by_id(client.dataset_id, samples[0].id)
        equal(sample.custom_meta_data, metadata[0])
        entry = ConfigurationEntry(
            name="Weather", path="weather.scenario", default_value="unknown", value_data_type="CATEGORICAL_STRING"
        )
        configuration_id = client.create_custom_metadata_config("weather", [entry]).id
        api = client._metadata_configurations_api
        request = ConfigurationSetRequest(name="renamed", configs=[entry, entry])
        api.update_meta_data_configuration_by_id(client.dataset_id, configuration_id, request)
        configuration = api.get_meta_data_configuration_by_id(client.dataset_id, configuration_id)
        equal([configuration.name, len(configuration.configs)], ["renamed", 2])
        equal([found.id for found in api.get_meta_data_configurations(client.dataset_id)], [configuration_id])

    with check("a prediction task and predictions of samples are uploaded and read"):
        categories = [PredictionTaskSchemaCategory(id=index, name=name) for index, name in enumerate(("dog", "cat"))]
        simple = PredictionTaskSchemaSimple(name="animals", type="OBJECT_DETECTION", categories=categories)
        client.create_or_update_prediction_task_schema(PredictionTaskSchema(simple), prediction_version_id=1)
        box = PredictionSingletonObjectDetection(
            type="OBJECT_DETECTION", task_name="animals", category_id=1, score=0.9, bbox=[1, 2, 30.5, 40]
        )
        client.create_or_update_prediction(samples[0].id, [PredictionSingleton(box)], prediction_version_id=1)
        api = client._predictions_api
        (schema,) = api.get_prediction_task_schemas_by_dataset_id(client.dataset_id).schemas
        equal([category.name for category in schema.actual_instance.categories], ["dog", "cat"])
        equal(api.get_prediction_task_schema_by_task_name(client.dataset_id, "animals").actual_instance, simple)
        (found,) = api.get_predictions_by_sample_id(client.dataset_id, samples[0].id)
        equal(found.actual_instance, box)
        # The client sends this request, but cannot decode a list of lists.
        response = api.get_predictions_by_dataset_id_with_http_info(
            client.dataset_id, task_name="animals", lean=True, _preload_content=False
        )
        equal([len(of_sample) for of_sample in json.loads(response.raw_data)], [1] + [0] * (len(frames) - 1))

    with check("active learning scores of a tag are uploaded and read"):
        values = np.linspace(0, 1, len(client.get_filenames_in_tag(client.get_tag_by_id(tag_id))))
        client.upload_scores({"uncertainty_entropy": values}, query_tag_id=tag_id)
        (summary,) = client._scores_api.get_active_learning_scores_by_tag_id(client.dataset_id, tag_id)
        scores = client._scores_api.get_active_learning_score_by_score_id(client.dataset_id, tag_id, summary.id)
        equal([scores.score_type, scores.scores], ["uncertainty_entropy", values.tolist()])

    with check("embeddings are uploaded with their 2D jobs, appended to, downloaded and deleted"), tempfile.TemporaryDirectory() as folder:
        judge_embeddings(client, frames, Path(folder))

    with check("a dataset is shared with users, and no longer shared"):
        for users in (["one@example.com", "two@example.com"], []):
            client.share_dataset_only_with(client.dataset_id, users)
            equal(client.get_shared_users(client.dataset_id), users)

    with check("the quota is a number of samples"):
        equal(int(client._quota_api.get_quota_maximum_dataset_size()) > len(frames), True)


def judge_embeddings(client: ApiWorkflowClient, frames: List[str], folder: Path) -> None:
    source = folder / "embeddings.csv"
    header = ["filenames", "embedding_0", "embedding_1", "labels"]
    rows = [[name, str(index / 10), "-0.5", "0"] for index, name in enumerate(frames)]
    with open(source, "w", newline="") as file:
        csv.writer(file).writerows([header, *reversed(rows)])
    client.upload_embeddings(str(source), "default_mine")
    equal(client.get_embedding_data_by_name("default_mine").is_processed, True)
    client.download_embeddings_csv(str(folder / "back.csv"))
    with open(folder / "back.csv", newline="") as file:
        # In the order of the dataset, whatever the order of the upload.
        equal(list(csv.reader(file)), [header, *rows])
    client.upload_embeddings(str(source), "default_mine")
    newest, oldest = client.get_all_embedding_data()
    equal([newest.name.startswith("default_mine_2"), oldest.name], [True, "default_mine"])
    client.set_embedding_id_to_latest()
    equal(client.embedding_id, newest.id)
    jobs = client._jobs_api.get_jobs()
    equal([job.status for job in jobs], ["FINISHED"] * 6)
    equal(client._jobs_api.get_job_status_by_id(jobs[0].job_id).result.type, "EMBEDDINGS2D")
    equal(Embeddings2dApi(client.api_client).get_embeddings2d_by_embedding_id(client.dataset_id, newest.id), [])
    read_url = client._embeddings_api.get_embeddings_csv_read_url_by_id(client.dataset_id, oldest.id)
    for embedding in (newest, oldest):
        client._embeddings_api.delete_embedding_by_id(client.dataset_id, embedding.id)
    equal(client.get_all_embedding_data(), [])
    equal(requests.get(read_url, timeout=60).status_code, 404)
    with raises(RuntimeError):
        client.download_embeddings_csv(str(folder / "none.csv"))
