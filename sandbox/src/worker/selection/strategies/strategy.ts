/** One goal of a selection. The scores of all strategies are added up, and the candidate with the highest sum is taken. */
export interface Strategy {
  /** The score of a candidate, as things are; `undefined` as long as the strategy prefers none. */
  readonly scores: () => ((candidate: number) => number) | undefined;
  /** Counts a candidate as selected. */
  readonly select: (candidate: number) => void;
  /** Whether the selection ends rather than takes this candidate. */
  readonly endsAt: (candidate: number) => boolean;
}
