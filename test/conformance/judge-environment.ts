import { devNull } from "node:os";
import type { Setup } from "./judge.ts";

/**
 * The environment of a judge's process: the sandbox and its key pair, without the user's configuration, proxies and instance metadata.
 */
export function judgeEnvironment({ sandbox, folder }: Setup): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    TMPDIR: folder,
    LANG: "C.UTF-8",
    NO_PROXY: "*",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL: sandbox.endpoints.aws,
    AWS_REGION: sandbox.region,
    AWS_DEFAULT_REGION: sandbox.region,
    AWS_ACCESS_KEY_ID: sandbox.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sandbox.credentials.secretAccessKey,
    SANDBOX_INSTANCE_ID: sandbox.instanceId,
    SANDBOX_BUCKET: sandbox.buckets.input,
  };
}
