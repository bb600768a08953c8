import { ApiFault } from "../http/api-fault.ts";
import { type Route, route } from "../http/router.ts";

/** Operations of Lightly's API that the sandbox does not support. With them, each operation of Lightly's client gets a response. */
const UNSUPPORTED = [
  // Deprecated formats of worker configurations, and deprecated operations of workers.
  ...["POST /v1/docker/worker/config", "GET /v1/docker/worker/config", "GET /v1/docker/worker/config/{configId}"],
  ...[
    "PUT /v1/docker/worker/config/{configId}",
    "POST /v1/docker/worker/config/v2",
    "POST /v1/docker/worker/config/v3",
  ],
  ...["GET /v1/docker/worker/config/v2/{configId}", "GET /v1/docker/worker/config/v3/{configId}"],
  ...["POST /v1/docker/authorization", "POST /v1/docker/workerAuthorization"],
  "GET /v1/docker/runs/{runId}/writeReportUrl",
  // Selection without a worker, and an archive of images: deprecated too.
  "POST /v1/datasets/{datasetId}/embeddings/{embeddingId}/sampling",
  "GET /v1/datasets/{datasetId}/tags/{tagId}/export/zip",
  ...["GET /v1/teams/{teamId}", "GET /v1/teams/{teamId}/members", "POST /v1/teams/{teamId}/members"],
  ...["PUT /v1/teams/{teamId}/members/{userId}", "DELETE /v1/teams/{teamId}/members/{userId}"],
  "GET /v1/teams/{teamId}/serviceaccounts",
  "POST /v1/teams/{teamId}/serviceaccounts/{serviceAccountId}/token",
  "GET /users/datasets/{datasetId}/samples/{sampleId}/embeddings",
] as const satisfies readonly Route["operation"][];

/** Says that the sandbox is what lacks an operation, not that the request is wrong. */
export const unsupportedRoutes = (): Route[] =>
  UNSUPPORTED.map((operation) =>
    // Raw: a body of any form is allowed, and is not read.
    route(operation, { raw: true }, () => {
      throw new ApiFault(501, "NOT_IMPLEMENTED", `The sandbox does not support ${operation}.`);
    }),
  );
