import { EC2Client, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Sandbox } from "lightly-aws-sandbox";
import { checkFlow, type FlowReport } from "../../src/check/check-flow.ts";
import type { CheckName, Finding, FindingStatus } from "../../src/check/finding.ts";
import { readFlowFile } from "../../src/check/flow-file/flow-file.ts";
import type { FlowNode } from "../../src/check/flow-node.ts";
import { readAgents } from "../../src/services/ssm/agents.ts";
import { until } from "../nodes/support/until.ts";

/** Changes of the values of a node, by type. */
export type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Checks an example with changed forms. The variables are those of the environment. */
export async function checkExample(changes: Changes = {}, example = "flows.json"): Promise<FlowReport> {
  const { nodes } = await readFlowFile(`examples/${example}`);
  const changed = nodes.map((node): FlowNode => ({ ...node, stored: { ...node.stored, ...changes[node.type] } }));
  return await checkFlow(changed);
}

/** The findings of one check as `status: message`. */
export function said({ findings }: FlowReport, check: CheckName, status?: FindingStatus): string[] {
  return findings
    .filter((one) => one.check === check && (status === undefined || one.status === status))
    .map((one) => `${one.status}: ${one.resource}: ${one.message}`);
}

/** Everything that is neither fine nor unchecked. */
export function troubles({ findings }: FlowReport): Finding[] {
  return findings.filter(({ status }) => status === "problem" || status === "warning");
}

/** Starts or stops the instance of a sandbox, and waits until its agent is online. */
export async function power(sandbox: Sandbox, isOn: boolean): Promise<void> {
  const { endpoints, region, credentials, instanceId } = sandbox;
  const ec2 = new EC2Client({ endpoint: endpoints.aws, region, credentials });
  const input = { InstanceIds: [instanceId] };
  await (isOn ? ec2.send(new StartInstancesCommand(input)) : ec2.send(new StopInstancesCommand(input)));
  const wanted = isOn ? "running" : "stopped";
  const state = (): string => sandbox.record.instances().find((one) => one.instanceId === instanceId)?.state ?? "";
  await until(() => state() === wanted);
  ec2.destroy();
  if (isOn && !sandbox.faults.neverOnline) {
    const ssm = new SSMClient({ endpoint: endpoints.aws, region, credentials });
    const { signal } = new AbortController();
    await until(
      async () => (await readAgents(ssm, [instanceId], signal)).get(instanceId)?.pingStatus === "Online",
      5000,
    );
    ssm.destroy();
  }
}
