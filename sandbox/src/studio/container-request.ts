import { createHash } from "node:crypto";
import { StudioRefusal, type StudioRequest } from "./studio-request.ts";

/** What a container of Batch does of a request. */
export interface ContainerRequest {
  readonly request: StudioRequest;
  /** The input that it reads for the final job, if that is all it does. */
  readonly only?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The part of a container: as in the script's `container.py`, the inputs are the items of the job.
 *
 * @param read - the content of an object; `undefined` if there is none
 */
export async function requestOfContainer(
  request: StudioRequest,
  { LIGHTLY_ITEMS, LIGHTLY_ITEMS_URI, LIGHTLY_PART, AWS_BATCH_JOB_ARRAY_INDEX: index = "0" }: Variables,
  read: (uri: string) => Promise<Buffer | undefined>,
): Promise<ContainerRequest> {
  if (LIGHTLY_ITEMS === undefined && LIGHTLY_ITEMS_URI === undefined) {
    return { request };
  }
  if (request.inputs?.length > 0) {
    throw invalid("The videos are the items of the job: the spec must not have inputs.");
  }
  const text = LIGHTLY_ITEMS ?? (await read(LIGHTLY_ITEMS_URI ?? ""))?.toString("utf8");
  if (text === undefined) {
    throw invalid(`The list of items ${LIGHTLY_ITEMS_URI} does not exist.`);
  }
  const inputs = text.replace(/\n+$/, "").split("\n");
  if (LIGHTLY_PART === "all") {
    return { request: { ...request, inputs } };
  }
  const own = inputs[Number(index)];
  if (own === undefined) {
    throw invalid(`The job has ${inputs.length} items, and this is child ${index}.`);
  }
  if (LIGHTLY_PART === "item") {
    return { request: { ...request, inputs }, only: own };
  }
  const mark = createHash("sha256").update(own).digest("hex").slice(0, 10);
  const { runId, dataset, datasetUri } = request;
  return {
    request: {
      ...request,
      runId: `${runId}-${index}`,
      dataset: `${dataset}-${mark}`,
      datasetUri: `${datasetUri}/${mark}`,
      inputs: [own],
    },
  };
}

function invalid(message: string): StudioRefusal {
  return new StudioRefusal("STUDIO_SPEC_INVALID", message);
}
