import type http from "node:http";
import type { AwsCredentials } from "../aws/aws-service.ts";
import type { Faults } from "../faults/faults.ts";
import { stopServer } from "../loopback-server.ts";
import { artifactRoutes } from "./artifacts.ts";
import { blobRoutes, blobScope } from "./blobs.ts";
import { configRoutes } from "./configs.ts";
import { datasetRoutes } from "./datasets.ts";
import { datasourceRoutes } from "./datasources.ts";
import { embeddingRoutes } from "./embeddings.ts";
import { exportRoutes } from "./exports.ts";
import type { Match, Route } from "./http/router.ts";
import { serve } from "./http/serve.ts";
import { listingRoutes } from "./listing.ts";
import { logRoutes } from "./logs.ts";
import { abandonSilentWork } from "./processing.ts";
import { opens } from "./public-token.ts";
import { runRoutes } from "./runs.ts";
import { sampleRoutes } from "./samples.ts";
import { scheduleRoutes } from "./schedules.ts";
import { serviceInformationRoutes } from "./service-information.ts";
import { createIdSource } from "./state/object-id.ts";
import { openState, type State } from "./state/state.ts";
import { tagArithmeticsRoutes } from "./tag-arithmetics.ts";
import { tagRoutes } from "./tags.ts";
import { workerScheduleRoutes } from "./worker-schedules.ts";
import { workerRoutes } from "./workers.ts";
import type { ObjectSource, World } from "./world.ts";

export interface LightlyApiOptions {
  /** Where the state is kept; it survives a restart. */
  readonly dir: string;
  /** The API token of the sandbox's only user. */
  readonly token: string;
  /** Where this API is reached; asked each time, since the port is known only once it listens. */
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
   * After this silence of a BUSY worker its run becomes CRASHED. Off by default: the real service's limit is not known,
   * and a worker that computes may be silent for long.
   */
  readonly silenceMs?: number;
  /** Objects on one page of a datasource's listing; 1000 by default. */
  readonly listPageSize?: number;
  readonly now?: () => number;
}

/**
 * The stand-in for Lightly's API: strict about what it takes, and exact about what it gives, since Lightly's own client
 * refuses a key too much. The server is not listening yet.
 */
export function createLightlyApi(o: LightlyApiOptions): {
  server: http.Server;
  /** What it keeps, to look at. */
  readonly state: State;
  close(): Promise<void>;
} {
  const now = o.now ?? Date.now;
  const world: World = {
    state: openState(o.dir),
    storage: o.storage,
    aws: o.aws,
    publicUrl: () => o.publicUrl().replace(/\/+$/, ""),
    now,
    newId: createIdSource(now),
    listPageSize: o.listPageSize ?? 1000,
  };
  const server = serve({
    routes: routesOf(world),
    token: o.token,
    allows: (publicToken, match) => opens(world.state.signingKey, publicToken, scopeOf(match), now()),
    beforeEach: () => {
      if (o.silenceMs !== undefined) {
        abandonSilentWork(world, o.silenceMs);
      }
    },
    faults: o.faults,
    log: o.log ?? (() => {}),
  });
  return { server, state: world.state, close: () => stopServer(server) };
}

/** What a public token must have been made for to open this request. */
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
