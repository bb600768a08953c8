import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";
import { awsRequestRefused, mapCommonAwsError } from "../errors/map-aws-error.ts";
import { queryError, sendQuery, xmlElement } from "./query-request.ts";

/** What the identity's policies say about an action on a resource. */
export interface SimulatedAction {
  readonly action: string;
  readonly resource: string;
  /** `conditional`: a policy has a condition on something that a simulation does not know, such as a network address. */
  readonly decision: "allowed" | "explicitDeny" | "implicitDeny" | "conditional";
}

export interface SimulatePolicyOptions {
  readonly ec2: EC2Client;
  /** The address of IAM. */
  readonly address: string;
  /** The region for signatures: IAM has one per partition. */
  readonly region: string;
  /** The identity of the credentials, as STS reports it. */
  readonly arn: string;
  readonly actions: readonly string[];
  /** Each action is simulated on each of them. */
  readonly resources: readonly string[];
  readonly signal: AbortSignal;
}

const ACTION = "iam:SimulatePrincipalPolicy";
const DECISIONS = ["allowed", "explicitDeny", "implicitDeny"] as const;

/**
 * Asks IAM what the identity-based policies, the permissions boundary and the service control policies of an identity allow. Nothing is
 * done. Policies of resources, such as bucket policies, are not part of it.
 *
 * @throws PipelineError `AWS_REQUEST_REFUSED` if the credentials may not simulate, or the identity has no policies of its own (the root
 *   user, a role with a path), and the other `AWS_*`
 */
export async function simulatePolicy(options: SimulatePolicyOptions): Promise<SimulatedAction[]> {
  const context = { service: "iam", action: ACTION, resource: options.arn } as const;
  const parameters = new URLSearchParams({
    Action: "SimulatePrincipalPolicy",
    Version: "2010-05-08",
    PolicySourceArn: policySource(options.arn),
    MaxItems: "1000",
  });
  for (const [index, action] of options.actions.entries()) {
    parameters.set(`ActionNames.member.${index + 1}`, action);
  }
  for (const [index, resource] of options.resources.entries()) {
    parameters.set(`ResourceArns.member.${index + 1}`, resource);
  }
  let response: Awaited<ReturnType<typeof sendQuery>>;
  try {
    response = await sendQuery({ ...options, service: "iam", body: parameters.toString(), now: Date.now() });
  } catch (error) {
    throw mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
  }
  if (response.status < 200 || response.status >= 300) {
    throw refusal(queryError(response), context);
  }
  return resultsIn(response.text);
}

/** A simulation takes the role of a session. Sessions do not name the path of their role, so a role with a path is not found. */
export function policySource(arn: string): string {
  const [, partition, account, role] = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition}:iam::${account}:role/${role}`;
}

function refusal(error: Error, context: { service: "iam"; action: string; resource: string }): PipelineError {
  const { name } = readAwsError(error);
  if (/^(?:AccessDenied|AccessDeniedException)$/.test(name)) {
    return new PipelineError("AWS_REQUEST_REFUSED", `needs ${ACTION} on ${policySource(context.resource)}`, {
      cause: error,
    });
  }
  if (/^(?:NoSuchEntity|InvalidInput|ValidationError|InvalidAction)$/.test(name)) {
    return new PipelineError(
      "AWS_REQUEST_REFUSED",
      `IAM can't simulate the policies of ${context.resource} (${name})`,
      { cause: error },
    );
  }
  return mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
}

/** The members contain further lists, so the text is split at the names of the actions, which occur once per member. */
function resultsIn(text: string): SimulatedAction[] {
  return text
    .split("<EvalActionName>")
    .slice(1)
    .map((part, index, all): SimulatedAction => {
      const before = index === 0 ? (text.split("<EvalActionName>")[0] ?? "") : (all[index - 1] ?? "");
      const member = `${before.slice(before.lastIndexOf("<member>"))}<EvalActionName>${part}`;
      const decision = DECISIONS.find((one) => one === xmlElement(member, "EvalDecision")) ?? "implicitDeny";
      const isConditional = decision !== "allowed" && /<MissingContextValues>\s*<member>/.test(part);
      return {
        action: xmlElement(member, "EvalActionName") ?? "",
        resource: xmlElement(member, "EvalResourceName") ?? "*",
        decision: isConditional ? "conditional" : decision,
      };
    });
}
