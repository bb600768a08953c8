import type { InstallationSecrets } from "./installation.ts";

/** What a process needs to take the sandbox for AWS, Lightly and Pexels, and what the example flow reads. */
export function sandboxEnvironment(o: {
  readonly secrets: InstallationSecrets;
  readonly region: string;
  readonly endpoints: { readonly aws: string; readonly lightly: string; readonly pexels: string };
  readonly buckets: { readonly input: string; readonly output: string };
  readonly instanceId: string;
}): Record<string, string> {
  return {
    AWS_REGION: o.region,
    // What the AWS CLI and boto3 read instead.
    AWS_DEFAULT_REGION: o.region,
    AWS_ACCESS_KEY_ID: o.secrets.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: o.secrets.credentials.secretAccessKey,
    AWS_ENDPOINT_URL: o.endpoints.aws,
    AWS_EC2_METADATA_DISABLED: "true",
    LIGHTLY_TOKEN: o.secrets.token,
    LIGHTLY_SERVER_LOCATION: o.endpoints.lightly,
    PEXELS_API_KEY: o.secrets.pexelsKey,
    PEXELS_API_URL: o.endpoints.pexels,
    // The package downloads from public addresses only, unless it is told otherwise. Its videos and frames come from these three.
    LIGHTLY_AWS_ALLOWED_HOSTS: Object.values(o.endpoints)
      .map((endpoint) => new URL(endpoint).host)
      .join(","),
    PIPELINE_INPUT_BUCKET: o.buckets.input,
    PIPELINE_INPUT_PREFIX: "videos",
    PIPELINE_LIGHTLY_BUCKET: o.buckets.output,
    PIPELINE_LIGHTLY_PREFIX: "lightly",
    PIPELINE_REGION: o.region,
    PIPELINE_INSTANCE_ID: o.instanceId,
    PIPELINE_SCRIPT: "/home/ubuntu/run.sh",
    PIPELINE_DATASET: "sandbox-videos",
    PIPELINE_ROLE_ARN: "arn:aws:iam::123456789012:role/lightly-access",
    PIPELINE_EXTERNAL_ID: "sandbox-external-id",
  };
}
