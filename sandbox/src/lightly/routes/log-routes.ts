import { array, choice, integer, number, object, string } from "../http/body-schema.ts";
import { count } from "../http/query-parameters.ts";
import { done, ok, type Route, route } from "../http/router.ts";
import { RUN_STATES } from "../state/lightly-records.ts";
import type { World } from "../world.ts";
import { requireRun } from "./run-routes.ts";

const percent = number({ min: 0, max: 100 });
const entry = object(
  {
    ts: integer({ min: 0 }),
    level: choice("VERBOSE", "NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    group: string(),
    msg: string(),
  },
  { origin: string(), state: choice(...RUN_STATES), load: object({}, { cpu: percent, mem: percent }) },
);

export function logRoutes(world: World): Route[] {
  const { logs } = world.state;
  return [
    route("PUT /v1/docker/runs/{runId}/logs", { body: array(entry) }, ({ params: { runId }, body }) => {
      const { state } = requireRun(world, runId);
      // Readers require the state, but it is optional for writers.
      const entries = body.map((line) => ({ state, ...line }));
      logs.put({ id: world.newId(), createdAt: world.now(), runId, entries });
      return done();
    }),
    route("GET /v1/docker/runs/{runId}/logs", { query: { cursor: count(0) } }, ({ params, query: { cursor = 0 } }) => {
      requireRun(world, params.runId);
      const entries = logs.of(params.runId).flatMap((batch) => batch.entries);
      return ok({ cursor: Math.max(cursor, entries.length), logs: entries.slice(cursor) });
    }),
  ];
}
