import { ownEntry } from "../../errors/own-entry.ts";
import type { REASON_TEXTS } from "../../fields/reason-texts.ts";
import { partRefusals, type StudioRefusal, strategyRefusal } from "../../services/studio/studio-strategies.ts";
import type { Refusals } from "./refusals.ts";

const REASONS: Readonly<Record<StudioRefusal, keyof typeof REASON_TEXTS>> = {
  predictions: "studioPredictions",
  scores: "studioScores",
  metadata: "studioMetadata",
  objects: "studioObjects",
  crops: "studioCrops",
  paths: "studioPaths",
  otherDataset: "studioOtherDataset",
  sum: "studioSum",
  leastTypicality: "studioLeastTypicality",
};

/** What LightlyStudio can't do. */
export const STUDIO_REFUSALS: Refusals = {
  ofStrategy: (entry) => {
    const refusal = strategyRefusal(entry);
    return refusal && ownEntry(REASONS, refusal);
  },
  ofConfig: (config) => partRefusals(config).flatMap((refusal) => ownEntry(REASONS, refusal) ?? []),
};
