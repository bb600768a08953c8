import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { Worker } from "../../services/lightly/client/responses.ts";
import { missingPermissions, saysNothingThere } from "../../services/lightly/datasets/datasource-access.ts";
import { findDataset } from "../../services/lightly/datasets/prepare-dataset.ts";
import { listWorkers } from "../../services/lightly/workers/list-workers.ts";
import { type Finding, failure, ok, problem, type Result, unchecked, warning } from "../finding.ts";
import type { LightlyUse } from "../plan/plan.ts";

/** Checks the token, the registered workers, and what Lightly may do in the buckets of existing datasets. */
export async function checkLightly(
  client: LightlyClient,
  account: string,
  uses: readonly LightlyUse[],
  signal: AbortSignal,
): Promise<Finding[]> {
  let workers: readonly Worker[];
  try {
    workers = (await listWorkers(client, signal)).items;
  } catch (error) {
    const why = "the token was not accepted, or Lightly has not responded.";
    return [
      { check: "token", ...failure(account, error) },
      ...uses.flatMap(({ step }): Finding[] => [
        { check: "worker", ...unchecked(step, why) },
        { check: "datasources", ...unchecked(step, why) },
      ]),
    ];
  }
  const ofDatasets = await Promise.all(uses.map((use) => checkDatasources(client, use, signal)));
  return [
    { check: "token", ...ok(account, `${client.server} accepts the token.`) },
    ...uses.map((use): Finding => ({ check: "worker", ...worker(use, workers) })),
    ...ofDatasets.map((result): Finding => ({ check: "datasources", ...result })),
  ];
}

/** A run is taken by a worker that has all of its labels. */
function worker({ step, labels }: LightlyUse, workers: readonly Worker[]): Result {
  const fitting = workers.filter((one) => labels.every((label) => one.labels.includes(label)));
  if (fitting.length > 0) {
    return ok(step, `Registered workers: ${fitting.map(({ name }) => name).join(", ")}.`);
  }
  return workers.length === 0
    ? warning(
        step,
        "No worker is registered with this token. Register one, and give its id to the worker, or a run waits until one registers itself.",
      )
    : problem(
        step,
        `No registered worker has the labels ${labels.join(", ")}. Correct the labels in lightly run, or register a worker with them. Registered: ${workers.map((one) => `${one.name} (${one.labels.join(", ") || "no labels"})`).join("; ")}.`,
      );
}

async function checkDatasources(
  client: LightlyClient,
  { step, dataset }: LightlyUse,
  signal: AbortSignal,
): Promise<Result> {
  if (dataset === undefined) {
    return unchecked(step, "the name of the dataset is not known yet.");
  }
  const name = `dataset ${dataset}`;
  try {
    const found = await findDataset({ client, name: dataset, signal });
    if (found === undefined) {
      return unchecked(
        name,
        "it does not exist yet. The first run creates it, and Lightly then checks its permissions before an instance is started.",
      );
    }
    const missing = await missingPermissions({ client, datasetId: found.id, signal });
    if (missing.length === 0 || saysNothingThere(missing)) {
      return ok(name, "Lightly may use its buckets.");
    }
    const lacking = missing.map(
      ({ permission, reason }) => `${permission}${reason === undefined ? "" : ` (${reason})`}`,
    );
    return problem(
      name,
      `Lightly lacks permissions on its buckets: ${lacking.join(", ")}. Check the role, its external id and its policy: docs/permissions.md.`,
    );
  } catch (error) {
    return failure(name, error);
  }
}
