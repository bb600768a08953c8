import { unknown } from "../http/api-fault.ts";
import { created, ok, type Route, route } from "../http/router.ts";
import { configRequest } from "../schemas/config-schema.ts";
import type { WorkerConfig } from "../state/lightly-records.ts";
import type { World } from "../world.ts";

/** Routes of configs. A config is stored unchanged: no key is converted, no default is added. */
export function configRoutes(world: World): Route[] {
  return [
    route(
      "POST /v1/docker/worker/config/vX",
      { body: configRequest, invalid: "DOCKER_WORKER_CONFIG_INVALID" },
      ({ body }) => {
        const { id } = world.state.configs.put({ id: world.newId(), createdAt: world.now(), config: body.config });
        return created({ id });
      },
    ),
    route("GET /v1/docker/worker/config/vX/{configId}", {}, ({ params }) => {
      const { id, createdAt, config } = requireConfig(world, params.configId);
      return ok({ id, version: "V4", createdAt, config });
    }),
  ];
}

export function requireConfig(world: World, id: string): WorkerConfig {
  const config = world.state.configs.get(id);
  if (config === undefined) {
    throw unknown("DOCKER_WORKER_CONFIG_UNKNOWN", `There is no worker config ${id}.`);
  }
  return config;
}
