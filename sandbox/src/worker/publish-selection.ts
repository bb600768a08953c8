import { drawSelection } from "./draw-selection.ts";
import type { EmbeddedFrames, Frame } from "./embed-inputs.ts";
import { imageDescriptor } from "./embedding/image-descriptor.ts";
import type { Job } from "./job.ts";
import { type StoredSample, storeSamples } from "./register-samples.ts";
import type { Selected } from "./selection/select-frames.ts";
import { tagSelection } from "./tag-selection.ts";
import { uploadArtifact } from "./upload-artifact.ts";
import { makeReport } from "./worker-report.ts";

/** The results of a run before they are written to the datasource. */
export interface Findings {
  readonly embedded: EmbeddedFrames;
  readonly selected: Selected;
  /** How many frames of earlier runs counted as selected. */
  readonly selectedBefore: number;
  /** The picks, grouped by input and in order. */
  readonly chosen: readonly Frame[];
  /** The dataset's samples before this run. */
  readonly knownSamples: readonly StoredSample[];
  /** One line about the run's result. */
  readonly summary: string;
}

/** From SAVING_RESULTS to UPLOADING_ARTIFACTS: pictures, samples, tag, report and log. Existing data is never deleted. */
export async function publishSelection(job: Job, folder: string, findings: Findings): Promise<void> {
  const { api, datasetId, runId, progress, signal } = job;
  const { chosen, embedded, selected, selectedBefore, knownSamples, summary } = findings;
  await progress.enter("SAVING_RESULTS", summary);
  const say = (done: number): Promise<void> => progress.say(`${done}/${chosen.length} frames`);
  const samples = await drawSelection(chosen, folder, signal, say);

  await progress.enter("UPLOADING_DATASET", `0/${samples.length} frames`);
  const sampleIds = await storeSamples(api, datasetId, samples, knownSamples, signal, say);
  const tag = await tagSelection(api, { datasetId, runId, sampleIds });

  await progress.enter("GENERATING_REPORT", summary);
  const origin = { datasetId, runId, tag, embedding: imageDescriptor.description, selectedBefore };
  const report = makeReport(origin, embedded, selected);
  await progress.enter("UPLOADING_REPORT", summary);
  await uploadArtifact(
    api,
    runId,
    {
      fileName: "report.json",
      type: "REPORT_V2_JSON",
      contentType: "application/json",
      text: `${JSON.stringify(report, null, 2)}\n`,
    },
    signal,
  );
  await progress.enter("UPLOADED_REPORT", summary);
  await progress.enter("UPLOADING_ARTIFACTS", summary);
  const log = { fileName: "log.txt", type: "LOG", contentType: "text/plain" } as const;
  await uploadArtifact(api, runId, { ...log, text: `${progress.lines().join("\n")}\n` }, signal);
}
