import type { BatchCore } from "../batch-core.ts";
import { batchArn } from "../resources/arns.ts";
import { type JsonObject, neededText } from "./fields.ts";
import { queueOf } from "./queue-of.ts";

const MAX_JOBS = 100;

/** GetJobQueueSnapshot: the first RUNNABLE jobs of a queue, in their order. */
export function jobQueueSnapshot({ resources, scheduler, region, clock }: BatchCore, from: JsonObject): JsonObject {
  const { jobQueueArn } = queueOf(neededText(from, "jobQueue"), resources);
  const jobs = scheduler.runnable(jobQueueArn).slice(0, MAX_JOBS);
  return {
    frontOfQueue: {
      jobs: jobs.map(({ jobId, createdAt }) => ({
        jobArn: batchArn(region, `job/${jobId}`),
        earliestTimeAtPosition: createdAt,
      })),
      lastUpdatedAt: clock.wallNow(),
    },
  };
}
