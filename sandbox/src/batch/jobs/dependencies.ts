import type { Dependency, Job } from "./job.ts";
import type { JobBook } from "./job-book.ts";

/** Whether the jobs that a job depends on have succeeded; `failed` as soon as one of them has not. */
export function dependenciesOf(job: Job, book: JobBook): "met" | "open" | "failed" {
  const states = job.request.dependsOn.map((dependency) => {
    const id = idOf(dependency, job);
    return id === undefined ? "SUCCEEDED" : (book.find(id)?.status ?? "SUCCEEDED");
  });
  if (states.includes("FAILED")) {
    return "failed";
  }
  return states.every((state) => state === "SUCCEEDED") ? "met" : "open";
}

/** The job that a dependency means for this job or child. */
function idOf({ jobId, type }: Dependency, { parentId, index = 0 }: Job): string | undefined {
  if (jobId === undefined) {
    return type === "SEQUENTIAL" && index > 0 ? `${parentId}:${index - 1}` : undefined;
  }
  return type === "N_TO_N" ? `${jobId}:${index}` : jobId;
}
