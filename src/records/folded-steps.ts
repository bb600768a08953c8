import { currentSteps, isOpen, type StepRecord } from "./run-record.ts";

/**
 * Returns the current steps of a run for a short view: the steps of all items of a sequence in one node, such as thousands of uploads, are
 * one step. It lasts from the first start to the last end, and has the most important state: that of a failed one, otherwise of an open one, otherwise of the last one.
 */
export function foldedSteps(steps: readonly StepRecord[]): StepRecord[] {
  const groups = new Map<string, StepRecord[]>();
  for (const step of currentSteps(steps)) {
    const key = step.item ? `${step.item.of} ${step.nodeId}` : step.stepId;
    const group = groups.get(key);
    if (group) {
      group.push(step);
    } else {
      groups.set(key, [step]);
    }
  }
  return [...groups.values()].flatMap((group) => (group.length > 1 ? folded(group) : group));
}

/** Like {@link foldedSteps}, with the steps that a retry has replaced, which a timeline shows too. Those of items are left out. */
export function timelineSteps(steps: readonly StepRecord[]): StepRecord[] {
  const current = new Set(currentSteps(steps));
  const replaced = steps.filter((step) => !current.has(step) && step.item === undefined);
  return [...replaced, ...foldedSteps(steps)].toSorted((one, other) => one.startedAt - other.startedAt);
}

function folded(steps: readonly StepRecord[]): StepRecord[] {
  const chosen = steps.find(({ state }) => state === "failed") ?? steps.findLast(isOpen) ?? steps.at(-1);
  if (!chosen) {
    return [];
  }
  const { endedAt: _endedAt, ...rest } = chosen;
  const startedAt = steps.reduce((first, step) => Math.min(first, step.startedAt), chosen.startedAt);
  const endedAt = steps.reduce((last, step) => Math.max(last, step.endedAt ?? 0), 0);
  return [{ ...rest, startedAt, ...(!steps.some(isOpen) && { endedAt }) }];
}
