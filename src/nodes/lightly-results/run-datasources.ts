import { runs } from "../../runs/run-registry.ts";
import { idOf, idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/**
 * The datasources that this step's run has set on a dataset, by the record of its lightly run: neither a message nor the server can
 * change that.
 *
 * @returns `s3://bucket/prefix` of each; none when another run, or a user of the Lightly app, has set them
 */
export function datasourcesOf({ runId }: StepContext, datasetId: string): string[] {
  return runs
    .find(runId)
    .steps.filter(({ role, checkpoint = {} }) => role === "select" && idOf(checkpoint, "datasetId") === datasetId)
    .flatMap(({ checkpoint = {} }) => idsOf(checkpoint, "datasources") ?? []);
}
