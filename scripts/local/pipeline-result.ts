import type { RunRecord } from "../../src/records/run-record.ts";
import type { PickedVideo } from "../../src/services/pexels/pick-video.ts";
import type { UploadedObject } from "../../src/services/s3/upload/upload-object.ts";

/** The results on the messages of a completed run. */
export interface PipelineResult {
  readonly pexels: PickedVideo;
  readonly s3: UploadedObject;
  readonly lightly: {
    /** Of Lightly's platform. */
    readonly workerRunId?: string;
    /** Of LightlyStudio. */
    readonly manifest?: string;
    readonly state: string;
  };
}

/**
 * Collects the results of a run's steps.
 *
 * @throws Error when the run failed, or its selection was not completed
 */
export function pipelineResult({ steps, error }: RunRecord): PipelineResult {
  if (error) {
    throw new Error(`The run failed. ${error.code}: ${error.message}`);
  }
  // The step that lists the frames adds to what the selection has put on the message.
  const selecting = steps.filter(({ role }) => role === "select");
  const result = Object.assign({}, ...[...steps, ...selecting].map((step) => step.result)) as PipelineResult;
  if (result.lightly?.state !== "COMPLETED") {
    throw new Error(`The selection was not completed: ${result.lightly?.state ?? "no result"}.`);
  }
  return result;
}
