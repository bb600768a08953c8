import type { SelectionConfigV4 } from "../lightly/selection/selection-config.ts";

/** What the script on the instance does. All locations are S3 URIs. */
export interface StudioRequest {
  /** The same id with the same request gives the same result; with another request it is refused. */
  readonly runId: string;
  /** The dataset's name in LightlyStudio. */
  readonly dataset: string;
  /** Objects, or folders with a slash at the end. */
  readonly inputs: readonly string[];
  /** The folder below which the run makes its own, named by its id. */
  readonly output: string;
  /** The dataset's folder: its lease, the records of its runs, its database. */
  readonly datasetUri: string;
  readonly selection: SelectionConfigV4;
  /** Of the new videos; `null`: every frame. */
  readonly framesPerSecond: number | null;
  /** `pe`, `mobileclip`, `grid` (no model, for tries), or a Python file with a class `Embedder`: a path on the instance, or an S3 URI. */
  readonly embedder: string;
  /** A folder with the files of the models, so that the instance needs no access to the internet. */
  readonly weights?: string;
  readonly extension?: ".png" | ".jpg" | ".webp";
}

/** The objects of a run. */
export function studioObjects({ output, runId }: Pick<StudioRequest, "output" | "runId">): {
  readonly folder: string;
  readonly progress: string;
  readonly manifest: string;
} {
  const folder = `${output.replace(/(?<!\/)\/+$/, "")}/${runId}`;
  return { folder, progress: `${folder}/progress.json`, manifest: `${folder}/manifest.json` };
}
