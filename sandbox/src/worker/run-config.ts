import type { LightlyApi } from "./lightly-api.ts";
import { RunRefusal } from "./refusal.ts";

/** The supported part of a run's worker config. */
export interface RunConfig {
  /** The selection section, unchanged. */
  readonly selection: unknown;
  /** Skip inputs that earlier runs processed, and count their picks as selected. */
  readonly useDatapool: boolean;
  /** Whether this run's inputs count as processed for the next ones. */
  readonly updateDatapool: boolean;
  readonly shutdownWhenJobFinished: boolean;
  /** The `docker` section, to be checked by {@link refuseOptions} once the run exists. */
  readonly docker: Json;
}

type Json = Readonly<Record<string, unknown>>;

/** Options that would change the result, and their values that do not. All other options only affect speed or models. */
const WITHOUT_EFFECT: Readonly<Record<string, (value: unknown) => boolean>> = {
  enableTraining: (value) => value !== true,
  pretagging: (value) => value !== true,
  pretaggingUpload: (value) => value !== true,
  relevantFilenamesFile: isBlank,
  embeddings: isBlank,
  checkpoint: isBlank,
  checkpointRunId: isBlank,
  outputImageFormat: (value) => isBlank(value) || value === "png",
  selectedSequenceLength: (value) => isBlank(value) || value === 1,
};

export async function readRunConfig(api: LightlyApi, configId: string): Promise<RunConfig> {
  const { config } = await api<{ config: { docker?: Json; selection?: unknown } }>(
    "GET",
    `/v1/docker/worker/config/vX/${configId}`,
  );
  const docker = config.docker ?? {};
  const datasource = (docker.datasource ?? {}) as Json;
  const useDatapool = docker.useDatapool === true;
  return {
    selection: config.selection,
    useDatapool: useDatapool && datasource.processAll !== true,
    updateDatapool: useDatapool && datasource.enableDatapoolUpdate !== false,
    shutdownWhenJobFinished: docker.shutdownWhenJobFinished === true,
    docker,
  };
}

/** @throws RunRefusal that names every unsupported option */
export function refuseOptions({ docker }: RunConfig): void {
  const asked = Object.entries(WITHOUT_EFFECT).flatMap(([name, isHarmless]) =>
    isHarmless(docker[name]) ? [] : [name],
  );
  if (asked.length > 0) {
    throw new RunRefusal(`This stand-in for Lightly Worker does not support ${asked.join(", ")}; remove the option.`);
  }
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
