import { until } from "./round.ts";
import type { FlowNode, World } from "./world.ts";

/** The kinds of deploys: everything, changed flows, or changed nodes. */
export const DEPLOYMENTS = ["full", "flows", "nodes"] as const;
export type Deployment = (typeof DEPLOYMENTS)[number];

const LIMIT_MS = 15_000;

/** Changes the flows like the editor's deploy button. @throws Error if Node-RED refuses them */
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

/** Triggers the flow when its address exists, which is a moment after the response to a deploy. */
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
