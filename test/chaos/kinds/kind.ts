import type { RoundResult } from "../round.ts";
import type { World, WorldOptions } from "../world.ts";

/** The options for the rounds of a kind. */
export interface KindContext {
  readonly seed: number;
  /** The number of rounds of a kind without a fixed number. */
  readonly count: number;
  /** Every case instead of a sample of them. */
  readonly all: boolean;
  /** Only the round of this number. */
  readonly round?: number;
  readonly keep: boolean;
  /** Opens a world for the kind, which is closed afterwards. */
  readonly open: (options?: Omit<WorldOptions, "stateDir" | "build">) => Promise<World>;
  readonly report: (result: RoundResult) => void;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** One kind of rounds. */
export interface Kind {
  readonly name: string;
  /** One line for the help. */
  readonly title: string;
  /** The default number of rounds. */
  readonly count: number;
  readonly run: (context: KindContext) => Promise<void>;
}

/** The numbers of the rounds to play. */
export function roundNumbers({ count, round }: Pick<KindContext, "count" | "round">): number[] {
  return round === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [round];
}
