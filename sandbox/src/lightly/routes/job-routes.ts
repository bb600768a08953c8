import { unknown } from "../http/api-fault.ts";
import { ok, type Route, route } from "../http/router.ts";
import type { Job } from "../state/lightly-records.ts";
import type { World } from "../world.ts";

/** Routes of background jobs. The sandbox does nothing in the background: each job is finished when it is created. */
export function jobRoutes(world: World): Route[] {
  const { jobs } = world.state;
  return [
    route("GET /v1/jobs", {}, () =>
      ok(
        jobs.all().map(({ id, datasetId, jobType, createdAt }) => ({
          ...{ id, jobId: id, jobType, datasetId, status: "FINISHED", createdAt, finishedAt: createdAt },
        })),
      ),
    ),
    route("GET /v1/jobs/{jobId}", {}, ({ params: { jobId } }) => {
      const job = jobs.get(jobId);
      if (job === undefined) {
        throw unknown("JOB_UNKNOWN", `There is no job ${jobId}.`);
      }
      return ok(jobStatus(job));
    }),
  ];
}

const jobStatus = ({ id, datasetId, jobType, createdAt }: Job) => ({
  ...{ id, datasetId, status: "FINISHED", waitTimeTillNextPoll: 1, result: { type: jobType } },
  ...{ createdAt, lastModifiedAt: createdAt, finishedAt: createdAt },
});
