import type { NodeAPI } from "node-red";
import type { FlowReport } from "../../check/check-flow.ts";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { nodesOf } from "./running-nodes.ts";

/**
 * Checks a flow as it is deployed, over Node-RED's admin API: `GET lightly-aws/check?flow=ID` (permission `lightly-aws-check.read`). Without
 * `flow`, all flows are checked. Nothing is changed, and the response contains no secret.
 */
export function addCheckRoutes(red: NodeAPI): void {
  const running = new Map<string, Promise<FlowReport>>();

  red.httpAdmin.get("/lightly-aws/check", red.auth.needsPermission("lightly-aws-check.read"), ({ query }, response) => {
    const flow = typeof query.flow === "string" ? query.flow : "";
    // Two users who check the same flow at the same time share one check.
    const report = running.get(flow) ?? check(red, flow).finally(() => running.delete(flow));
    running.set(flow, report);
    report.then(
      (found) => response.json(found),
      (thrown: unknown) => {
        const { code, message } = toPipelineError(thrown);
        response.status(500).json({ code, message });
      },
    );
  });
}

/** Loaded with the first check, because it needs the AWS SDK. */
async function check(red: NodeAPI, flow: string): Promise<FlowReport> {
  const { checkFlow } = await import("../../check/check-flow.ts");
  return await checkFlow(nodesOf(red, flow));
}
