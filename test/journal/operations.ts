import { PipelineError } from "../../src/errors/pipeline-error.ts";
import type { RunEvent } from "../../src/runs/run-events.ts";
import type { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Outlet } from "../../src/runs/steps/outbox.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import type { StepIdentity } from "../../src/runs/steps/step-origin.ts";
import { NODES, openFlow, resumeAll } from "../runs/fake-flow.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** A random number below a limit. */
export type Random = (below: number) => number;

/** A seeded generator of random numbers (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const EVENTS: readonly RunEvent[] = [
  { kind: "command-started", instanceId: "i-1", commandId: "c" },
  { kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: false, summary: "TOKEN=secret" },
  { kind: "instances-stopped", instanceIds: ["i-1", "i-2"] },
  { kind: "selection", state: "awaited" },
];
const OUTLETS: readonly Outlet[] = [0, 1, "error"];
const CAUSES = ["closed", "removed", "canceled", "sibling failed"] as const;

/** A flow with three runs, in which steps and users do random things. */
export class RandomFlow {
  readonly done: string[] = [];
  readonly #runs: RunRegistry;
  readonly #time: FakeClock;
  readonly #random: Random;
  /** The running steps. */
  readonly #working: Step[] = [];
  /** The running steps that wait for a lease, and so can't end. */
  readonly #queued = new Set<Step>();
  /** The ids of all steps. */
  readonly #known: string[] = [];

  constructor(runs: RunRegistry, time: FakeClock, random: Random) {
    this.#runs = runs;
    this.#time = time;
    this.#random = random;
    openFlow(runs);
  }

  /** Does one random thing, and adds it to `done` for the message of a failing test. */
  doSomething(): void {
    const step = this.#one(this.#working);
    const what = !step || this.#random(4) === 0 ? this.#toRuns() : this.#toStep(step);
    this.done.push(what);
  }

  #toRuns(): string {
    const runId = `run ${this.#random(3)}`;
    switch (this.#random(10)) {
      case 0:
        return this.#asked(`abort of ${runId}`, () => this.#runs.abort(runId, "it is not needed."));
      case 1:
        return this.#asked(`retry of ${runId}`, () => this.#resuming(() => this.#runs.retry(runId)));
      case 2:
        this.#resuming(() => resumeAll(this.#runs));
        return "deploy";
      case 3:
        this.#time.advance(this.#random(4) * 60_000);
        return "a pause";
      default:
        return this.#begin(runId, this.#one(NODES) as StepIdentity);
    }
  }

  #begin(runId: string, node: StepIdentity): string {
    const from = this.#random(2) === 0 ? this.#one(this.#known) : undefined;
    const message = messageOf(this.#random);
    const step = this.#runs.begin(runId, node, { afterError: this.#random(5) === 0, message, parentStepId: from });
    this.#working.push(step);
    this.#known.push(step.record.stepId);
    return `begin ${node.name} of ${runId} from ${from}`;
  }

  #toStep(step: Step): string {
    const random = this.#random;
    const name = `${step.record.name} of ${step.runId}`;
    switch (random(12)) {
      case 0:
        step.progress({ state: "moving", loadedBytes: random(1000) });
        return `progress of ${name}`;
      case 1:
      case 2:
        void step.saveCheckpoint({ instanceIds: [`i-${random(3)}`], [`id${random(3)}`]: random(100) });
        return `checkpoint of ${name}`;
      case 3:
        return this.#acquire(step, `lease of ${name}`);
      case 4:
        step.events.emit(this.#one(EVENTS) as RunEvent);
        return `event of ${name}`;
      case 5:
        step.retrying(2 + random(3), "once more, password: secret");
        return `next try of ${name}`;
      case 6:
      case 7:
        step.recordSend(this.#one(OUTLETS) as Outlet, messageOf(random), this.#someNodes());
        return `message of ${name}`;
      case 8:
        step.abort(this.#one(CAUSES) ?? "closed", "because.");
        return `abort of ${name}`;
      default:
        return this.#end(step, name);
    }
  }

  #acquire(step: Step, what: string): string {
    if (this.#queued.has(step)) {
      return `no further ${what}`;
    }
    this.#queued.add(step);
    const instanceIds = [`i-${this.#random(3)}`];
    const onBusy = this.#one(["wait", "share", "fail"] as const) ?? "wait";
    step.instances
      .acquire({ instanceIds, onBusy, nodeId: step.record.nodeId, signal: step.signal })
      .then(() => step.saveCheckpoint({ instanceIds, leased: true }))
      .catch(() => {})
      .finally(() => this.#queued.delete(step));
    return what;
  }

  #end(step: Step, name: string): string {
    if (this.#queued.has(step) && !step.signal.aborted) {
      return `${name} waits`;
    }
    this.#working.splice(this.#working.indexOf(step), 1);
    if (this.#random(3) === 0) {
      step.fail(new PipelineError("TIMED_OUT", "No?token=secret", { details: { at: new Map(), token: "secret" } }));
      return `failure of ${name}`;
    }
    if (step.signal.aborted) {
      step.drop();
      return `drop of ${name}`;
    }
    step.complete({ ec2: { instanceIds: ["i-1"] }, at: new Date(0) });
    return `end of ${name}`;
  }

  /** A refusal comes in the same turn of the event loop; a success waits for the disk. */
  #asked(what: string, ask: () => Promise<unknown>): string {
    ask().catch((error: PipelineError) => this.done.push(`${what} was refused: ${error.code}`));
    return what;
  }

  /** Does something that may resume steps in their nodes. */
  #resuming<T>(act: () => T): T {
    const flow = openFlow(this.#runs);
    const answer = act();
    this.#working.push(...Object.values(flow).flatMap(({ resumed }) => resumed));
    return answer;
  }

  #someNodes(): string[] {
    return NODES.map(({ nodeId }) => nodeId).filter(() => this.#random(3) === 0);
  }

  #one<T>(items: readonly T[]): T | undefined {
    return items[this.#random(items.length)];
  }
}

function messageOf(random: Random): Record<string, unknown> {
  const message: Record<string, unknown> = { _msgid: "m", payload: random(100), token: "secret" };
  if (random(2) === 0) {
    message.self = message;
    message.req = {};
  }
  return message;
}
