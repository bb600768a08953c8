import type { FlowNode } from "./world.ts";

/** So often a step asks EC2 and SSM, where it waits for five seconds otherwise. */
const POLL_SECONDS = "0.1";

/** The fields of nodes by their type. */
export type Fields = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The example flow with short pauses between looks, and with other values in fields of its nodes. */
export function quickFlow(fields: Fields = {}): (nodes: readonly FlowNode[]) => FlowNode[] {
  return (nodes) =>
    nodes.map((node) => ({
      ...node,
      ...("pollSeconds" in node ? { pollSeconds: POLL_SECONDS } : {}),
      ...fields[node.type],
    }));
}
