import type { Route } from "./http/router.ts";
import { artifactRoutes } from "./routes/artifact-routes.ts";
import { blobRoutes } from "./routes/blob-routes.ts";
import { collaborationRoutes } from "./routes/collaboration-routes.ts";
import { configRoutes } from "./routes/config-routes.ts";
import { datasetRoutes } from "./routes/dataset-routes.ts";
import { datasourceRoutes } from "./routes/datasource-routes.ts";
import { embeddingRoutes } from "./routes/embedding-routes.ts";
import { enrichedDatasetRoutes } from "./routes/enriched-dataset-routes.ts";
import { exportRoutes } from "./routes/export-routes.ts";
import { jobRoutes } from "./routes/job-routes.ts";
import { listingRoutes } from "./routes/listing-routes.ts";
import { logRoutes } from "./routes/log-routes.ts";
import { metadataConfigurationRoutes } from "./routes/metadata-configuration-routes.ts";
import { predictionRoutes } from "./routes/prediction-routes.ts";
import { runRoutes } from "./routes/run-routes.ts";
import { sampleRoutes } from "./routes/sample-routes.ts";
import { scheduleRoutes } from "./routes/schedule-routes.ts";
import { scoreRoutes } from "./routes/score-routes.ts";
import { serviceInformationRoutes } from "./routes/service-information-routes.ts";
import { tagArithmeticsRoutes } from "./routes/tag-arithmetics-routes.ts";
import { tagRoutes } from "./routes/tag-routes.ts";
import { unsupportedRoutes } from "./routes/unsupported-routes.ts";
import { workerRoutes } from "./routes/worker-routes.ts";
import { workerScheduleRoutes } from "./routes/worker-schedule-routes.ts";
import type { World } from "./world.ts";

/** All routes of the API. */
export const routesOf = (world: World): Route[] => [...supportedRoutes(world), ...unsupportedRoutes()];

function supportedRoutes(world: World): Route[] {
  return [
    ...serviceInformationRoutes(world),
    ...datasetRoutes(world),
    ...datasourceRoutes(world),
    ...listingRoutes(world),
    ...workerRoutes(world),
    ...configRoutes(world),
    ...scheduleRoutes(world),
    ...workerScheduleRoutes(world),
    ...runRoutes(world),
    ...logRoutes(world),
    ...artifactRoutes(world),
    ...blobRoutes(world),
    ...tagRoutes(world),
    ...tagArithmeticsRoutes(world),
    ...exportRoutes(world),
    ...sampleRoutes(world),
    ...embeddingRoutes(world),
    ...collaborationRoutes(world),
    ...enrichedDatasetRoutes(world),
    ...jobRoutes(world),
    ...metadataConfigurationRoutes(world),
    ...predictionRoutes(world),
    ...scoreRoutes(world),
  ];
}

/** The names of all operations, such as `POST /v1/datasets`; the handlers of these routes are never called. */
export const lightlyOperations = (): string[] =>
  supportedRoutes({ state: {} } as World).map(({ operation }) => operation);
