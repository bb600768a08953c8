import { runs } from "../../runs/run-registry.ts";
import { idOf, idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/**
 * Returns the datasources that this step's run has set on a dataset, from the record of its *lightly run* step, which neither a message
 * nor the server can change.
 *
 * @returns `s3://bucket/prefix` of each datasource; empty if another run, or a user of the Lightly app, has set them
 */
export function datasourcesOf({ runId }: StepContext, datasetId: string): string[] {
  return runs
    .find(runId)
    .steps.filter(({ role, checkpoint = {} }) => role === "select" && idOf(checkpoint, "datasetId") === datasetId)
    .flatMap(({ checkpoint = {} }) => idsOf(checkpoint, "datasources") ?? []);
}
