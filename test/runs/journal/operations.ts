import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import type { RunRegistry } from "../../../src/runs/run-registry.ts";
import type { Step, StepIdentity } from "../../../src/runs/step.ts";

/** Numbers that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const NODES: readonly StepIdentity[] = [
  { nodeId: "n1", type: "lightly-s3-upload", name: "upload", alwaysRuns: false },
  { nodeId: "n2", type: "lightly-ec2-start", name: "start", alwaysRuns: false },
  { nodeId: "n3", type: "lightly-lightly-run", name: "select", alwaysRuns: false },
  { nodeId: "n4", type: "lightly-ec2-stop", name: "stop", alwaysRuns: true },
];

/**
 * Does one random thing that a step or a user may do.
 *
 * @param working - the steps that work; kept up to date
 * @returns what was done, to be read in a failing test's message
 */
export function doSomething(runs: RunRegistry, working: Step[], random: (below: number) => number): string {
  const index = random(working.length);
  const step = working[index];
  if (!step || random(4) === 0) {
    const node = NODES[random(NODES.length)] as StepIdentity;
    const runId = `run ${random(3)}`;
    working.push(runs.begin(runId, node, random(5) === 0, messageOf(random)));
    return `begin ${node.name} of ${runId}`;
  }
  const name = `${step.record.name} of ${step.runId}`;
  switch (random(8)) {
    case 0:
    case 1:
      step.progress({ state: "moving", loadedBytes: random(1000) });
      return `progress of ${name}`;
    case 2:
    case 3:
      void step.checkpoint({ instanceIds: [`i-${random(3)}`], [`id${random(3)}`]: random(100) });
      return `checkpoint of ${name}`;
    case 4:
      step.abort((["closed", "removed", "canceled"] as const)[random(3)] ?? "closed", "because.");
      return `abort of ${name}`;
    case 5:
      working.splice(index, 1);
      step.fail(new PipelineError("TIMED_OUT", "No?token=secret", { details: { at: new Map(), token: "secret" } }));
      return `failure of ${name}`;
    default:
      working.splice(index, 1);
      if (step.signal.aborted) {
        step.drop();
        return `drop of ${name}`;
      }
      step.complete({ ec2: { instanceIds: ["i-1"] }, at: new Date(0) });
      return `end of ${name}`;
  }
}

function messageOf(random: (below: number) => number): Record<string, unknown> {
  const message: Record<string, unknown> = { _msgid: "m", payload: random(100), token: "secret" };
  if (random(2) === 0) {
    message.self = message;
    message.req = {};
  }
  return message;
}
