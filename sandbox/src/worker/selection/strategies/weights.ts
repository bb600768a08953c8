import { logarithm, single } from "../single-precision.ts";
import type { Strategy } from "./strategy.ts";

/** WEIGHTS: a large sum of the selected candidates' values. */
export function weights(values: ArrayLike<number>, strength: number): Strategy {
  const own = Float32Array.from(values);
  const factor = single(strength);
  let sum = 0;
  return {
    scores: () => (candidate) => single(factor * logarithm(single(sum + (own[candidate] ?? 0)))),
    select(candidate) {
      sum = single(sum + (own[candidate] ?? 0));
    },
    endsAt: () => false,
  };
}
