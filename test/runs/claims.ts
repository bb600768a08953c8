import { setImmediate as turn } from "node:timers/promises";
import type { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { start } from "./fake-flow.ts";

/** Steps that ask for the instance i-1, as ec2 start does it. */
export class Claims {
  /** The runs that were granted it, in order. */
  readonly granted: string[] = [];

  async claim(step: Step): Promise<void> {
    const { nodeId } = step.record;
    await step.instances.acquire({ instanceIds: ["i-1"], onBusy: "wait", nodeId, signal: step.signal });
    this.granted.push(step.runId);
    await step.saveCheckpoint({ instanceIds: ["i-1"], leased: true });
  }

  /** Begins a run's start, which asks at once. */
  async startOf(runs: RunRegistry, runId: string): Promise<Step> {
    const step = runs.begin(runId, start);
    this.claim(step).catch(() => {});
    await turn();
    return step;
  }
}
