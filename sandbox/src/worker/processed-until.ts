import { setTimeout as sleep } from "node:timers/promises";
import type { LightlyApi } from "./lightly-api.ts";
import { type ListedFile, listInputs } from "./load-inputs.ts";

const pathOf = (datasetId: string): string => `/v1/datasets/${datasetId}/datasource/processedUntilTimestamp`;

/** The second up to which a datasource has been processed; 0 when it never was. */
export async function readProcessedUntil(api: LightlyApi, datasetId: string): Promise<number> {
  return (await api<{ processedUntilTimestamp: number }>("GET", pathOf(datasetId))).processedUntilTimestamp;
}

/**
 * Saves the time up to which everything is processed. The API counts in whole seconds, so a file may have been added
 * after the listing but within the same second: that second counts only when it is over and a second listing finds no more files
 * in it. Otherwise the next run processes all files of that second again, which is better than missing one.
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
