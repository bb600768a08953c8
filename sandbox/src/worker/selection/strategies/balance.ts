import { logarithm, single } from "../single-precision.ts";
import type { Strategy } from "./strategy.ts";

const LEAST_SHARE = single(1e-10);

/**
 * BALANCE: shares of classes near to a target, as the reciprocal of the cross-entropy between the target and the
 * shares among the selected candidates.
 *
 * @param distributions - for each candidate how much it belongs to each class
 * @param target - the wanted share of each class
 */
export function balance(
  distributions: readonly (readonly number[])[],
  target: readonly number[],
  strength: number,
): Strategy {
  const factor = single(strength);
  const goal = target.map(single);
  const selected = goal.map(() => 0);
  return {
    scores: () => (candidate) => {
      const together = selected.map((amount, place) => single(amount + (distributions[candidate]?.[place] ?? 0)));
      return single(factor * logarithm(single(1 / crossEntropy(goal, together))));
    },
    select(candidate) {
      distributions[candidate]?.forEach((amount, place) => {
        selected[place] = single((selected[place] ?? 0) + amount);
      });
    },
    endsAt: () => false,
  };
}

function crossEntropy(target: readonly number[], amounts: readonly number[]): number {
  const total = amounts.reduce((sum, amount) => single(sum + amount), 0) || 1;
  return -amounts.reduce((sum, amount, place) => {
    const logShare = single(Math.log(Math.max(single(amount / total), LEAST_SHARE)));
    return single(sum + single((target[place] ?? 0) * logShare));
  }, 0);
}
