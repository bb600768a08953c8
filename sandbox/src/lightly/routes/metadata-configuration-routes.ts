import { unknown } from "../http/api-fault.ts";
import { anything, array, choice, object, string } from "../http/body-schema.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import type { MetadataConfiguration } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";

const BASE = "/v1/datasets/{datasetId}/configuration/metadata";

const request = object({
  name: string(),
  configs: array(
    object({
      name: string({ min: 1 }),
      path: string({ min: 1 }),
      defaultValue: anything,
      valueDataType: choice(
        ...(["NUMERIC_INT", "NUMERIC_FLOAT", "CATEGORICAL_STRING", "CATEGORICAL_INT", "CATEGORICAL_BOOLEAN"] as const),
        ...(["CATEGORICAL_DATETIME", "CATEGORICAL_TIMESTAMP", "OTHER_STRING"] as const),
      ),
    }),
  ),
});

/** Routes of the configurations that say how custom metadata is shown. The metadata itself is part of the samples. */
export function metadataConfigurationRoutes(world: World): Route[] {
  const { metadataConfigurations } = world.state;
  return [
    route(`POST ${BASE}`, { body: request }, ({ params: { datasetId }, body }) => {
      requireDataset(world, datasetId);
      const now = world.now();
      const stamps = { id: world.newId(), datasetId, createdAt: now, lastModifiedAt: now };
      return created({ id: metadataConfigurations.put({ ...body, ...stamps }).id });
    }),
    route(`GET ${BASE}`, {}, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      return ok(metadataConfigurations.of(datasetId).map(configurationData));
    }),
    route(`GET ${BASE}/{configurationId}`, {}, ({ params }) =>
      ok(configurationData(requireConfiguration(world, params.datasetId, params.configurationId))),
    ),
    route(`PUT ${BASE}/{configurationId}`, { body: request }, ({ params, body }) => {
      const before = requireConfiguration(world, params.datasetId, params.configurationId);
      metadataConfigurations.put({ ...before, ...body, lastModifiedAt: world.now() });
      return done();
    }),
  ];
}

const configurationData = ({ datasetId: _, ...data }: MetadataConfiguration) => data;

function requireConfiguration(world: World, datasetId: string, id: string): MetadataConfiguration {
  requireDataset(world, datasetId);
  const found = world.state.metadataConfigurations.get(id);
  if (found?.datasetId !== datasetId) {
    throw unknown("METADATA_CONFIGURATION_UNKNOWN", `The dataset has no metadata configuration ${id}.`);
  }
  return found;
}
