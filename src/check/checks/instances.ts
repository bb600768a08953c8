import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { findInstances } from "../../services/ec2/describe-instances.ts";
import { dryRun } from "../../services/ec2/dry-run.ts";
import { type InstanceState, isGone } from "../../services/ec2/instance-state.ts";
import { readShutdownBehavior } from "../../services/ec2/shutdown-behavior.ts";
import { type Finding, failure, notPermitted, ok, problem, type Result } from "../finding.ts";
import type { InstanceUse } from "../plan/plan.ts";

/** An instance that exists, with what the flow does with it. */
export interface FoundInstance extends InstanceState {
  readonly starts: boolean;
  readonly stops: boolean;
}

/** The instances of a flow, and what was found about them. */
export interface InstanceCheck {
  readonly instances: readonly FoundInstance[];
  readonly findings: readonly Finding[];
}

/** Finds the instances that steps name, by ids or tags. */
export async function checkInstances(
  clients: AwsClients,
  uses: readonly InstanceUse[],
  signal: AbortSignal,
): Promise<InstanceCheck> {
  const ec2 = await clients.ec2();
  const found = new Map<string, FoundInstance>();
  const faults = new Map<string, Result>();
  // Two steps may name the same instances.
  for (const { select, starts, stops } of uses) {
    const name = "ids" in select ? select.ids.join(", ") : tagsOf(select.tags);
    if (faults.has(name)) {
      continue;
    }
    try {
      for (const state of await findInstances(ec2, select, signal)) {
        const known = found.get(state.instanceId);
        found.set(state.instanceId, {
          ...state,
          starts: starts || known?.starts === true,
          stops: stops || known?.stops === true,
        });
      }
    } catch (error) {
      faults.set(name, failure(name, error));
    }
  }
  const instances = [...found.values()];
  return {
    instances: instances.filter((one) => !isGone(one)),
    findings: [...faults.values(), ...instances.map(describe)].map((one) => ({ check: "instance", ...one })),
  };
}

function describe({ instanceId, state, instanceType = "" }: FoundInstance): Result {
  const text = `It is ${state}${instanceType === "" ? "" : ` (${instanceType})`}.`;
  if (state === "terminated" || state === "shutting-down") {
    return problem(instanceId, `${text} It can't be started again. Launch another one, and enter its id.`);
  }
  return ok(instanceId, text);
}

/** Asks EC2 with dry runs whether the instances may be started and stopped. */
export async function checkPower(
  clients: AwsClients,
  instances: readonly FoundInstance[],
  signal: AbortSignal,
): Promise<Result[]> {
  const ec2 = await clients.ec2();
  const results = instances.flatMap(({ instanceId, starts, stops }) =>
    ([...(starts ? ["start"] : []), ...(stops ? ["stop"] : [])] as ("start" | "stop")[]).map(async (action) => {
      try {
        await dryRun({ ec2, action, instanceIds: [instanceId], signal });
        return ok(instanceId, `Node-RED may ${action} it.`);
      } catch (error) {
        return failure(instanceId, error);
      }
    }),
  );
  return await Promise.all(results);
}

/** Checks that a shutdown stops an instance instead of terminating it. */
export async function checkShutdown(
  clients: AwsClients,
  { instanceId }: FoundInstance,
  signal: AbortSignal,
): Promise<Result> {
  try {
    const behavior = await readShutdownBehavior({ ec2: await clients.ec2(), instanceId, signal });
    return behavior === "stop"
      ? ok(instanceId, "A shutdown stops it.")
      : problem(
          instanceId,
          `A shutdown terminates it, with its disks, so ec2 start sets no auto-stop timer. Change it: aws ec2 modify-instance-attribute --instance-id ${instanceId} --instance-initiated-shutdown-behavior stop`,
        );
  } catch (error) {
    return notPermitted(instanceId, error, "ec2:DescribeInstanceAttribute");
  }
}

function tagsOf(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
