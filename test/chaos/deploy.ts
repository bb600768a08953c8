import { until } from "./round.ts";
import type { FlowNode, World } from "./world.ts";

/** How Node-RED deploys: everything, the flows that have changed, or the nodes that have. */
export const DEPLOYMENTS = ["full", "flows", "nodes"] as const;
export type Deployment = (typeof DEPLOYMENTS)[number];

const LIMIT_MS = 15_000;

/** Changes the flows as the editor's deploy button does. @throws Error when Node-RED refuses them */
export async function deploy(
  { url }: World,
  kind: Deployment,
  change: (nodes: readonly FlowNode[]) => readonly FlowNode[],
): Promise<void> {
  const nodes = (await (await fetch(`${url}/flows`)).json()) as FlowNode[];
  const response = await fetch(`${url}/flows`, {
    method: "POST",
    headers: { "content-type": "application/json", "node-red-deployment-type": kind },
    body: JSON.stringify(change(nodes)),
  });
  if (!response.ok) {
    throw new Error(`Node-RED refused the flows: HTTP ${response.status} ${await response.text()}`);
  }
}

/** Triggers the flow once its address is there: Node-RED answers a deploy a moment earlier. */
export async function triggerOnceDeployed(world: World): Promise<string> {
  let runId: string | undefined;
  await until(
    "the trigger",
    async () => {
      runId = await world.trigger();
      return runId !== undefined;
    },
    LIMIT_MS,
  );
  return runId ?? "";
}
