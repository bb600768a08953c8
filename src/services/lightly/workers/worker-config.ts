import { parseJson } from "../validation/parse-json.ts";
import type { Infer, Rule } from "../validation/rule.ts";
import { DOCKER_SECTION, WORKER_CONFIG } from "./worker-rules.ts";

/** The worker's configuration apart from the selection, with the names of the wire format. */
export type WorkerConfig = Infer<typeof WORKER_CONFIG>;

type DockerSection = Infer<typeof DOCKER_SECTION>;

/** Users write either both sections or, as in Lightly's own `worker_config`, the content of `docker` alone. */
const EITHER_FORM: Rule<WorkerConfig | DockerSection> = {
  check: (value, path) => (isWhole(value) ? WORKER_CONFIG : DOCKER_SECTION).check(value, path),
};

function isWhole(value: unknown): value is WorkerConfig {
  const keys = Object(value);
  return Object.hasOwn(keys, "docker") || Object.hasOwn(keys, "lightly");
}

/**
 * Checks a worker configuration against the rules of Lightly's API.
 *
 * @param value - an object or its JSON text: either the section `docker` alone, or `{ docker, lightly }`. A blank string is an empty one.
 * @throws PipelineError `LIGHTLY_WORKER_CONFIG_INVALID` naming the path of each fault (the first five)
 */
export function parseWorkerConfig(value: unknown): WorkerConfig {
  if (typeof value === "string" && value.trim() === "") {
    return {};
  }
  const config = parseJson(value, {
    rule: EITHER_FORM,
    code: "LIGHTLY_WORKER_CONFIG_INVALID",
    what: "The worker configuration",
  });
  return isWhole(config) ? config : { docker: config };
}

/**
 * The configuration of a run: the two switches of the form, and any extra keys.
 *
 * @param o.extra - from {@link parseWorkerConfig}; wins over the switches where it names the same key
 */
export function workerConfig(o: {
  shutdownWhenJobFinished: boolean;
  useDatapool: boolean;
  extra?: WorkerConfig;
}): WorkerConfig {
  const { shutdownWhenJobFinished, useDatapool, extra = {} } = o;
  return { ...extra, docker: { shutdownWhenJobFinished, useDatapool, ...extra.docker } };
}
