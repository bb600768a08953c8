import { uploadEmbeddings } from "./artifacts/embeddings-csv.ts";
import type { MemoryLog } from "./artifacts/memory-log.ts";
import { pdfReport } from "./artifacts/pdf-report.ts";
import { corruptnessInformation, sequenceInformation } from "./artifacts/run-information.ts";
import { type ArtifactFile, jsonFile, textFile, uploadArtifact, uploadLog } from "./artifacts/upload-artifact.ts";
import { drawSelection } from "./draw-selection.ts";
import type { EmbeddedFrames, Frame } from "./embed-inputs.ts";
import { imageDescriptor } from "./embedding/image-descriptor.ts";
import type { Job } from "./job.ts";
import { type StoredSample, storeSamples } from "./register-samples.ts";
import type { Selected } from "./selection/select-frames.ts";
import { tagSelection } from "./tag-selection.ts";
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
  readonly memory: MemoryLog;
}

/** From SAVING_RESULTS to UPLOADING_ARTIFACTS: pictures, samples, tag and artifacts. Existing data is never deleted. */
export async function publishSelection(job: Job, folder: string, findings: Findings): Promise<void> {
  const { api, datasetId, runId, progress, signal } = job;
  const { chosen, embedded, selected, selectedBefore, knownSamples, summary, memory } = findings;
  const upload = async (...files: ArtifactFile[]): Promise<void> => {
    for (const file of files) {
      await uploadArtifact(api, runId, file, signal);
    }
  };
  await progress.enter("SAVING_RESULTS", summary);
  const say = (done: number): Promise<void> => progress.say(`${done}/${chosen.length} frames`);
  const samples = await drawSelection(chosen, folder, signal, say);

  await progress.enter("UPLOADING_DATASET", `0/${samples.length} frames`);
  const sampleIds = await storeSamples(api, datasetId, samples, knownSamples, signal, say);
  const tag = await tagSelection(api, { datasetId, runId, sampleIds });
  await uploadEmbeddings(job, chosen, embedded);

  await progress.enter("GENERATING_REPORT", summary);
  const origin = { datasetId, runId, tag, embedding: imageDescriptor.description, selectedBefore };
  const report = makeReport(origin, embedded, selected);
  const bytes = await pdfReport(report, samples, new Date());
  await progress.enter("UPLOADING_REPORT", summary);
  await upload(
    { type: "REPORT_PDF", fileName: "report.pdf", contentType: "application/pdf", bytes },
    // The older type is deprecated at Lightly; here both have the same contents.
    jsonFile("REPORT_JSON", "report.json", report),
    jsonFile("REPORT_V2_JSON", "report_v2.json", report),
  );
  await progress.enter("UPLOADED_REPORT", summary);
  await progress.enter("UPLOADING_ARTIFACTS", summary);
  await upload(
    jsonFile(
      "CORRUPTNESS_CHECK_INFORMATION",
      "corruptness_check_information.json",
      corruptnessInformation(embedded.broken),
    ),
    jsonFile("SEQUENCE_INFORMATION", "sequence_information.json", sequenceInformation(chosen)),
    textFile("MEMLOG", "memlog.txt", memory.text()),
  );
  await uploadLog(api, runId, progress, signal);
}
