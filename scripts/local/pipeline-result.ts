import type { RunRecord } from "../../src/runs/run-record.ts";
import type { SelectionTag } from "../../src/services/lightly/run-tag.ts";
import type { PickedVideo } from "../../src/services/pexels/pick-video.ts";
import type { UploadedObject } from "../../src/services/s3/upload-object.ts";

/** What the steps of a completed run have put on their messages. */
export interface PipelineResult {
  readonly pexels: PickedVideo;
  readonly s3: UploadedObject;
  readonly lightly: { readonly datasetId: string; readonly state: string; readonly tag: SelectionTag };
}

/**
 * Collects the results of a run's steps.
 *
 * @throws Error when the selection did not complete
 */
export function pipelineResult({ steps }: RunRecord): PipelineResult {
  const result = Object.assign({}, ...steps.map((step) => step.result)) as PipelineResult;
  if (!result.lightly?.tag) {
    throw new Error(`The selection ended ${result.lightly?.state ?? "without a result"}.`);
  }
  return result;
}
