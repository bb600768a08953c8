import { readPhoto } from "./embed-inputs.ts";
import type { Embedder } from "./embedding/embedder.ts";
import type { Job } from "./job.ts";
import type { StoredSample } from "./register-samples.ts";
import { type Rows, toRows } from "./selection/vector-rows.ts";

/**
 * Embeds the pictures of a dataset's existing samples, for a datapool: earlier picks count as selected.
 * They are read from the datasource, so that no other storage is needed. A missing picture is
 * skipped, with a warning in the run's log.
 */
export async function earlierPicks(
  { api, datasetId, progress, signal }: Job,
  samples: readonly StoredSample[],
  embedder: Embedder,
): Promise<Rows> {
  const vectors: Float32Array[] = [];
  for (const { id, fileName } of samples) {
    const url = await api<string>("GET", `/v1/datasets/${datasetId}/samples/${id}/readurl`, {
      query: { type: "full" },
    });
    const response = await fetch(url, { signal });
    if (response.ok) {
      vectors.push(embedder.embed(await readPhoto(Buffer.from(await response.arrayBuffer()))));
      await progress.say(`${vectors.length}/${samples.length} frames of earlier runs`);
    } else {
      await response.body?.cancel();
      await progress.log(
        "WARNING",
        `${fileName}, selected by an earlier run, can't be read (${response.status}); it no longer counts.`,
      );
    }
  }
  return toRows(vectors, embedder.dimensions);
}
