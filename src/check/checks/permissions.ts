import { toPipelineError } from "../../errors/pipeline-error.ts";
import { policySource, type SimulatedAction, simulatePolicy } from "../../services/aws/account/simulate-policy.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { bucketArn, objectsArn } from "../../services/s3/bucket-name.ts";
import { ok, problem, type Result, unchecked, warning } from "../finding.ts";
import type { AwsPlan, BatchUse } from "../plan/plan.ts";

/** Actions that are simulated on the same resources. */
interface ActionGroup {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The identity of the account, for {@link checkPermissions}. */
export interface Identity {
  readonly arn: string;
  readonly region: string;
  /** The instances that exist. */
  readonly instanceIds: readonly string[];
}

/**
 * Asks IAM whether the policies of the credentials allow what the steps do, as far as no other check tries it: starting and stopping are
 * dry runs, and buckets are tried.
 */
export async function checkPermissions(
  clients: AwsClients,
  plan: AwsPlan,
  { arn, region, instanceIds }: Identity,
  signal: AbortSignal,
): Promise<Result[]> {
  const groups = groupsOf(plan, { arn, region, instanceIds }).filter(({ actions }) => actions.length > 0);
  if (groups.length === 0) {
    return [];
  }
  if (arn.endsWith(":root")) {
    return [
      warning(arn, "The root user may do everything. Use a user or a role with the policy of docs/permissions.md."),
    ];
  }
  const iam = await clients.iam();
  const ec2 = await clients.ec2();
  const all = groups.flatMap(({ actions }) => actions);
  try {
    const results = await Promise.all(groups.map((group) => simulatePolicy({ ec2, ...iam, arn, ...group, signal })));
    return judged(results.flat(), policySource(arn));
  } catch (error) {
    const { message } = toPipelineError(error);
    return [unchecked(policySource(arn), `${message.replace(/\.$/, "")}. Actions: ${all.join(", ")}.`)];
  }
}

function groupsOf(
  { folders, instances, batch, usesAgent, sendsCommands, shutsDown }: AwsPlan,
  { arn, region, instanceIds }: Identity,
): ActionGroup[] {
  const [, partition = "aws", account = "*"] = /^arn:([\w-]+):\w+::(\d+):/.exec(arn) ?? [];
  const describes = [
    ...(instances.length > 0 ? ["ec2:DescribeInstances"] : []),
    ...(shutsDown ? ["ec2:DescribeInstanceAttribute"] : []),
    ...(usesAgent ? ["ssm:DescribeInstanceInformation"] : []),
    ...(sendsCommands ? ["ssm:GetCommandInvocation", "ssm:ListCommands", "ssm:CancelCommand"] : []),
  ];
  const commandTargets = [
    `arn:${partition}:ssm:${region}::document/AWS-RunShellScript`,
    ...instanceIds.map((id) => `arn:${partition}:ec2:${region}:${account}:instance/${id}`),
  ];
  return [
    { actions: describes, resources: ["*"] },
    { actions: sendsCommands ? ["ssm:SendCommand"] : [], resources: commandTargets },
    ...batchGroups(batch, `arn:${partition}:batch:${region}:${account}`),
    ...folders.flatMap(({ bucket, prefix, writes, lists, actions }) => [
      {
        actions: [...(writes ? ["s3:ListMultipartUploadParts"] : []), ...actions],
        resources: [objectsArn(bucket, prefix, partition)],
      },
      {
        actions: [...(writes ? ["s3:ListBucketMultipartUploads"] : []), ...(lists ? ["s3:ListBucket"] : [])],
        resources: [bucketArn(bucket, partition)],
      },
    ]),
  ];
}

function batchGroups(uses: readonly BatchUse[], arn: string): ActionGroup[] {
  const arnOf = (kind: string, name: string): string => (name.startsWith("arn:") ? name : `${arn}:${kind}/${name}`);
  return uses.length === 0
    ? []
    : [
        { actions: ["batch:DescribeJobs", "batch:ListJobs"], resources: ["*"] },
        { actions: ["batch:TerminateJob"], resources: [`${arn}:job/*`] },
        ...uses.map(({ queue, definition }) => ({
          actions: ["batch:SubmitJob"],
          resources: [
            ...(queue === undefined ? [] : [arnOf("job-queue", queue)]),
            ...(definition === undefined ? [] : [arnOf("job-definition", definition)]),
            `${arn}:job/*`,
          ],
        })),
      ];
}

/** One result per resource that is refused, and one for everything that is allowed. */
function judged(results: readonly SimulatedAction[], who: string): Result[] {
  const allowed = results.filter(({ decision }) => decision === "allowed").map(({ action }) => action);
  const refused = results.filter(({ decision }) => decision !== "allowed");
  return [
    ...(allowed.length > 0 ? [ok(who, `Allowed: ${[...new Set(allowed)].join(", ")}.`)] : []),
    ...refused.map(({ action, resource, decision }): Result => {
      switch (decision) {
        case "conditional":
          return unchecked(who, `whether it may ${action} on ${resource} depends on conditions of the request.`);
        case "explicitDeny":
          return problem(who, `A policy denies ${action} on ${resource}. Remove the deny: it overrides every allow.`);
        default:
          return action.startsWith("s3:")
            ? warning(
                who,
                `No policy of it allows ${action} on ${resource}. Allow it there or in the policy of the bucket.`,
              )
            : problem(
                who,
                `No policy allows ${action} on ${resource}. Allow it in the IAM policy of these credentials.`,
              );
      }
    }),
  ];
}
