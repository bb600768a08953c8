import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { type Fields, quickFlow } from "./quick-flow.ts";
import type { FlowNode } from "./world.ts";

/** The nodes of the main example that start a run by HTTP, and respond with its id. */
const TRIGGER: readonly string[] = ["POST /lightly-pipeline", "respond with the run's id"];

/**
 * Another example with short poll intervals, and with the HTTP trigger of the main one.
 *
 * @param o.first - type of the node that receives the message of the trigger
 */
export function otherExample(o: {
  readonly file: string;
  readonly first: string;
  readonly fields?: Fields;
}): (main: readonly FlowNode[]) => FlowNode[] {
  return (main) => {
    const nodes = JSON.parse(readFileSync(join(PACKAGE_ROOT, "examples", o.file), "utf8")) as FlowNode[];
    const first = idOf(nodes, o.first);
    const z = idOf(nodes, "tab");
    const trigger = main
      .filter(({ type, name }) => TRIGGER.includes(String(name)) || type === "http response")
      .map((node) => {
        const isStart = node.type === "http in" && Array.isArray(node.wires);
        return { ...node, z, ...(isStart && { wires: [[idOf(main, "change", TRIGGER[1]), first]] }) };
      });
    return quickFlow(o.fields)([...nodes, ...trigger]);
  };
}

function idOf(nodes: readonly FlowNode[], type: string, name?: string): string {
  const found = nodes.find((node) => node.type === type && (name === undefined || node.name === name));
  if (found === undefined) {
    throw new Error(`The example has no ${name ?? type}.`);
  }
  return found.id;
}
