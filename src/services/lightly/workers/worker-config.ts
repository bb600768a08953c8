import { parseJson } from "../validation/parse-json.ts";
import type { Infer, Rule } from "../validation/schema-rule.ts";
import { DOCKER_SECTION, WORKER_CONFIG } from "./worker-rules.ts";

/** The worker's configuration without the selection, in the format of the API. */
export type WorkerConfig = Infer<typeof WORKER_CONFIG>;

type DockerSection = Infer<typeof DOCKER_SECTION>;

/** Users enter either both sections or, as in Lightly's own `worker_config`, only the content of `docker`. */
const WORKER_OR_DOCKER_CONFIG: Rule<WorkerConfig | DockerSection> = {
  check: (value, path) => (hasBothSections(value) ? WORKER_CONFIG : DOCKER_SECTION).check(value, path),
};

function hasBothSections(value: unknown): value is WorkerConfig {
  const keys = Object(value);
  return Object.hasOwn(keys, "docker") || Object.hasOwn(keys, "lightly");
}

/**
 * Checks a worker configuration against the rules of Lightly's API.
 *
 * @param value - an object or its JSON text: either the section `docker` alone, or `{ docker, lightly }`. A blank string is an empty
 *   configuration.
 * @throws PipelineError `LIGHTLY_WORKER_CONFIG_INVALID` with the paths of the first five faults
 */
export function parseWorkerConfig(value: unknown): WorkerConfig {
  if (typeof value === "string" && value.trim() === "") {
    return {};
  }
  const config = parseJson(value, {
    rule: WORKER_OR_DOCKER_CONFIG,
    code: "LIGHTLY_WORKER_CONFIG_INVALID",
    what: "The worker configuration",
  });
  return hasBothSections(config) ? config : { docker: config };
}

/**
 * Creates the configuration of a run from the two checkboxes of the form, and any extra keys.
 *
 * @param options.extra - from {@link parseWorkerConfig}; takes precedence over the checkboxes
 */
export function workerConfig(options: {
  shutdownWhenJobFinished: boolean;
  useDatapool: boolean;
  extra?: WorkerConfig;
}): WorkerConfig {
  const { shutdownWhenJobFinished, useDatapool, extra = {} } = options;
  return { ...extra, docker: { shutdownWhenJobFinished, useDatapool, ...extra.docker } };
}
