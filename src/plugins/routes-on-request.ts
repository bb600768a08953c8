import type { NodeAPI } from "node-red";

/** Below it are all requests of the package. */
const PATH = "/lightly-aws";

/**
 * Adds routes with the first request to one of them. Their code is most of what the plugin would load when Node-RED starts.
 *
 * Express finds a route that is added while it handles a request, because the new one is behind the current one.
 *
 * @param addRoutes - called once
 */
export function routesOnRequest({ httpAdmin }: Pick<NodeAPI, "httpAdmin">, addRoutes: () => void): void {
  // Without an admin API (`httpAdminRoot: false`), Node-RED gives nodes an object that has only get, post, put and delete, and ignores them.
  if (typeof httpAdmin.use !== "function") {
    return;
  }
  let areAdded = false;
  httpAdmin.use(PATH, (_request, _response, next) => {
    if (!areAdded) {
      areAdded = true;
      addRoutes();
    }
    next();
  });
}
