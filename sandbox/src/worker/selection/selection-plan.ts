import { RunRefusal } from "../refusal.ts";
import { METADATA_KEYS } from "./metadata-keys.ts";

/** A parsed selection configuration. */
export interface SelectionPlan {
  /** Maximum number of frames to select, for a number of candidates. */
  readonly limit: (candidates: number) => number;
  /** Frames far from everything selected so far; ends at one that is nearer to it than `minimumDistance`. */
  readonly diversity: ReadonlyArray<{ readonly strength: number; readonly minimumDistance: number }>;
  /** Frames with high values. */
  readonly weights: ReadonlyArray<{ readonly key: string; readonly strength: number }>;
  /** Frames that are like many others. */
  readonly typicality: ReadonlyArray<{ readonly neighbors: number; readonly strength: number }>;
  /** Random frames, the same ones for the same seed. */
  readonly random: ReadonlyArray<{ readonly seed: number; readonly strength: number }>;
  /** The thresholds that a candidate must meet. */
  readonly thresholds: ReadonlyArray<{ readonly key: string; readonly operation: Operation; readonly value: number }>;
}

export const OPERATIONS = {
  SMALLER: (value: number, limit: number) => value < limit,
  SMALLER_EQUAL: (value: number, limit: number) => value <= limit,
  BIGGER: (value: number, limit: number) => value > limit,
  BIGGER_EQUAL: (value: number, limit: number) => value >= limit,
} as const;
export type Operation = keyof typeof OPERATIONS;

/** The engine's default. */
const NEIGHBORS = 20;

type Json = Readonly<Record<string, unknown>>;
interface Draft {
  readonly diversity: Array<SelectionPlan["diversity"][number]>;
  readonly typicality: Array<SelectionPlan["typicality"][number]>;
  readonly weights: Array<SelectionPlan["weights"][number]>;
  readonly random: Array<SelectionPlan["random"][number]>;
  readonly thresholds: Array<SelectionPlan["thresholds"][number]>;
}

/**
 * Reads the `selection` section of a V4 config (wire names).
 *
 * @throws RunRefusal that names what this worker does not support
 */
export function planSelection(selection: unknown): SelectionPlan {
  const config = asObject(selection, "selection");
  refuseUnknown(config, ["nSamples", "proportionSamples", "strategies", "autoTasks"], "selection");
  if (listOf(config.autoTasks).length > 0) {
    throw notDone("selection.autoTasks (tiles and crops)");
  }
  const strategies = listOf(config.strategies);
  if (strategies.length === 0) {
    throw new RunRefusal("The selection has no strategy; give at least one, for example EMBEDDINGS with DIVERSITY.");
  }
  const plan: Draft = { diversity: [], typicality: [], weights: [], random: [], thresholds: [] };
  for (const one of strategies) {
    readStrategy(asObject(one, "selection.strategies"), plan);
  }
  return { ...plan, limit: readLimit(config) };
}

/** The smaller one applies; `nSamples` -1 or neither means no limit. At least one frame of a proportion above 0. */
function readLimit({ nSamples, proportionSamples }: Json): SelectionPlan["limit"] {
  return (candidates) => {
    const count = typeof nSamples === "number" && nSamples >= 0 ? nSamples : candidates;
    const part =
      typeof proportionSamples !== "number" ? candidates : Math.round(candidates * Math.min(1, proportionSamples));
    const atLeast = typeof proportionSamples === "number" && proportionSamples > 0 ? 1 : 0;
    return Math.min(candidates, count, Math.max(atLeast, part));
  };
}

function readStrategy(entry: Json, plan: Draft): void {
  const input = asObject(entry.input, "input");
  const strategy = asObject(entry.strategy, "strategy");
  const pair = `${String(input.type)} + ${String(strategy.type)}`;
  const allow = (inputKeys: readonly string[], strategyKeys: readonly string[]): void => {
    refuseUnknown(input, ["type", ...inputKeys], `input of ${pair}`);
    refuseUnknown(strategy, ["type", "strength", ...strategyKeys], `strategy of ${pair}`);
  };
  const strength = numberOr(strategy.strength, 1);
  switch (pair) {
    case "EMBEDDINGS + DIVERSITY":
      allow([], ["stopping_condition_minimum_distance"]);
      plan.diversity.push({ strength, minimumDistance: numberOr(strategy.stopping_condition_minimum_distance, 0) });
      return;
    case "EMBEDDINGS + TYPICALITY":
      allow([], ["numNearestNeighbors"]);
      plan.typicality.push({ neighbors: numberOr(strategy.numNearestNeighbors, NEIGHBORS), strength });
      return;
    case "RANDOM + WEIGHTS":
      allow(["randomSeed"], []);
      plan.random.push({ seed: numberOr(input.randomSeed, 0), strength });
      return;
    case "METADATA + WEIGHTS":
      allow(["key"], []);
      plan.weights.push({ key: knownKey(input), strength });
      return;
    case "METADATA + THRESHOLD":
      allow(["key"], ["threshold", "operation"]);
      plan.thresholds.push({
        key: knownKey(input),
        operation: operationOf(strategy),
        value: numberOr(strategy.threshold),
      });
      return;
    default:
      throw notDone(pair);
  }
}

function knownKey({ key }: Json): string {
  if (typeof key !== "string" || !(key in METADATA_KEYS)) {
    throw new RunRefusal(
      `METADATA key ${JSON.stringify(key ?? "")} is not supported; this stand-in measures ${Object.keys(METADATA_KEYS).join(", ")}.`,
    );
  }
  return key;
}

function operationOf({ operation }: Json): Operation {
  if (typeof operation !== "string" || !(operation in OPERATIONS)) {
    throw new RunRefusal(`A THRESHOLD needs an operation: ${Object.keys(OPERATIONS).join(", ")}.`);
  }
  return operation as Operation;
}

function numberOr(value: unknown, otherwise?: number): number {
  if (typeof value === "number" && Number.isFinite(value)) {
    return value;
  }
  if (value === undefined && otherwise !== undefined) {
    return otherwise;
  }
  throw new RunRefusal(`The selection has ${JSON.stringify(value) ?? "nothing"} where a number is required.`);
}

/** Unset options may be `null`. */
function refuseUnknown(object: Json, known: readonly string[], where: string): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key) && object[key] !== null);
  if (unknown.length > 0) {
    throw notDone(`${unknown.join(", ")} in the ${where}`);
  }
}

function notDone(what: string): RunRefusal {
  return new RunRefusal(
    `This stand-in for Lightly Worker does not support ${what}. It supports EMBEDDINGS + DIVERSITY, EMBEDDINGS + TYPICALITY, RANDOM + WEIGHTS, METADATA + THRESHOLD and METADATA + WEIGHTS.`,
  );
}

function asObject(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RunRefusal(`The run's config has no usable "${what}" section.`);
  }
  return value as Json;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
