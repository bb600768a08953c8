import type http from "node:http";
import type { AwsCredentials } from "../aws/aws-service.ts";
import type { Faults } from "../faults/faults.ts";
import { stopServer } from "../loopback-server.ts";
import type { Match, Route } from "./http/router.ts";
import { serve } from "./http/serve.ts";
import { abandonSilentWork } from "./processing.ts";
import { opens } from "./public-token.ts";
import { artifactRoutes } from "./routes/artifact-routes.ts";
import { blobRoutes, blobScope } from "./routes/blob-routes.ts";
import { configRoutes } from "./routes/config-routes.ts";
import { datasetRoutes } from "./routes/dataset-routes.ts";
import { datasourceRoutes } from "./routes/datasource-routes.ts";
import { embeddingRoutes } from "./routes/embedding-routes.ts";
import { exportRoutes } from "./routes/export-routes.ts";
import { listingRoutes } from "./routes/listing-routes.ts";
import { logRoutes } from "./routes/log-routes.ts";
import { runRoutes } from "./routes/run-routes.ts";
import { sampleRoutes } from "./routes/sample-routes.ts";
import { scheduleRoutes } from "./routes/schedule-routes.ts";
import { serviceInformationRoutes } from "./routes/service-information-routes.ts";
import { tagArithmeticsRoutes } from "./routes/tag-arithmetics-routes.ts";
import { tagRoutes } from "./routes/tag-routes.ts";
import { workerRoutes } from "./routes/worker-routes.ts";
import { workerScheduleRoutes } from "./routes/worker-schedule-routes.ts";
import { type LightlyState, openLightlyState } from "./state/lightly-state.ts";
import { createIdSource } from "./state/object-id.ts";
import type { ObjectSource, World } from "./world.ts";

export interface LightlyApiOptions {
  /** Folder of the state, which survives a restart. */
  readonly dir: string;
  /** The API token of the sandbox's only user. */
  readonly token: string;
  /** The URL of this API; called each time, since the port is known only once it listens. */
  readonly publicUrl: () => string;
  readonly aws: {
    readonly endpoint: () => string;
    readonly credentials: AwsCredentials;
    readonly region: string;
  };
  readonly storage: ObjectSource;
  readonly faults: Faults;
  readonly log?: (line: string) => void;
  /**
   * A BUSY worker without a report for this time has CRASHED. Off by default: the real service's limit is not known,
   * and a computing worker may not report for a long time.
   */
  readonly silenceMs?: number;
  /** Objects on one page of a datasource's listing; 1000 by default. */
  readonly listPageSize?: number;
  readonly now?: () => number;
}

/**
 * The stand-in for Lightly's API: strict in what it accepts and exact in what it returns, since Lightly's own client
 * refuses unknown keys. The server is not listening yet.
 */
export function createLightlyApi(options: LightlyApiOptions): {
  server: http.Server;
  /** The stored records, for reading. */
  readonly state: LightlyState;
  close(): Promise<void>;
} {
  const now = options.now ?? Date.now;
  const world: World = {
    state: openLightlyState(options.dir),
    storage: options.storage,
    aws: options.aws,
    publicUrl: () => options.publicUrl().replace(/\/+$/, ""),
    now,
    newId: createIdSource(now),
    listPageSize: options.listPageSize ?? 1000,
  };
  const server = serve({
    routes: routesOf(world),
    token: options.token,
    allows: (publicToken, match) => opens(world.state.signingKey, publicToken, scopeOf(match), now()),
    beforeEach: () => {
      if (options.silenceMs !== undefined) {
        abandonSilentWork(world, options.silenceMs);
      }
    },
    faults: options.faults,
    log: options.log ?? (() => {}),
  });
  return { server, state: world.state, close: () => stopServer(server) };
}

/** The scope that a public token needs for this request. */
function scopeOf({ route, params }: Match): string {
  const { datasetId, blobId } = params;
  return blobId === undefined ? `dataset/${datasetId}` : blobScope(route.operation.split(" ")[0] ?? "", blobId);
}

function routesOf(world: World): Route[] {
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
  ];
}
