import type { JobRequest } from "../../services/batch/job-input.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import { fields } from "./fields.ts";

/** The form of a job for one message. */
export interface JobForm {
  readonly request: Omit<JobRequest, "jobName">;
  readonly jobPrefix: string;
  /** One child per item, or none of this kind. */
  readonly items?: { readonly items: readonly string[]; readonly folder: string | undefined };
  /** Whether one more job runs after all children, for all items. */
  readonly hasFinalJob: boolean;
  readonly waitsForEnd: boolean;
  readonly capacityTimeoutMs: number;
  readonly timeoutMs: number;
  readonly pollMs: number;
}

/** Reads the whole form. @throws PipelineError `INPUT_INVALID`, `BATCH_REQUEST_INVALID`, `VARIABLE_UNDEFINED` */
export async function readJobForm(inputs: Inputs): Promise<JobForm> {
  const { queue, definition, command, children, environment, jobPrefix, ...overrides } = await inputs.read(
    fields,
    ...(["queue", "definition", "command", "children", "environment", "jobPrefix"] as const),
    ...(["vcpus", "memoryMib", "gpus", "attempts", "attemptTimeoutMinutes", "shareIdentifier"] as const),
  );
  const { waitFor, ...limits } = await inputs.read(
    fields,
    "waitFor",
    "capacityTimeoutMinutes",
    "timeoutHours",
    "pollSeconds",
  );
  const size = children === "count" ? (await inputs.read(fields, "size")).size : 1;
  return {
    request: { queue, definition, command, environment, ...overrides, size },
    jobPrefix,
    ...(await readItems(inputs, children === "items")),
    waitsForEnd: waitFor === "ended",
    ...limits,
  };
}

async function readItems(inputs: Inputs, isList: boolean): Promise<Pick<JobForm, "items" | "hasFinalJob">> {
  if (!isList) {
    return { hasFinalJob: false };
  }
  const {
    items,
    itemsFolder: folder,
    afterChildren,
  } = await inputs.read(fields, "items", "itemsFolder", "afterChildren");
  return { items: { items, folder }, hasFinalJob: afterChildren === "final" };
}
