import type { NearestSelected } from "../nearest-selected.ts";
import { logarithm, single } from "../single-precision.ts";
import type { Strategy } from "./strategy.ts";

/**
 * DIVERSITY: far from everything selected so far. Alone, this is greedy farthest-first traversal, which comes within
 * a factor of two of the best possible coverage.
 *
 * @param nearest - what the selection keeps itself
 * @param minimumDistance - the selection ends when the best candidate is nearer than this to something selected
 */
export function diversity(nearest: NearestSelected, strength: number, minimumDistance = 0): Strategy {
  const factor = single(strength);
  return {
    scores() {
      if (nearest.count() === 0) {
        return undefined;
      }
      const spread = nearest.spread();
      // The halves are the engine's: squared distances of unit vectors are at most 4.
      return (row) => single(factor * logarithm(single(spread + nearest.squaredDistance(row)) / 2));
    },
    select: () => {},
    endsAt: (row) => nearest.count() > 0 && nearest.distance(row) < minimumDistance,
  };
}
