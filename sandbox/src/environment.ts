import { READY_MADE } from "./batch/resources/ready-made.ts";
import type { InstallationSecrets } from "./installation.ts";

/** What a process needs to take the sandbox for AWS, Lightly and Pexels, and what the example flow reads. */
export function sandboxEnvironment(options: {
  readonly secrets: InstallationSecrets;
  readonly region: string;
  readonly endpoints: { readonly aws: string; readonly lightly: string; readonly pexels: string };
  readonly buckets: { readonly input: string; readonly output: string };
  readonly instanceId: string;
}): Record<string, string> {
  return {
    AWS_REGION: options.region,
    // What the AWS CLI and boto3 read instead.
    AWS_DEFAULT_REGION: options.region,
    AWS_ACCESS_KEY_ID: options.secrets.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: options.secrets.credentials.secretAccessKey,
    AWS_ENDPOINT_URL: options.endpoints.aws,
    AWS_EC2_METADATA_DISABLED: "true",
    LIGHTLY_TOKEN: options.secrets.token,
    LIGHTLY_SERVER_LOCATION: options.endpoints.lightly,
    PEXELS_API_KEY: options.secrets.pexelsKey,
    PEXELS_API_URL: options.endpoints.pexels,
    // By default the package downloads only from public addresses. Its videos and frames come from these three.
    LIGHTLY_AWS_ALLOWED_HOSTS: Object.values(options.endpoints)
      .map((endpoint) => new URL(endpoint).host)
      .join(","),
    PIPELINE_INPUT_BUCKET: options.buckets.input,
    PIPELINE_INPUT_PREFIX: "videos",
    PIPELINE_LIGHTLY_BUCKET: options.buckets.output,
    PIPELINE_LIGHTLY_PREFIX: "lightly",
    PIPELINE_REGION: options.region,
    PIPELINE_INSTANCE_ID: options.instanceId,
    PIPELINE_SCRIPT: "/home/ubuntu/run.sh",
    PIPELINE_BATCH_QUEUE: READY_MADE.queue,
    PIPELINE_BATCH_WORKER: READY_MADE.worker,
    PIPELINE_BATCH_STUDIO: READY_MADE.studio,
    PIPELINE_BATCH_DEFINITION: READY_MADE.shell,
    PIPELINE_DATASET: "sandbox-videos",
    PIPELINE_ROLE_ARN: "arn:aws:iam::123456789012:role/lightly-access",
    PIPELINE_EXTERNAL_ID: "sandbox-external-id",
  };
}
