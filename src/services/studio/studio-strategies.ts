import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { SelectionConfigV4 } from "../lightly/selection/selection-config.ts";

/** Why LightlyStudio can't do a part of a selection. The forms have a text for each. */
export type StudioRefusal =
  | "predictions"
  | "scores"
  | "metadata"
  | "objects"
  | "crops"
  | "paths"
  | "otherDataset"
  | "sum"
  | "leastTypicality";

const REASONS: Readonly<Record<StudioRefusal, string>> = {
  predictions: "it reads no predictions",
  scores: "it computes no active-learning scores",
  metadata: "it has the numbers lightly.sharpness, lightly.luminance and lightly.frameIndex only",
  objects: "it selects whole frames, not objects",
  crops: "it makes no tiles and crops",
  paths: "it takes all videos of the inputs",
  otherDataset: "it compares with tags of the same dataset only",
  sum: "it knows no limits of a sum",
  leastTypicality: "it knows no least typicality",
};

/** The metadata that the script measures. */
const MEASURED: readonly unknown[] = ["lightly.sharpness", "lightly.luminance", "lightly.frameIndex"];

type Entry = SelectionConfigV4["strategies"][number];

/** The members of a strategy that matter here. */
interface AnyEntry {
  readonly input: Readonly<Partial<Record<keyof Entry["input"], unknown>>>;
  readonly strategy: Readonly<Partial<Record<keyof Entry["strategy"], unknown>>>;
}

/** Returns why LightlyStudio can't do a strategy, if it can't. */
export function strategyRefusal({ input, strategy }: AnyEntry): StudioRefusal | undefined {
  if (input.type === "PREDICTIONS") {
    return "predictions";
  }
  if (input.type === "SCORES") {
    return "scores";
  }
  if (isSet(input.task)) {
    return "objects";
  }
  if (isSet(input.datasetId)) {
    return "otherDataset";
  }
  if (isSet(strategy.stoppingConditionMaxSum) || isSet(strategy.targetRange)) {
    return "sum";
  }
  if (isSet(strategy.stoppingConditionMinimumTypicality)) {
    return "leastTypicality";
  }
  const isMeasured = !isSet(input.key) || MEASURED.includes(input.key);
  return input.type === "METADATA" && (!isMeasured || strategy.type === "BALANCE") ? "metadata" : undefined;
}

/** Returns why LightlyStudio can't do the other parts of a selection. */
export function partRefusals(selection: {
  readonly autoTasks?: unknown;
  readonly lightlyPathRegex?: unknown;
}): Array<"crops" | "paths"> {
  const { autoTasks, lightlyPathRegex } = selection;
  return [
    ...(Array.isArray(autoTasks) && autoTasks.length > 0 ? (["crops"] as const) : []),
    ...(isSet(lightlyPathRegex) ? (["paths"] as const) : []),
  ];
}

/**
 * Checks that LightlyStudio can do all of a selection.
 *
 * @throws PipelineError `LIGHTLY_SELECTION_INVALID`
 */
export function checkStudioSelection(selection: SelectionConfigV4): void {
  const faults = selection.strategies.flatMap((entry) => {
    const refusal = strategyRefusal(entry);
    return refusal === undefined ? [] : [`${entry.input.type} with ${entry.strategy.type}: ${reasonOf(refusal)}`];
  });
  faults.push(
    ...partRefusals(selection).map(
      (part) => `${part === "crops" ? "autoTasks" : "lightlyPathRegex"}: ${reasonOf(part)}`,
    ),
  );
  if (faults.length > 0) {
    throw new PipelineError(
      "LIGHTLY_SELECTION_INVALID",
      `LightlyStudio can't do this selection. ${faults.join("; ")}. Change it, or use the step lightly run.`,
    );
  }
}

function reasonOf(refusal: StudioRefusal): string {
  return ownEntry(REASONS, refusal) ?? refusal;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
