import { seededRandom } from "lightly-aws-sandbox/random";

type Vectors = readonly (readonly number[])[];

export type StrategyCase =
  | { readonly type: "DIVERSITY"; readonly strength: number; readonly minimumDistance?: number }
  | { readonly type: "WEIGHTS"; readonly strength: number; readonly values: readonly number[] }
  | {
      readonly type: "BALANCE";
      readonly strength: number;
      readonly distributions: Vectors;
      readonly target: readonly number[];
    };

/** A selection that both engines make. */
export interface SelectionCase {
  readonly kind: "selection";
  /** What it is a case of. */
  readonly group: string;
  readonly rows: Vectors;
  readonly preselected: readonly number[];
  readonly limit: number;
  readonly strategies: readonly StrategyCase[];
}

export interface TypicalityCase {
  readonly kind: "typicality";
  readonly rows: Vectors;
  readonly neighbors: number;
}

export interface SimilarityCase {
  readonly kind: "similarity";
  readonly rows: Vectors;
  readonly query: Vectors;
}

const DIMENSIONS = [1, 2, 3, 7, 8, 9, 16, 31, 64, 192, 512];

/** The groups that are repeated in turn; each makes the strategies for a number of rows. */
const GROUPS: Readonly<Record<string, (draw: Draw, count: number) => StrategyCase[]>> = {
  DIVERSITY: (draw) => [draw.diversity()],
  "stop distance": (draw) => [draw.stoppingDiversity()],
  WEIGHTS: (draw, count) => [draw.weights(count)],
  BALANCE: (draw, count) => [draw.balance(count, "shares")],
  "DIVERSITY and WEIGHTS": (draw, count) => [draw.diversity(), draw.weights(count)],
  "stop distance and WEIGHTS": (draw, count) => [draw.weights(count), draw.stoppingDiversity()],
  "DIVERSITY, WEIGHTS and BALANCE": (draw, count) => [
    draw.diversity(),
    draw.weights(count),
    draw.balance(count, "classes"),
  ],
  "WEIGHTS with ties": (draw, count) => [draw.steps(count)],
  "DIVERSITY with duplicates": (draw) => [draw.diversity()],
  "two WEIGHTS and two DIVERSITY": (draw, count) => [
    draw.weights(count),
    draw.diversity(),
    draw.steps(count),
    draw.diversity(),
  ],
};

/** Cases of each group in turn: the same ones for the same seed. */
export function selectionCases(count: number, seed: number): SelectionCase[] {
  const draw = new Draw(seed);
  const groups = Object.entries(GROUPS);
  return Array.from({ length: count }, (_, index) => {
    const [group = "", strategies = () => []] = groups[index % groups.length] ?? [];
    const rows = draw.rows(group.includes("duplicates"));
    const preselected = draw.preselected(rows.length);
    const limit = draw.whole(1, rows.length - preselected.length);
    return { kind: "selection", group, rows, preselected, limit, strategies: strategies(draw, rows.length) };
  });
}

/** BALANCE of one class per row: most candidates are equals of others. */
export function classCases(count: number, seed: number): SelectionCase[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, () => {
    const rows = draw.rows(false);
    const strategies = [draw.balance(rows.length, "classes")];
    const limit = draw.whole(1, rows.length);
    return { kind: "selection", group: "BALANCE of classes", rows, preselected: [], limit, strategies };
  });
}

export function typicalityCases(count: number, seed: number): TypicalityCase[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, () => ({
    kind: "typicality",
    // In few dimensions some rows are almost equal. There the engine's distances are mostly rounding, which depends on the processor.
    rows: draw.rows(false, 7),
    neighbors: draw.whole(1, 120),
  }));
}

export function similarityCases(count: number, seed: number): SimilarityCase[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, () => {
    const rows = draw.rows(false, 2);
    // Neither equal nor almost equal to a row: there the engine's distances are mostly rounding.
    const query = rows.slice(0, draw.whole(1, rows.length)).map((row) => row.map((value) => value * 2));
    return { kind: "similarity", rows, query };
  });
}

class Draw {
  readonly number: () => number;

  constructor(seed: number) {
    this.number = seededRandom(seed);
  }

  chance(share: number): boolean {
    return this.number() < share;
  }

  whole(from: number, to: number): number {
    return from + Math.floor(this.number() * (to - from + 1));
  }

  rows(withDuplicates: boolean, leastDimensions = 1): number[][] {
    const choice = DIMENSIONS.filter((dimensions) => dimensions >= leastDimensions);
    const dimensions = choice[this.whole(0, choice.length - 1)] ?? 1;
    const rows = Array.from({ length: this.whole(2, dimensions > 31 ? 60 : 120) }, () => {
      const row = Array.from({ length: dimensions }, () => this.number() - 0.5);
      const length = Math.hypot(...row);
      return row.map((value) => Math.fround(value / length));
    });
    // A copy of a row before it, now and then.
    return rows.map((row, index) => (withDuplicates && this.chance(0.4) ? (rows[this.whole(0, index)] ?? row) : row));
  }

  preselected(count: number): number[] {
    const all = Array.from({ length: count }, (_, index) => index);
    const amount = this.chance(0.5) ? 0 : this.whole(1, Math.min(5, count - 1));
    return Array.from({ length: amount }, () => all.splice(this.whole(0, all.length - 1), 1)[0] ?? 0);
  }

  strength(): number {
    return this.chance(0.3) ? 1 : Math.round((0.1 + 3 * this.number()) * 100) / 100;
  }

  diversity(): StrategyCase {
    return { type: "DIVERSITY", strength: this.strength() };
  }

  stoppingDiversity(): StrategyCase {
    return { ...this.diversity(), type: "DIVERSITY", minimumDistance: this.number() * 1.5 };
  }

  weights(count: number): StrategyCase {
    return { type: "WEIGHTS", strength: this.strength(), values: Array.from({ length: count }, () => this.number()) };
  }

  /** Whole numbers from 0 to 4, so that many are equal. */
  steps(count: number): StrategyCase {
    return {
      type: "WEIGHTS",
      strength: this.strength(),
      values: Array.from({ length: count }, () => this.whole(0, 4)),
    };
  }

  balance(count: number, kind: "shares" | "classes"): StrategyCase {
    const classes = this.whole(2, 6);
    const distributions = Array.from({ length: count }, () => {
      const own = this.whole(0, classes - 1);
      return kind === "classes"
        ? Array.from({ length: classes }, (_, place) => (place === own ? 1 : 0))
        : this.shares(classes);
    });
    return { type: "BALANCE", strength: this.strength(), distributions, target: this.shares(classes) };
  }

  shares(classes: number): number[] {
    const parts = Array.from({ length: classes }, () => this.number());
    const sum = parts.reduce((one, other) => one + other, 0);
    return parts.map((part) => Math.fround(part / sum));
  }
}
