import type { LightlyApi } from "./lightly-api.ts";
import { listSamples } from "./register-samples.ts";

/** The tag of the whole dataset, and its number of samples. */
export interface RootTag {
  readonly id: string;
  readonly totSize: number;
}

/** A dataset's `initial-tag`; `undefined` before the first run. */
export async function findRootTag(api: LightlyApi, datasetId: string): Promise<RootTag | undefined> {
  const tags = await api<Array<RootTag & { prevTagId?: string | null }>>("GET", `/v1/datasets/${datasetId}/tags`);
  return tags.find(({ prevTagId }) => (prevTagId ?? null) === null);
}

/**
 * Creates the tag of a run's picks. The dataset's `initial-tag` is created first if it is missing; in a dataset with
 * tags, these are first extended by the new samples.
 *
 * @returns the name of the tag, which contains the run's id
 */
export async function tagSelection(
  api: LightlyApi,
  options: { datasetId: string; runId: string; sampleIds: readonly string[] },
): Promise<string> {
  const path = `/v1/datasets/${options.datasetId}/tags`;
  const samples = await listSamples(api, options.datasetId);
  let root = await findRootTag(api, options.datasetId);
  if (root === undefined) {
    const body = { name: "initial-tag", imgType: "full", creator: "USER_WORKER" };
    const { id } = await api<{ id: string }>("POST", `${path}/initial`, { body });
    root = { id, totSize: samples.length };
  } else if (samples.length > root.totSize) {
    const body = { upsizeTagName: `added-${options.runId}`, upsizeTagCreator: "USER_WORKER" };
    await api("POST", `${path}/upsize`, { body });
  }
  const name = `selection-${options.runId}`;
  await api("POST", path, {
    body: {
      name,
      prevTagId: root.id,
      bitMaskData: bitMask(samples, new Set(options.sampleIds)),
      totSize: samples.length,
      creator: "USER_WORKER",
      runId: options.runId,
    },
  });
  return name;
}

/** Bit i, least significant first, is sample i. */
function bitMask(samples: ReadonlyArray<{ id: string }>, chosen: ReadonlySet<string>): string {
  let mask = 0n;
  samples.forEach(({ id }, index) => {
    if (chosen.has(id)) {
      mask |= 1n << BigInt(index);
    }
  });
  return `0x${mask.toString(16)}`;
}
