"""The datasources of a dataset: those in the sandbox's buckets, and those of other types, which the sandbox only stores."""

import os

from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client.models import DatasourcePurpose

from checks import check, equal

ALL_PERMISSIONS = {name: True for name in ("can_read", "can_write", "can_list", "can_overwrite")}


def uri(which: str, folder: str = "") -> str:
    prefix = os.environ[f"PIPELINE_{which}_PREFIX"].strip("/")
    return f"s3://{os.environ[f'PIPELINE_{which}_BUCKET']}/{prefix}/{folder}"


def set_datasources(client: ApiWorkflowClient, input_path: str, lightly_path: str) -> None:
    for path, purpose in ((input_path, DatasourcePurpose.INPUT), (lightly_path, DatasourcePurpose.LIGHTLY)):
        client.set_s3_delegated_access_config(
            resource_path=path,
            region=os.environ["PIPELINE_REGION"],
            role_arn=os.environ["PIPELINE_ROLE_ARN"],
            external_id=os.environ["PIPELINE_EXTERNAL_ID"],
            purpose=purpose,
        )


def judge_datasources(client: ApiWorkflowClient) -> None:
    with check("a path without s3:// leads to the same bucket"):
        plain = [uri(which).removeprefix("s3://") for which in ("INPUT", "LIGHTLY")]
        set_datasources(client, *plain)
        equal(client.list_datasource_permissions(), ALL_PERMISSIONS)
        input_only = client._datasources_api.get_datasource_by_dataset_id(client.dataset_id, purpose="INPUT")
        equal(input_only.actual_instance.full_path, plain[0])

    with check("datasources in Azure, Google Cloud, OBS and on a local disk are accepted and returned"):
        other = ApiWorkflowClient()
        other.create_new_dataset_with_unique_name("other storage")
        settings = {
            "AZURE": lambda: other.set_azure_config("container/videos", "account", "sv=2022&sig=abc"),
            "GCS": lambda: other.set_gcs_config("gs://bucket/videos", "project", "{}"),
            "OBS": lambda: other.set_obs_config("obs://bucket/videos", "https://obs.example.com", "key", "secret"),
            "LOCAL": lambda: other.set_local_config("videos", thumbnail_suffix=None),
        }
        for kind, apply in settings.items():
            apply()
            equal(other.get_datasource().actual_instance.type, kind)
            equal(other.list_datasource_permissions(), ALL_PERMISSIONS)
        other.delete_dataset_by_id(other.dataset_id)
