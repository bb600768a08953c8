import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { AbortMultipartUploadCommand, S3Client } from "@aws-sdk/client-s3";
import { until } from "./round.ts";
import type { World } from "./world.ts";

/** Removes the results of a failed round, so that the next one is not affected. Node-RED is restarted. */
export async function cleanUp(world: World): Promise<void> {
  await world.kill();
  world.sandbox.faults.clear();
  await stopInstance(world);
  await endScheduledRuns(world);
  await abortUploads(world);
  for (const folder of [world.journalDir, join(world.userDir, "lightly-aws", "videos"), join(world.stateDir, "tmp")]) {
    for (const name of await readdir(folder).catch(() => [])) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
  await world.start();
}

/** Stops the instance in any state. */
async function stopInstance({ sandbox }: World): Promise<void> {
  const { region, credentials, endpoints, instanceId, record } = sandbox;
  const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
  const isStopped = (): boolean =>
    record.instances().some((one) => one.instanceId === instanceId && one.state === "stopped");
  try {
    await until(
      "the stop of the instance",
      async () => {
        if (!isStopped()) {
          // Refused while it is still pending.
          await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId], Force: true })).catch(() => undefined);
        }
        return isStopped();
      },
      10_000,
    );
  } finally {
    ec2.destroy();
  }
}

async function endScheduledRuns({ sandbox }: World): Promise<void> {
  const { endpoints, token, record } = sandbox;
  const put = (path: string, body?: unknown): Promise<unknown> =>
    fetch(`${endpoints.lightly}${path}?token=${token}`, {
      method: "PUT",
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  const ofState = (state: string) => record.scheduledRuns().filter((scheduled) => scheduled.state === state);
  // No worker runs on a stopped instance: its locked runs are abandoned, or open again.
  for (const { owner } of ofState("LOCKED")) {
    await put(`/v1/docker/worker/${owner}`, { state: "OFFLINE" });
  }
  for (const { datasetId, id } of ofState("OPEN")) {
    await put(`/v1/datasets/${datasetId}/docker/worker/schedule/${id}`);
  }
}

async function abortUploads({ sandbox }: World): Promise<void> {
  const { region, credentials, endpoints, buckets, record } = sandbox;
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
  try {
    for (const Bucket of Object.values(buckets)) {
      for (const { key: Key, uploadId: UploadId } of await record.uploads(Bucket)) {
        await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }
    }
  } finally {
    s3.destroy();
  }
}
