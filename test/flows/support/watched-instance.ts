import type { SandboxEvent, SandboxOptions } from "lightly-aws-sandbox";
import { instanceState } from "../../../scripts/local/instance-state.ts";
import { type FlowNode, type Restarts, useRestarts } from "./restarts.ts";

export const START = "lightly-ec2-start";
export const STOP = "lightly-ec2-stop";
export const COMMAND = "lightly-ssm-run-script";
export const SELECT = "lightly-run";

/** A change of a flow that gives all nodes of a type other values. */
export const change =
  (type: string, values: object) =>
  (nodes: FlowNode[]): FlowNode[] =>
    nodes.map((node) => (node.type === type ? { ...node, ...values } : node));

/** The instance of the example's runs, since the start of a test. */
export interface WatchedInstance {
  readonly restarts: Restarts;
  /** Starts a test with the example flow and a short poll interval for EC2. */
  start(edit?: (nodes: FlowNode[]) => FlowNode[]): Promise<void>;
  events(kind: string): readonly SandboxEvent[];
  /** The states that it has entered. */
  states(): unknown[];
  isOff(): Promise<boolean>;
  /** The lines that Node-RED has logged. */
  log(): readonly string[];
  hasWarned(pattern: RegExp): boolean;
}

/** A sandbox and a Node-RED for the tests of a file about the end of an instance. */
export function useWatchedInstance(delays?: SandboxOptions["delays"]): WatchedInstance {
  const restarts = useRestarts({ shared: true, ...(delays && { delays }) });
  let example: FlowNode[] = [];
  let since = 0;
  let lines = 0;
  const watched: WatchedInstance = {
    restarts,
    start: async (edit = (nodes) => nodes) => {
      await restarts.start();
      await restarts.deploy((nodes) => {
        example = example.length > 0 ? example : nodes;
        return edit(example.map((node) => ("pollSeconds" in node ? { ...node, pollSeconds: "0.1" } : node)));
      });
      since = restarts.sandbox.events.list().at(-1)?.id ?? 0;
      lines = restarts.log.length;
    },
    events: (kind) => restarts.sandbox.events.list({ kind, after: since }),
    states: () => watched.events("instance").map(({ state }) => state),
    isOff: async () => (await instanceState(restarts.sandbox)) === "stopped",
    log: () => restarts.log.slice(lines),
    hasWarned: (pattern) => watched.log().some((line) => pattern.test(line)),
  };
  return watched;
}
