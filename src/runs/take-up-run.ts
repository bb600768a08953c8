import { handOnAgain } from "./hand-on-again.ts";
import type { Run } from "./run.ts";
import type { RunSurroundings } from "./run-surroundings.ts";

/**
 * Takes a run up again where it was left: each step goes on in its node, and each message that nobody has taken up is handed on
 * once more. What has no node any more ends as aborted, and the run with it.
 *
 * @returns whether a step's node was gone
 */
export function takeUpRun(run: Run, doorOf: RunSurroundings<Run>["doorOf"]): boolean {
  if (!run.isUnderWay) {
    return false;
  }
  for (const step of [...run.steps].filter(({ record }) => record.state === "completed" && !record.redoneBy)) {
    doorOf(step.record.nodeId)?.keep?.(step, step.received.again());
  }
  const left = run.steps.interrupted.map((step) => ({ step, door: doorOf(step.record.nodeId) }));
  const orphans = left.filter(({ door }) => !door);
  // First of all, so that no step of a run that can't go on begins anything.
  for (const { step } of orphans) {
    step.orphan(`${step.record.name} was deleted or disabled while the run was under way.`);
    run.abandon(`${step.record.name} was deleted or disabled.`);
  }
  for (const { step, door } of left) {
    if (door) {
      run.resume(step, door);
    }
  }
  for (const step of run.steps) {
    handOnAgain(step, doorOf(step.record.nodeId));
  }
  return orphans.length > 0;
}
