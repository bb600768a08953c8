import type http from "node:http";
import type { AwsCredentials } from "../aws/aws-service.ts";
import type { EventLog } from "../faults/event-log.ts";
import type { Faults } from "../faults/faults.ts";
import { stopServer } from "../loopback-server.ts";
import type { Match } from "./http/router.ts";
import { serve } from "./http/serve.ts";
import { abandonSilentWork } from "./processing.ts";
import { opens } from "./public-token.ts";
import { recordChanges } from "./record-changes.ts";
import { blobScope } from "./routes/blob-routes.ts";
import { routesOf } from "./routes.ts";
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
  /** Receives what happens to datasets, runs and their results. */
  readonly events?: EventLog;
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
  if (options.events !== undefined) {
    recordChanges(world.state, options.events);
  }
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
