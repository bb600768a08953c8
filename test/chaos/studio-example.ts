import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { quickFlow } from "./quick-flow.ts";
import type { FlowNode } from "./world.ts";

/** The nodes of the other example that start a run by HTTP, and answer with its id. */
const TRIGGER: readonly string[] = ["POST /lightly-pipeline", "answer with the run's id"];

/** `examples/studio.json` with short poll intervals, and with the HTTP trigger of the other example. */
export function studioExample(others: readonly FlowNode[]): FlowNode[] {
  const nodes = JSON.parse(readFileSync(join(PACKAGE_ROOT, "examples", "studio.json"), "utf8")) as FlowNode[];
  const first = idOf(nodes, "lightly-pexels-download");
  const z = idOf(nodes, "tab");
  const trigger = others
    .filter(({ type, name }) => TRIGGER.includes(String(name)) || type === "http response")
    .map((node) => {
      const isStart = node.type === "http in" && Array.isArray(node.wires);
      return { ...node, z, ...(isStart && { wires: [[idOf(others, "change", TRIGGER[1]), first]] }) };
    });
  return quickFlow({ "lightly-studio-select": { retrySeconds: "0.2" } })([...nodes, ...trigger]);
}

function idOf(nodes: readonly FlowNode[], type: string, name?: string): string {
  const found = nodes.find((node) => node.type === type && (name === undefined || node.name === name));
  if (found === undefined) {
    throw new Error(`The example has no ${name ?? type}.`);
  }
  return found.id;
}
