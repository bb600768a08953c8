import { conflict } from "../http/api-fault.ts";
import { choice, object, objectId } from "../http/body-schema.ts";
import { flag, isOfOthers, PAGING, page, TEAM } from "../http/query-parameters.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import { creator, imageType, resourceName } from "../schemas/common.ts";
import type { Dataset } from "../state/lightly-records.ts";
import { removeContents } from "../state/lightly-state.ts";
import { requireDataset, USER_ID, type World } from "../world.ts";

const LIST = { ...PAGING, ...TEAM, shared: flag, excludePlayground: flag };

export function datasetRoutes(world: World): Route[] {
  const { datasets } = world.state;

  function refuseTakenName(name: string, except?: string): void {
    if (datasets.of(name).some((dataset) => dataset.id !== except)) {
      throw conflict("DATASET_NAME_EXISTS", `There is already a dataset named ${name}.`);
    }
  }

  return [
    route(
      "POST /v1/datasets",
      {
        body: object(
          { name: resourceName },
          { type: choice("Images", "Videos", "Crops"), imgType: imageType, creator, parentDatasetId: objectId },
        ),
      },
      ({ body }) => {
        refuseTakenName(body.name);
        if (body.parentDatasetId !== undefined) {
          requireDataset(world, body.parentDatasetId);
        }
        const { creator: _, ...fields } = body;
        const now = world.now();
        const dataset = { type: "Images" as const, ...fields, id: world.newId(), processedUntil: 0 };
        datasets.put({ ...dataset, createdAt: now, lastModifiedAt: now });
        return created({ id: dataset.id });
      },
    ),
    route("GET /v1/datasets", { query: LIST }, ({ query }) => {
      const found = isOfOthers(query) ? [] : datasets.all();
      return ok(page(found, query).map((dataset) => datasetData(world, dataset)));
    }),
    route(
      "GET /v1/datasets/query/name/{datasetName}",
      { query: { ...LIST, exact: flag } },
      ({ params: { datasetName }, query }) => {
        const matches = ({ name }: Dataset) =>
          query.exact === true ? name === datasetName : name.startsWith(datasetName);
        const found = isOfOthers(query) ? [] : datasets.all().filter(matches);
        return ok(page(found, query).map((dataset) => datasetData(world, dataset)));
      },
    ),
    route("GET /v1/datasets/{datasetId}", {}, ({ params }) =>
      ok(datasetData(world, requireDataset(world, params.datasetId))),
    ),
    route("PUT /v1/datasets/{datasetId}", { body: object({ name: resourceName }) }, ({ params, body }) => {
      const dataset = requireDataset(world, params.datasetId);
      refuseTakenName(body.name, dataset.id);
      datasets.put({ ...dataset, name: body.name, lastModifiedAt: world.now() });
      return done();
    }),
    route("DELETE /v1/datasets/{datasetId}", { query: { force: flag } }, ({ params, query }) => {
      const dataset = requireDataset(world, params.datasetId);
      const isUsed = world.state.schedules.of(dataset.id).some(({ state }) => state === "LOCKED");
      if (isUsed || (query.force !== true && childrenOf(world, dataset.id).length > 0)) {
        throw conflict("ILLEGAL_ACTION_RESOURCE_IN_USE", "A worker is processing the dataset, or it has children.");
      }
      removeContents(world.state, dataset.id);
      datasets.remove(dataset.id);
      return done();
    }),
    route("GET /v1/datasets/{datasetId}/children", {}, ({ params }) => {
      requireDataset(world, params.datasetId);
      return ok(childrenOf(world, params.datasetId).map((dataset) => datasetData(world, dataset)));
    }),
  ];
}

const childrenOf = (world: World, id: string): Dataset[] =>
  world.state.datasets.all().filter(({ parentDatasetId }) => parentDatasetId === id);

export function datasetData(world: World, dataset: Dataset) {
  const { processedUntil, ...fields } = dataset;
  const samples = world.state.samples.of(dataset.id);
  return {
    ...fields,
    userId: USER_ID,
    accessType: "WRITE",
    nSamples: samples.length,
    sizeInBytes: samples.reduce((sum, { metaData }) => sum + Number(metaData?.sizeInBytes ?? 0), 0),
    datasources: world.state.datasources.of(dataset.id).map(({ id }) => id),
    datasourceProcessedUntilTimestamp: processedUntil,
  };
}
