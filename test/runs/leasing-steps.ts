import { setImmediate as turn } from "node:timers/promises";
import type { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { start } from "./fake-flow.ts";

/** Steps that request a lease of the instance i-1, like ec2 start. */
export class LeasingSteps {
  /** The runs that have got the lease, in order. */
  readonly granted: string[] = [];

  async acquire(step: Step): Promise<void> {
    const { nodeId } = step.record;
    await step.instances.acquire({ instanceIds: ["i-1"], onBusy: "wait", nodeId, signal: step.signal });
    this.granted.push(step.runId);
    await step.saveCheckpoint({ instanceIds: ["i-1"], leased: true });
  }

  /** Starts the start step of a run, which requests the lease immediately. */
  async startOf(runs: RunRegistry, runId: string): Promise<Step> {
    const step = runs.begin(runId, start);
    this.acquire(step).catch(() => {});
    await turn();
    return step;
  }
}
