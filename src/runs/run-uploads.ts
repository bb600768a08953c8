import { isOpen, type StepRecord } from "../records/run-record.ts";
import { type UploadsLeft, uploadsLeft } from "../records/uploads-left.ts";
import type { Run } from "./run.ts";

/** The steps before an upload. Uploads behind other steps, such as those of results, are not inputs of the worker. */
const BEFORE_UPLOAD: ReadonlySet<StepRecord["role"]> = new Set(["source", "download", "upload"]);

/** The uploads of a run that a step may wait for. A retried step, whose pass has no upload of its own, gets those of earlier passes. */
export function uploadsOf(run: Run, { stepId }: StepRecord): UploadsLeft {
  const uploads = run.currentPass.filter(({ role }) => role === "upload");
  const isMoreToCome = isUploadAhead(run);
  const all = [...run.steps].map(({ record }) => record);
  if (uploads.length > 0 || isMoreToCome || !all.some(({ replacedBy }) => replacedBy === stepId)) {
    return uploadsLeft(uploads, isMoreToCome);
  }
  return uploadsLeft(
    all.filter(({ role, state }) => role === "upload" && state === "completed"),
    false,
  );
}

/** Whether an open step, or a pending message, of a download or an upload leads to another upload. */
function isUploadAhead({ steps, registry: { nodes } }: Run): boolean {
  const isUpload = (nodeId: string): boolean => nodes.get(nodeId)?.role === "upload";
  return [...steps]
    .filter(({ record }) => BEFORE_UPLOAD.has(record.role))
    .some(
      ({ record, outbox }) =>
        outbox.pending.some(({ to }) => to.some(isUpload)) ||
        (isOpen(record) && nodes.leadsToOther(record.nodeId, "upload")),
    );
}
