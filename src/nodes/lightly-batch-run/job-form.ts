import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { JobRequest } from "../../services/batch/job/job-input.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import { fields } from "./fields.ts";

/** The form of a job for one message. */
export interface JobForm {
  readonly request: Omit<JobRequest, "jobName">;
  readonly jobPrefix: string;
  /** One child per item, or none of this kind. */
  readonly items?: { readonly items: readonly string[]; readonly folder: string | undefined };
  /** Why the items are not known. A job that was submitted before is followed without them. */
  readonly itemsFault?: PipelineError;
  /** Whether one more job runs after all children, for all items. */
  readonly hasFinalJob: boolean;
  readonly waitsForEnd: boolean;
  readonly capacityTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly timeoutMs: number;
  readonly pollMs: number;
}

/**
 * Reads the whole form.
 *
 * @param options.isSubmitted - a job may have been submitted already: then a list that the journal could not store is no reason to fail
 * @throws PipelineError `INPUT_INVALID`, `BATCH_REQUEST_INVALID`, `VARIABLE_UNDEFINED`
 */
export async function readJobForm(inputs: Inputs, options: { readonly isSubmitted: boolean }): Promise<JobForm> {
  const { queue, definition, command, children, environment, jobPrefix, ...overrides } = await inputs.read(
    fields,
    ...(["queue", "definition", "command", "children", "environment", "jobPrefix"] as const),
    ...(["vcpus", "memoryMib", "gpus", "attempts", "attemptTimeoutMinutes", "shareIdentifier"] as const),
  );
  const { waitFor, ...limits } = await inputs.read(
    fields,
    "waitFor",
    "capacityTimeoutMinutes",
    "startTimeoutMinutes",
    "timeoutHours",
    "pollSeconds",
  );
  const size = children === "count" ? (await inputs.read(fields, "arraySize")).arraySize : 1;
  return {
    request: { queue, definition, command, environment, ...overrides, size },
    jobPrefix,
    ...(children === "items" ? await readItems(inputs, options) : { hasFinalJob: false }),
    waitsForEnd: waitFor === "ended",
    ...limits,
  };
}

async function readItems(
  inputs: Inputs,
  { isSubmitted }: { readonly isSubmitted: boolean },
): Promise<Pick<JobForm, "items" | "itemsFault" | "hasFinalJob">> {
  const { itemsFolder: folder, afterChildren } = await inputs.read(fields, "itemsFolder", "afterChildren");
  const hasFinalJob = afterChildren === "final";
  try {
    const { items } = await inputs.read(fields, "items");
    return { items: { items, folder }, hasFinalJob };
  } catch (error) {
    if (!isSubmitted) {
      throw error;
    }
    return { itemsFault: toPipelineError(error), hasFinalJob };
  }
}
