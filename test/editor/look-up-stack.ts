import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/local-stack.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

export interface LookUpStackOptions {
  readonly flow: readonly object[];
  /** Default `node-red`. */
  readonly nodeRedPackage?: string;
}

/** Starts sandbox and Node-RED with a flow, and with resources of each kind to look up. */
export async function startLookUpStack({ flow, nodeRedPackage }: LookUpStackOptions): Promise<LocalStack> {
  const folder = temporaryFolder();
  const flowFile = join(folder, "flow.json");
  await writeFile(flowFile, JSON.stringify(flow));
  const stack = await startLocalStack({
    videosDir: await testClips(),
    stateDir: folder,
    delays: { startMs: 50, onlineMs: 50, stopMs: 50, deliveryMs: 20, workerPollMs: 200 },
    worker: "instant",
    flow: flowFile,
    ...(nodeRedPackage === undefined ? {} : { nodeRedPackage }),
  });
  const { endpoints, token } = stack.sandbox;
  for (const [path, body] of [
    ["/v1/datasets", { name: "street", type: "Videos" }],
    ["/v1/docker/worker", { name: "second", workerType: "FULL", labels: ["gpu", "fast"] }],
  ] as const) {
    await fetch(`${endpoints.lightly}${path}?token=${token}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }
  return stack;
}

/** Adds an object to a bucket of the sandbox, so that its prefixes can be chosen. */
export async function putObject({ sandbox }: LocalStack, bucket: string, key: string): Promise<void> {
  const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const { region, credentials, endpoints } = sandbox;
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x" }));
  s3.destroy();
}
