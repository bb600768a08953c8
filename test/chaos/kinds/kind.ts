import type { RoundResult } from "../round.ts";
import type { World, WorldOptions } from "../world.ts";

/** What the rounds of one kind are played with. */
export interface KindContext {
  readonly seed: number;
  /** How many rounds, where a kind can be played as often as one likes. */
  readonly count: number;
  /** Every case instead of a sample of them. */
  readonly all: boolean;
  /** Only the round of this number. */
  readonly round?: number;
  readonly keep: boolean;
  /** Opens a world of the kind's own, which is closed behind it. */
  readonly open: (options?: Omit<WorldOptions, "stateDir" | "build">) => Promise<World>;
  readonly report: (result: RoundResult) => void;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** One kind of rounds. */
export interface Kind {
  readonly name: string;
  /** In a line, for the help. */
  readonly title: string;
  /** How many rounds are played when nothing else is said. */
  readonly count: number;
  readonly run: (context: KindContext) => Promise<void>;
}

/** The numbers of the rounds to play. */
export function roundNumbers({ count, round }: Pick<KindContext, "count" | "round">): number[] {
  return round === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [round];
}
