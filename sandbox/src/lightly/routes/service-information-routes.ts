import { freeObject, integer, object, string } from "../http/body-schema.ts";
import { text } from "../http/query-parameters.ts";
import { done, ok, type Route, route } from "../http/router.ts";
import type { World } from "../world.ts";

/** The newest client with this API, and the oldest that the sandbox was tested with. */
const LATEST_CLIENT = "1.5.26";
const OLDEST_CLIENT = "1.5.22";
const YEAR_MS = 365 * 24 * 3600 * 1000;

/** Largest dataset of a user, in samples. */
const QUOTA = "1000000";

/** Routes about the service itself, for clients and workers. */
export function serviceInformationRoutes(world: World): Route[] {
  return [
    route("GET /v1/versions/pip/latest", { access: "open", query: { currentVersion: text } }, () => ok(LATEST_CLIENT)),
    route("GET /v1/versions/pip/minimum", { access: "open", query: { currentVersion: text } }, () => ok(OLDEST_CLIENT)),
    route("GET /v1/quota", {}, () => ok(QUOTA)),
    route("GET /v1/docker/licenseInformation", {}, () =>
      ok({ licenseType: "SANDBOX", licenseExpirationDate: world.now() + YEAR_MS, licenseIsValid: true }),
    ),
    route(
      "POST /v1/docker",
      {
        body: object({
          runId: string(),
          action: string(),
          data: freeObject,
          timestamp: integer({ min: 0 }),
          pipVersion: string(),
          dockerVersion: string(),
        }),
      },
      () => done(),
    ),
  ];
}
