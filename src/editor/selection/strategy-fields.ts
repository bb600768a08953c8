import { numberWithin } from "../../fields/rules/numbers.ts";
import type { TextRule } from "../../fields/rules/rule.ts";
import { SELECTION_PAIRS, type Source, type StrategyType } from "../../services/lightly/selection/selection-pairs.ts";

/** The kinds of fields: a line, a number, a choice, one text per line, or one `name: number` per line. */
export type FieldKind = "text" | "number" | "choice" | "lines" | "shares";

/** A setting of an input or a strategy. */
export interface StrategyField {
  /** The path of the value in `{ input, strategy }`. */
  readonly path: readonly [half: "input" | "strategy", ...keys: string[]];
  readonly kind: FieldKind;
  /** A key of the catalog. */
  readonly label: string;
  readonly required?: boolean;
  readonly rule?: TextRule;
  readonly placeholder?: string;
  /** The choices, with keys of the catalog. The first one is the default of a new row. */
  readonly choices?: readonly (readonly [value: string, text: string])[];
  /** Values that are suggested while the user types. */
  readonly suggestions?: readonly string[];
  /** When the field exists. */
  readonly when?: (read: (key: string) => string) => boolean;
}

const text =
  (pattern: RegExp, key: string): TextRule =>
  (value) =>
    pattern.test(value) ? undefined : { key };
const taskName = text(/^[a-zA-Z0-9_+=,.@:/-]*$/, "taskName");
const shares: TextRule = (value) =>
  value.split("\n").every((line) => line.trim() === "" || /^.*\S\s*:\s*-?[\d.]+(e-?\d+)?\s*$/i.test(line))
    ? undefined
    : { key: "shares" };

const task: StrategyField = {
  path: ["input", "task"],
  kind: "text",
  label: "lightly-aws.selection.field.task",
  rule: taskName,
  placeholder: "my_task",
};
const requiredTask = { ...task, required: true };
const categories: StrategyField = {
  path: ["input", "categories"],
  kind: "lines",
  label: "lightly-aws.selection.field.categories",
  placeholder: "car\nbus",
};

/** The fields of each kind of input. */
const SOURCE_FIELDS: Readonly<Record<Source, readonly StrategyField[]>> = {
  EMBEDDINGS: [task],
  METADATA: [
    {
      path: ["input", "key"],
      kind: "text",
      label: "lightly-aws.selection.field.key",
      required: true,
      placeholder: "lightly.sharpness",
      suggestions: ["lightly.sharpness", "lightly.luminance", "lightly.snr", "lightly.sizeInBytes"],
    },
  ],
  CLASS_DISTRIBUTION: [requiredTask, categories],
  CATEGORY_COUNT: [requiredTask, categories],
  SCORES: [
    requiredTask,
    {
      path: ["input", "score"],
      kind: "text",
      label: "lightly-aws.selection.field.score",
      required: true,
      placeholder: "uncertainty_entropy",
      suggestions: [
        "uncertainty_entropy",
        "uncertainty_least_confidence",
        "uncertainty_margin",
        "object_frequency",
        "objectness_least_confidence",
        "classification_scores",
      ],
    },
  ],
  RANDOM: [
    {
      path: ["input", "randomSeed"],
      kind: "number",
      label: "lightly-aws.selection.field.randomSeed",
      rule: numberWithin({ min: Number.MIN_SAFE_INTEGER, whole: true }),
    },
  ],
};

/** The fields for the query of a similarity. */
const QUERY: readonly StrategyField[] = [
  {
    path: ["input", "datasetId"],
    kind: "text",
    label: "lightly-aws.selection.field.datasetId",
    required: true,
    rule: text(/^[a-f0-9]{24}$/, "objectId"),
  },
  {
    path: ["input", "tagName"],
    kind: "text",
    label: "lightly-aws.selection.field.tagName",
    required: true,
    rule: text(/^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]{2,}$/, "tagName"),
    placeholder: "initial-tag",
  },
];

