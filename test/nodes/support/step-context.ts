import type { Message, Node, NodeAPI } from "../../../src/nodes/shared/node-red.ts";
import { StepContext } from "../../../src/nodes/shared/step/step-context.ts";
import type { Step } from "../../../src/runs/steps/step.ts";

/** The context of a step whose node is not part of a flow. */
export function contextOf(step: Step, msg: Message = {} as Message): StepContext {
  const red = { _: (key: string) => key, nodes: { getNode: () => null, eachNode: () => {} } } as unknown as NodeAPI;
  const node = { id: "n", type: step.record.type, wires: [], status: () => {}, warn: () => {} } as unknown as Node;
  return new StepContext({ red, node, def: {} as never, msg, send: () => {}, step });
}
