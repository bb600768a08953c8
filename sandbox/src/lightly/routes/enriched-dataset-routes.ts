import { boolean, choice, integer, object } from "../http/body-schema.ts";
import { flag, isOfOthers, PAGING, page, TEAM, texts } from "../http/query-parameters.ts";
import { done, ok, type Route, route } from "../http/router.ts";
import type { Dataset } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";
import { datasetData } from "./dataset-routes.ts";

const LIST = { ...PAGING, ...TEAM, shared: flag };

/** Routes of datasets with what they contain. */
export function enrichedDatasetRoutes(world: World): Route[] {
  const { datasets } = world.state;
  const own = (query: Parameters<typeof isOfOthers>[0]): Dataset[] => (isOfOthers(query) ? [] : datasets.all());
  const enriched = (dataset: Dataset) => {
    const { datasourceProcessedUntilTimestamp: _, ...data } = datasetData(world, dataset);
    return {
      ...data,
      samples: world.state.samples.of(dataset.id).map(({ id }) => id),
      nTags: world.state.tags.of(dataset.id).length,
      nEmbeddings: world.state.embeddings.of(dataset.id).length,
    };
  };

  return [
    route("GET /v1/datasets/enriched", { query: LIST }, ({ query }) => ok(page(own(query), query).map(enriched))),
    route("GET /v1/datasets/enriched/query/ids", { query: { datasetIds: texts } }, ({ query: { datasetIds } }) =>
      ok(datasetIds.map((id) => enriched(requireDataset(world, id)))),
    ),
    route(
      "GET /v1/datasets/enriched/query/name/{datasetName}",
      { query: { ...LIST, exact: flag } },
      ({ params: { datasetName }, query }) => {
        const matches = ({ name }: Dataset) =>
          query.exact === true ? name === datasetName : name.startsWith(datasetName);
        return ok(page(own(query).filter(matches), query).map(enriched));
      },
    ),
    route(
      "PUT /v1/datasets/{datasetId}/registerDatasetUpload",
      {
        body: object(
          { total: integer(), processed: integer() },
          { uploadMethod: choice("USER_WEBAPP", "USER_PIP", "INTERNAL"), isRegistered: boolean },
        ),
      },
      ({ params }) => {
        requireDataset(world, params.datasetId);
        return done();
      },
    ),
  ];
}
