import { PipelineError } from "../../src/errors/pipeline-error.ts";
import type { RecordedError, StepRole } from "../../src/records/run-record.ts";
import type { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Outlet } from "../../src/runs/steps/outbox.ts";
import type { RegisteredNode } from "../../src/runs/steps/registered-node.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import type { StepIdentity } from "../../src/runs/steps/step-origin.ts";

export const upload: StepIdentity = {
  nodeId: "n1",
  type: "lightly-s3-upload",
  role: "upload",
  name: "upload",
  alwaysRuns: false,
};
export const start: StepIdentity = {
  nodeId: "n2",
  type: "lightly-ec2-start",
  role: "start",
  name: "start",
  alwaysRuns: false,
};
export const worker: StepIdentity = {
  nodeId: "n3",
  type: "lightly-ssm-run-script",
  role: "command",
  name: "worker",
  alwaysRuns: false,
};
export const select: StepIdentity = {
  nodeId: "n4",
  type: "lightly-run",
  role: "select",
  name: "select",
  alwaysRuns: false,
};
export const stop: StepIdentity = {
  nodeId: "n5",
  type: "lightly-ec2-stop",
  role: "stop",
  name: "stop",
  alwaysRuns: true,
};

/** The steps of a flow, in the order of its wires. */
export const NODES: readonly StepIdentity[] = [upload, start, worker, select, stop];

export const failure = new PipelineError("S3_BUCKET_NOT_FOUND", "There is no bucket.", { details: { bucket: "b" } });

/** A message that was sent to a node again. */
export interface Redelivered {
  readonly message: unknown;
  readonly outlet: Outlet;
  readonly error?: RecordedError;
}

/** A registered node that ignores what it receives. */
export class FakeNode implements RegisteredNode {
  readonly resumed: Step[] = [];
  readonly messages: unknown[] = [];
  readonly redelivered: Redelivered[] = [];
  readonly kept: Step[] = [];
  /** Called with a step to reattach to, such as a start whose instance is running. */
  onKeep: (step: Step) => void = () => {};
  readonly type: string;
  readonly role: StepRole;
  readonly #behind: readonly string[];

  constructor(type: string, behind: readonly string[] = []) {
    this.type = type;
    this.role = NODES.find((node) => node.type === type)?.role ?? "upload";
    this.#behind = behind;
  }

  resume(step: Step, message: unknown): void {
    this.resumed.push(step);
    this.messages.push(message);
  }

  send(message: unknown, outlet: number): void {
    this.redelivered.push({ message, outlet });
  }

  sendError(message: unknown, error: RecordedError): void {
    this.redelivered.push({ message, outlet: "error", error });
  }

  reattach(step: Step): void {
    this.kept.push(step);
    this.onKeep(step);
  }

  leadsTo(nodeId: string): boolean {
    return this.#behind.includes(nodeId);
  }
}

/** The nodes of a started flow. */
export type FakeFlow = Readonly<Record<"upload" | "start" | "worker" | "select" | "stop", FakeNode>>;

/** Registers all nodes, except deleted ones. */
export function openFlow(runs: RunRegistry, { without = [] }: { without?: readonly StepIdentity[] } = {}): FakeFlow {
  const nodes = Object.fromEntries(
    NODES.map(({ name, type }, index) => [
      name,
      new FakeNode(
        type,
        NODES.slice(index + 1).map(({ nodeId }) => nodeId),
      ),
    ]),
  ) as FakeFlow;
  for (const { nodeId, name } of NODES.filter((identity) => !without.includes(identity))) {
    runs.nodes.register(nodeId, nodes[name as keyof FakeFlow]);
  }
  return nodes;
}

/** Starts the flows. Returns the warnings about runs that can't continue. */
export function resumeAll(runs: RunRegistry): string[] {
  const texts: string[] = [];
  runs.resumeAll((text) => texts.push(text));
  return texts;
}
