import { PipelineError } from "../../errors/pipeline-error.ts";
import { isOpen } from "../../records/run-record.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { MissingPermission } from "../../services/lightly/datasets/datasource-access.ts";
import type { Datasource } from "../../services/lightly/datasets/datasource-config.ts";
import type { StepContext } from "../shared/step/step-context.ts";

interface CheckAccessOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly datasetName: string;
  /** Those of the form; none if the dataset keeps its own. */
  readonly datasources: readonly Datasource[];
}

/**
 * Has Lightly check its permissions on the datasources, before an instance is started for a worker that would fail: ec2 start of the
 * same run waits for it. An input without files may look like one that can't be read, so that check is repeated when the run's uploads
 * have ended, or an instance is about to be started.
 *
 * @throws PipelineError `LIGHTLY_DATASOURCE_DENIED`, `LIGHTLY_UNAUTHORIZED`, `LIGHTLY_DATASET_NOT_FOUND`, `ABORTED`. If the check itself
 *   fails otherwise, that is a warning: the worker may have the permissions nevertheless.
 */
export async function checkAccess(context: StepContext, options: CheckAccessOptions): Promise<void> {
  const { mayBeEmptyInput, saysNothingThere } = await import("../../services/lightly/datasets/datasource-access.ts");
  context.status.show("working", "checking");
  let missing = await lookForMissing(context, options);
  if (missing.length > 0 && mayBeEmptyInput(missing)) {
    await untilInputIsThere(context);
    missing = await lookForMissing(context, options);
  }
  if (missing.length > 0 && !saysNothingThere(missing)) {
    throw await deniedError(context, options, missing);
  }
}

async function lookForMissing(context: StepContext, options: CheckAccessOptions): Promise<MissingPermission[]> {
  const { missingPermissions } = await import("../../services/lightly/datasets/datasource-access.ts");
  try {
    return await missingPermissions({ ...options, signal: context.signal });
  } catch (error) {
    if (!(error instanceof PipelineError) || error.isAbort || FATAL_CODES.has(error.code)) {
      throw error;
    }
    context.warn(`Whether Lightly can use the buckets could not be checked. ${error.message}`);
    return [];
  }
}

const FATAL_CODES: ReadonlySet<string> = new Set(["LIGHTLY_UNAUTHORIZED", "LIGHTLY_DATASET_NOT_FOUND"]);

/** Resolves when no other step of the run is going to upload, or when an ec2 start waits for the check. */
async function untilInputIsThere(context: StepContext): Promise<void> {
  await context.waitForSteps(
    (steps) =>
      !context.instances.isAhead("upload", { except: context.stepId }) ||
      steps.some((step) => step.role === "start" && isOpen(step)),
  );
}

async function deniedError(
  { signal }: StepContext,
  { client, datasetId, datasetName, datasources }: CheckAccessOptions,
  missing: readonly MissingPermission[],
): Promise<PipelineError> {
  const { locationsOfDataset } = await import("../../services/lightly/datasets/datasource-access.ts");
  const { accessError, locationOf } = await import("../../services/lightly/datasets/datasource-access-error.ts");
  const locations =
    datasources.length > 0 ? datasources.map(locationOf) : await locationsOfDataset({ client, datasetId, signal });
  return accessError(missing, { datasetName, locations });
}
