import type { LightlyClient } from "../client/lightly-client.ts";
import { parseResponse } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";
import { OBJECT_ID } from "../selection/selection-rules.ts";
import { arrayOf, object } from "../validation/container-rules.ts";
import { orNull, string } from "../validation/value-rules.ts";
import { parseUrl } from "./sample-picture.ts";

const IGNORE_OTHER_KEYS = { otherKeys: "ignored" } as const;
const RUN = object(
  {},
  { artifacts: orNull(arrayOf(object({ id: OBJECT_ID, type: string() }, {}, IGNORE_OTHER_KEYS))) },
  IGNORE_OTHER_KEYS,
);
const REPORT_TYPE = "REPORT_V2_JSON";

/**
 * Returns the distance of each frame, by its name, to the frames selected before it. The source is the run's report. Lightly does not
 * document its format: the result is empty if the format is unknown.
 *
 * @param options.readText - reads the text at a URL; the report may be large
 * @throws PipelineError, see {@link LightlyClient}, and what `readText` throws
 */
export async function selectionDistances(options: {
  client: LightlyClient;
  workerRunId: string;
  readText: (url: string) => Promise<string>;
  signal: AbortSignal;
}): Promise<ReadonlyMap<string, number>> {
  const { client, workerRunId, readText, signal } = options;
  const run = parseResponse(
    await client.request({ method: "GET", path: apiPath`/v1/docker/runs/${workerRunId}`, signal }),
    RUN,
  );
  const report = run.artifacts?.find(({ type }) => type === REPORT_TYPE);
  if (report === undefined) {
    return new Map();
  }
  const path = apiPath`/v1/docker/runs/${workerRunId}/artifacts/${report.id}/readurl`;
  return distancesIn(await readText(parseUrl(await client.request({ method: "GET", path, signal }))));
}

/** `{ selected: [{ fileName, distance }] }`; the first frame of a selection has no distance. */
function distancesIn(text: string): ReadonlyMap<string, number> {
  const distances = new Map<string, number>();
  let report: { selected?: unknown };
  try {
    report = Object(JSON.parse(text));
  } catch {
    return distances;
  }
  for (const entry of Array.isArray(report.selected) ? report.selected : []) {
    const { fileName, distance } = Object(entry) as { fileName?: unknown; distance?: unknown };
    if (typeof fileName === "string" && typeof distance === "number" && Number.isFinite(distance)) {
      distances.set(fileName, distance);
    }
  }
  return distances;
}
