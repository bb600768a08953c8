import { isOpen, type StepRole } from "../../records/run-record.ts";
import type { RegisteredNodes } from "./registered-node.ts";
import type { Step } from "./step.ts";

/** The roles of steps before an upload. Uploads after other steps, such as those of results, are not inputs of the worker. */
const BEFORE_UPLOAD: ReadonlySet<StepRole> = new Set(["source", "download", "upload"]);

/**
 * Whether an open step, or a pending message, of a download or an upload leads to another upload.
 *
 * @param options.withoutSent - leaves out steps that have sent their whole sequence of messages, and wait for its end
 */
export function leadToUpload(
  steps: Iterable<Step>,
  nodes: RegisteredNodes,
  { withoutSent = false }: { readonly withoutSent?: boolean } = {},
): boolean {
  const isUpload = (nodeId: string): boolean => nodes.get(nodeId)?.role === "upload";
  return [...steps]
    .filter(({ record }) => BEFORE_UPLOAD.has(record.role))
    .some(
      ({ record, outbox, sequence }) =>
        outbox.pending.some(({ to }) => to.some(isUpload)) ||
        (isOpen(record) && !(withoutSent && sequence.isSent) && nodes.leadsToOther(record.nodeId, "upload")),
    );
}

/**
 * Whether the run is going to lease instances in a node: a step of the node is running and has not requested a lease yet, or messages
 * lead to the node.
 *
 * @param options.hasAsked - whether the run has requested a lease in this node
 */
export function leadTo(
  nodeId: string,
  { steps, nodes, hasAsked }: { steps: Iterable<Step>; nodes: RegisteredNodes; hasAsked: boolean },
): boolean {
  return [...steps].some(({ record, outbox }) => {
    if (record.sequence?.hasOwnRuns && isOpen(record)) {
      return false; // What it sends are other runs: it waits for them, and they must not wait for it.
    }
    const isExpected = outbox.pending.some(({ to }) => to.some((id) => id === nodeId || nodes.leadsTo(id, nodeId)));
    // A step that has started precedes later runs even while it is still searching its instances.
    const isYetToAsk = !hasAsked && record.checkpoint?.leased !== true;
    return (
      isExpected || (isOpen(record) && (record.nodeId === nodeId ? isYetToAsk : nodes.leadsTo(record.nodeId, nodeId)))
    );
  });
}
