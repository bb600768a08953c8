import { readPhoto } from "./embed-inputs.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { measureImage } from "./embedding/measure-image.ts";
import { frameIndexOf } from "./frame-name.ts";
import type { Job } from "./job.ts";
import type { StoredSample } from "./register-samples.ts";
import type { FrameMetadata } from "./selection/metadata-keys.ts";
import type { FrameSet } from "./selection/select-frames.ts";
import { toRows } from "./selection/vector-rows.ts";

/**
 * Embeds and measures the pictures of a dataset's existing samples, for a datapool: earlier picks count as selected.
 * They are read from the datasource, so that no other storage is needed. A missing picture is
 * skipped, with a warning in the run's log.
 */
export async function earlierPicks(
  { api, datasetId, progress, signal }: Job,
  samples: readonly StoredSample[],
  embedder: Embedder,
): Promise<FrameSet> {
  const metadata: FrameMetadata[] = [];
  const vectors: Float32Array[] = [];
  for (const { id, fileName } of samples) {
    const url = await api<string>("GET", `/v1/datasets/${datasetId}/samples/${id}/readurl`, {
      query: { type: "full" },
    });
    const response = await fetch(url, { signal });
    if (response.ok) {
      const image = await readPhoto(Buffer.from(await response.arrayBuffer()));
      vectors.push(embedder.embed(image));
      metadata.push({ ...measureImage(image), frameIndex: frameIndexOf(fileName) });
      await progress.say(`${vectors.length}/${samples.length} frames of earlier runs`);
    } else {
      await response.body?.cancel();
      await progress.log(
        "WARNING",
        `${fileName}, selected by an earlier run, can't be read (${response.status}); it no longer counts.`,
      );
    }
  }
  return { rows: toRows(vectors, embedder.dimensions), metadata };
}
