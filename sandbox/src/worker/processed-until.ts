import { setTimeout as sleep } from "node:timers/promises";
import type { LightlyApi } from "./lightly-api.ts";
import { type ListedFile, listInputs } from "./load-inputs.ts";

const pathOf = (datasetId: string): string => `/v1/datasets/${datasetId}/datasource/processedUntilTimestamp`;

/** The second up to which a datasource has been processed; 0 when it never was. */
export async function readProcessedUntil(api: LightlyApi, datasetId: string): Promise<number> {
  return (await api<{ processedUntilTimestamp: number }>("GET", pathOf(datasetId))).processedUntilTimestamp;
}

/**
 * Notes that everything up to a moment is processed. The API counts in whole seconds, so a file may have been added
 * after the listing and still within its second: only when that second is over, and a second look finds nothing more in
 * it, does it count. Otherwise the next run sees all of that second's files, which is better than missing one for ever.
 *
 * @param until - the second in which the inputs were listed
 * @param listed - what was found then
 */
export async function writeProcessedUntil(
  api: LightlyApi,
  options: { datasetId: string; until: number; listed: readonly ListedFile[]; signal: AbortSignal },
): Promise<void> {
  await sleep(Math.max(0, (options.until + 1) * 1000 - Date.now()), undefined, { signal: options.signal });
  const known = new Set(options.listed.map(({ fileName }) => fileName));
  const sameSecond = await listInputs(api, options.datasetId, options.until, options.until);
  const isComplete = sameSecond.every(({ fileName }) => known.has(fileName));
  const body = { processedUntilTimestamp: isComplete ? options.until : options.until - 1 };
  await api("PUT", pathOf(options.datasetId), { body });
}
