import path from "node:path";
import { selectionConfig } from "../../../src/services/lightly/selection/selection-config.ts";
import type { StudioRequest } from "../../../src/services/studio/studio-request.ts";

/** The script's modules in the source tree. */
export const SCRIPT_FOLDER = path.join(import.meta.dirname, "../../../src/studio/select_frames");

export const REQUEST: StudioRequest = {
  runId: "run-1",
  dataset: "street",
  inputs: ["s3://videos/raw/"],
  output: "s3://selected/frames",
  datasetUri: "s3://selected/state/street",
  selection: selectionConfig({ proportionSamples: 0.1 }),
  framesPerSecond: 1,
  embedder: "pe",
};
