import type { LightlyApi } from "./lightly-api.ts";
import { listSamples } from "./samples.ts";

interface Tag {
  readonly id: string;
  readonly name: string;
  readonly prevTagId: string | null;
}

/**
 * Makes the tag of a run's picks. The dataset's `initial-tag` is made first if there is none; in a dataset that has
 * tags, these are first grown by the samples that are new.
 *
 * @returns the name of the tag, which carries the run's id
 */
export async function tagSelection(
  api: LightlyApi,
  o: { datasetId: string; runId: string; sampleIds: readonly string[]; knownBefore: number },
): Promise<string> {
  const path = `/v1/datasets/${o.datasetId}/tags`;
  const samples = await listSamples(api, o.datasetId);
  const tags = await api<Tag[]>("GET", path);
  let root = tags.find(({ prevTagId }) => (prevTagId ?? null) === null)?.id;
  if (root === undefined) {
    const body = { name: "initial-tag", imgType: "full", creator: "USER_WORKER" };
    root = (await api<{ id: string }>("POST", `${path}/initial`, { body })).id;
  } else if (samples.length > o.knownBefore) {
    const body = { upsizeTagName: `added-${o.runId}`, upsizeTagCreator: "USER_WORKER", runId: o.runId };
    await api("POST", `${path}/upsize`, { body });
  }
  const name = `selection-${o.runId}`;
  await api("POST", path, {
    body: {
      name,
      prevTagId: root,
      bitMaskData: bitMask(samples, new Set(o.sampleIds)),
      totSize: samples.length,
      creator: "USER_WORKER",
      runId: o.runId,
    },
  });
  return name;
}

/** Bit i, least significant first, stands for sample i. */
function bitMask(samples: ReadonlyArray<{ id: string }>, chosen: ReadonlySet<string>): string {
  let mask = 0n;
  samples.forEach(({ id }, index) => {
    if (chosen.has(id)) {
      mask |= 1n << BigInt(index);
    }
  });
  return `0x${mask.toString(16)}`;
}
