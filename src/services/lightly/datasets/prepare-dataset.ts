import { PipelineError } from "../../../errors/pipeline-error.ts";
import { sleepOrAbort } from "../../../polling/sleep-or-abort.ts";
import { createdId, type Dataset, datasetsIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { readPages } from "../client/read-pages.ts";
import { apiPath } from "../client/send-request.ts";
import { checkDatasetName } from "./dataset-name.ts";
import { type Datasource, datasourceConfigs, setDatasources } from "./datasource-config.ts";

/** How often a creation is tried whose outcome nobody knows. */
const MAX_CREATIONS = 3;

interface DatasetOptions {
  readonly client: LightlyClient;
  readonly name: string;
  readonly type: "Videos" | "Images";
  readonly signal: AbortSignal;
}

/**
 * Finds the dataset of that name, or creates it, and sets its datasources.
 *
 * @param o.datasources - checked before the first request; an empty list leaves the dataset's own as they are
 * @returns whether this call created it
 * @throws PipelineError `LIGHTLY_DATASET_NAME_INVALID`, `LIGHTLY_DATASOURCE_INVALID`, `LIGHTLY_DATASET_MISMATCH`, or an error of the
 *   request (see {@link LightlyClient})
 */
export async function prepareDataset(
  o: DatasetOptions & { datasources: readonly Datasource[] },
): Promise<{ datasetId: string; created: boolean }> {
  checkDatasetName(o.name);
  const configs = datasourceConfigs(o.datasources);
  const { dataset, created } = await findOrCreate(o);
  if (dataset.type !== o.type) {
    throw new PipelineError(
      "LIGHTLY_DATASET_MISMATCH",
      `The dataset "${o.name}" exists with the type ${dataset.type}, not ${o.type}. Choose another name, or that input type.`,
      { details: { datasetId: dataset.id, type: dataset.type, wanted: o.type } },
    );
  }
  await setDatasources({ client: o.client, datasetId: dataset.id, configs, signal: o.signal });
  return { datasetId: dataset.id, created };
}

async function findOrCreate(o: DatasetOptions): Promise<{ dataset: Dataset; created: boolean }> {
  for (let attempt = 1; ; attempt += 1) {
    const dataset = await findDataset(o);
    if (dataset !== undefined) {
      return { dataset, created: false };
    }
    try {
      return { dataset: await createDataset(o), created: true };
    } catch (error) {
      // Somebody else took the name meanwhile, or our own creation went through and its answer got lost: look again.
      if (!mayExistNow(error)) {
        throw error;
      }
      if (attempt >= MAX_CREATIONS) {
        throw isNameTaken(error) ? takenUnseen(o.name, error) : error;
      }
      await sleepOrAbort(o.client.clock, attempt * 1000, o.signal);
    }
  }
}

/** The exact query still may answer names that only begin like ours, so the name is compared here. */
async function findDataset({ client, name, signal }: DatasetOptions): Promise<Dataset | undefined> {
  const pages = readPages({
    client,
    path: apiPath`/v1/datasets/query/name/${name}`,
    // Lightly's own client writes its booleans like this.
    query: [
      ["shared", "False"],
      ["exact", "True"],
    ],
    itemsIn: datasetsIn,
    signal,
  });
  for await (const page of pages) {
    const found = page.find((dataset) => dataset.name === name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

async function createDataset({ client, name, type, signal }: DatasetOptions): Promise<Dataset> {
  const body = { name, type, creator: "USER_PIP" };
  const id = createdId(await client.request({ method: "POST", path: "/v1/datasets", body, signal }));
  return { id, name, type };
}

function mayExistNow(error: unknown): error is PipelineError {
  if (!(error instanceof PipelineError) || error.isAbort) {
    return false;
  }
  return isNameTaken(error) || (error.details.delivery === "unknown" && error.retryable);
}

function isNameTaken({ details }: PipelineError): boolean {
  return details.status === 409 || details.apiCode === "DATASET_NAME_EXISTS";
}

function takenUnseen(name: string, refusal: PipelineError): PipelineError {
  return new PipelineError(
    "LIGHTLY_REQUEST_REFUSED",
    `Lightly says that a dataset named "${name}" exists, but it is not among those of this token. Choose another name, or use its owner's token.`,
    { details: { ...refusal.details, name }, cause: refusal },
  );
}