/** The fields of each strategy. */
const STRATEGY_FIELDS: Readonly<Record<StrategyType, readonly StrategyField[]>> = {
  DIVERSITY: [
    {
      path: ["strategy", "stopping_condition_minimum_distance"],
      kind: "number",
      label: "lightly-aws.selection.field.minimumDistance",
      rule: numberWithin({ min: 0, max: 2 }),
      placeholder: "0.1",
    },
  ],
  TYPICALITY: [
    {
      path: ["strategy", "numNearestNeighbors"],
      kind: "number",
      label: "lightly-aws.selection.field.numNearestNeighbors",
      rule: numberWithin({ min: 2, whole: true }),
    },
    {
      path: ["strategy", "stoppingConditionMinimumTypicality"],
      kind: "number",
      label: "lightly-aws.selection.field.minimumTypicality",
      rule: numberWithin({ min: Number.MIN_VALUE, max: 1 }),
    },
  ],
  SIMILARITY: QUERY,
  WEIGHTS: [
    {
      path: ["strategy", "stoppingConditionMaxSum"],
      kind: "number",
      label: "lightly-aws.selection.field.stopAtSum",
      rule: numberWithin({ min: 0 }),
    },
    {
      path: ["strategy", "targetRange", "minSum"],
      kind: "number",
      label: "lightly-aws.selection.field.minSum",
      rule: numberWithin({ min: 0 }),
    },
    {
      path: ["strategy", "targetRange", "maxSum"],
      kind: "number",
      label: "lightly-aws.selection.field.maxSum",
      rule: numberWithin({ min: 0 }),
    },
  ],
  THRESHOLD: [
    {
      path: ["strategy", "operation"],
      kind: "choice",
      label: "lightly-aws.selection.field.operation",
      required: true,
      choices: [
        ["BIGGER", "lightly-aws.selection.choice.bigger"],
        ["BIGGER_EQUAL", "lightly-aws.selection.choice.biggerEqual"],
        ["SMALLER", "lightly-aws.selection.choice.smaller"],
        ["SMALLER_EQUAL", "lightly-aws.selection.choice.smallerEqual"],
      ],
    },
    {
      path: ["strategy", "threshold"],
      kind: "number",
      label: "lightly-aws.selection.field.threshold",
      required: true,
    },
  ],
  BALANCE: [
    {
      path: ["strategy", "distribution"],
      kind: "choice",
      label: "lightly-aws.selection.field.distribution",
      choices: [
        ["TARGET", "lightly-aws.selection.choice.target"],
        ["UNIFORM", "lightly-aws.selection.choice.uniform"],
        ["INPUT", "lightly-aws.selection.choice.input"],
        ["", "lightly-aws.selection.choice.unsaid"],
      ],
    },
    {
      path: ["strategy", "target"],
      kind: "shares",
      label: "lightly-aws.selection.field.target",
      required: true,
      rule: shares,
      placeholder: "car: 0.5\nbus: 0.5",
      when: (read) => ["", "TARGET"].includes(read("strategy.distribution")),
    },
  ],
};

const STRENGTH: StrategyField = {
  path: ["strategy", "strength"],
  kind: "number",
  label: "lightly-aws.selection.field.strength",
  rule: numberWithin({ min: -1e9, max: 1e9 }),
  placeholder: "1",
};

/** Returns the name of a field in a row: its joined path. */
export function nameOf({ path }: StrategyField): string {
  return path.join(".");
}

/** Returns the fields of a combination of input and strategy, even if Lightly does not support it. Unknown words have no fields. */
export function fieldsOf(source: string, strategy: string): readonly StrategyField[] {
  const known: Readonly<Record<string, readonly StrategyField[]>> = STRATEGY_FIELDS;
  return [
    ...(Object.hasOwn(SOURCE_FIELDS, source) ? SOURCE_FIELDS[source as Source] : []),
    ...(Object.hasOwn(known, strategy) ? (known[strategy] ?? []) : []),
    STRENGTH,
  ];
}

/** Returns the strategies that a row may have. */
export function strategiesOf(source: string): readonly StrategyType[] {
  return Object.hasOwn(SELECTION_PAIRS, source) ? SELECTION_PAIRS[source as Source] : [];
}
