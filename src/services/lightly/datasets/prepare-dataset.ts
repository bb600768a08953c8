import { PipelineError } from "../../../errors/pipeline-error.ts";
import { sleepOrAbort } from "../../../polling/sleep-or-abort.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { readPages } from "../client/read-pages.ts";
import { type Dataset, parseCreatedId, parseDatasets } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";
import { checkDatasetName } from "./dataset-name.ts";
import { type Datasource, datasourceConfigs, setDatasources } from "./datasource-config.ts";

/** The maximum number of attempts to create a dataset if the result of an attempt is unknown. */
const MAX_CREATIONS = 3;

interface FindOrCreateOptions {
  readonly client: LightlyClient;
  readonly name: string;
  readonly type: "Videos" | "Images";
  readonly signal: AbortSignal;
}

/**
 * Finds or creates the dataset with a name, and sets its datasources.
 *
 * @param options.datasources - checked before the first request; an empty list does not change the dataset's datasources
 * @returns whether this call created it
 * @throws PipelineError `LIGHTLY_DATASET_NAME_INVALID`, `LIGHTLY_DATASOURCE_INVALID`, `LIGHTLY_DATASET_MISMATCH`, or an error of the
 *   request (see {@link LightlyClient})
 */
export async function prepareDataset(
  options: FindOrCreateOptions & { datasources: readonly Datasource[] },
): Promise<{ datasetId: string; created: boolean }> {
  checkDatasetName(options.name);
  const configs = datasourceConfigs(options.datasources);
  const { dataset, created } = await findOrCreate(options);
  if (dataset.type !== options.type) {
    throw new PipelineError(
      "LIGHTLY_DATASET_MISMATCH",
      `The dataset "${options.name}" exists with the type ${dataset.type}, not ${options.type}. Choose another name or another input type.`,
      { details: { datasetId: dataset.id, type: dataset.type, wanted: options.type } },
    );
  }
  await setDatasources({ client: options.client, datasetId: dataset.id, configs, signal: options.signal });
  return { datasetId: dataset.id, created };
}

async function findOrCreate(options: FindOrCreateOptions): Promise<{ dataset: Dataset; created: boolean }> {
  for (let attempt = 1; ; attempt += 1) {
    const dataset = await findDataset(options);
    if (dataset !== undefined) {
      return { dataset, created: false };
    }
    try {
      return { dataset: await createDataset(options), created: true };
    } catch (error) {
      // Another client has just created a dataset with this name, or the response to this request was lost: search again.
      if (!mayExistNow(error)) {
        throw error;
      }
      if (attempt >= MAX_CREATIONS) {
        throw isNameTaken(error) ? nameTakenError(options.name, error) : error;
      }
      await sleepOrAbort(options.client.clock, attempt * 1000, options.signal);
    }
  }
}

/**
 * Finds a dataset by its name. Even the exact query may return names that only start with this one, so the name is compared here.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function findDataset({
  client,
  name,
  signal,
}: Omit<FindOrCreateOptions, "type">): Promise<Dataset | undefined> {
  const pages = readPages({
    client,
    path: apiPath`/v1/datasets/query/name/${name}`,
    // The format of booleans in Lightly's own client.
    query: [
      ["shared", "False"],
      ["exact", "True"],
    ],
    itemsIn: parseDatasets,
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

async function createDataset({ client, name, type, signal }: FindOrCreateOptions): Promise<Dataset> {
  const body = { name, type, creator: "USER_PIP" };
  const id = parseCreatedId(await client.request({ method: "POST", path: "/v1/datasets", body, signal }));
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

function nameTakenError(name: string, refusal: PipelineError): PipelineError {
  return new PipelineError(
    "LIGHTLY_REQUEST_REFUSED",
    `A dataset named "${name}" exists in Lightly, but this token has no access to it. Choose another name, or use the token of its owner.`,
    { details: { ...refusal.details, name }, cause: refusal },
  );
}
