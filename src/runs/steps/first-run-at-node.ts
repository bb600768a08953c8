import { isOpen, type StepRecord } from "../../records/run-record.ts";
import type { Run } from "../run.ts";

/** Finds the earliest run that has not passed a node. All runs are searched once per change, because a thousand may wait for the result. */
export class FirstRunAtNode {
  readonly #known = new Map<string, { readonly version: number; readonly order: number }>();

  /**
   * Returns the number of that run, `Infinity` if there is none.
   *
   * @param version - changes with every change of a run
   * @param isPassed - whether a step in the node no longer holds later runs; the same for all steps in the node
   */
  orderAt(
    nodeId: string,
    { version, runs, isPassed }: { version: number; runs: Iterable<Run>; isPassed: (step: StepRecord) => boolean },
  ): number {
    const known = this.#known.get(nodeId);
    if (known?.version === version) {
      return known.order;
    }
    let order = Number.POSITIVE_INFINITY;
    for (const run of runs) {
      if (run.order < order && run.isActive && [...run.steps].some(({ record }) => holds(record, nodeId, isPassed))) {
        order = run.order;
      }
    }
    this.#known.set(nodeId, { version, order });
    return order;
  }
}

function holds(record: StepRecord, nodeId: string, isPassed: (step: StepRecord) => boolean): boolean {
  return record.nodeId === nodeId && isOpen(record) && !isPassed(record);
}
