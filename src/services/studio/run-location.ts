import { PipelineError } from "../../errors/pipeline-error.ts";
import type { StudioRequest } from "./studio-request.ts";

/** Where a run of LightlyStudio keeps its results. */
export type StudioRunLocation = Pick<StudioRequest, "output" | "runId">;

const MANIFEST = /^(s3:\/\/[^/]+(?:\/.+)?)\/([\w-][\w.-]{0,99})\/manifest\.json$/s;

/**
 * Returns the run that a manifest belongs to, from its URI: `<output>/<runId>/manifest.json`.
 *
 * @throws PipelineError `INPUT_INVALID`
 */
export function runOfManifest(uri: string): StudioRunLocation {
  const [, output, runId] = MANIFEST.exec(uri) ?? [];
  if (output === undefined || runId === undefined) {
    throw new PipelineError(
      "INPUT_INVALID",
      `"${uri.slice(0, 200)}" is not the manifest of a run of LightlyStudio: s3://bucket/prefix/RUN/manifest.json.`,
      { details: { manifest: uri.slice(0, 1000) } },
    );
  }
  return { output, runId };
}
