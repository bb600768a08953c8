/** `lightly-aws-sandbox/selection`: how the stand-in worker selects, to compare it with Lightly's engine. */
export { type NearestSelected, nearestSelected } from "../worker/selection/nearest-selected.ts";
export { selectGreedily } from "../worker/selection/select-greedily.ts";
export { balance } from "../worker/selection/strategies/balance.ts";
export { diversity } from "../worker/selection/strategies/diversity.ts";
export type { Strategy } from "../worker/selection/strategies/strategy.ts";
export { weights } from "../worker/selection/strategies/weights.ts";
export { similarity, typicality } from "../worker/selection/typicality.ts";
export { toRows } from "../worker/selection/vector-rows.ts";
