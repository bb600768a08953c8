import { connectLightly } from "../nodes/lightly-account/connect-lightly.ts";
import { awsSettings } from "../nodes/lightly-aws-account/aws-settings.ts";
import { connectPexels } from "../nodes/lightly-pexels-account/connect-pexels.ts";
import { systemClock } from "../polling/clock.ts";
import { withinLimit } from "../polling/within-limit.ts";
import { checkAws } from "./check-aws.ts";
import { CHECKS, type CheckName, type Finding, type FindingStatus, failure, unchecked } from "./finding.ts";
import { accountLabel, type FlowNode } from "./flow-node.ts";
import type { FlowPlan, LightlyPlan } from "./plan/plan.ts";
import { readPlan } from "./plan/read-plan.ts";
import { type MissingValue, missingValues } from "./unset.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** The result of a check: what is missing, and what was found. */
export interface FlowReport {
  /** `problem` if a value is missing or a finding is a problem. */
  readonly status: Exclude<FindingStatus, "unchecked">;
  readonly missing: readonly MissingValue[];
  /** In the order of {@link CHECKS}. */
  readonly findings: readonly Finding[];
}

/** The time limit of one account, and so of a whole check, in milliseconds. */
const ACCOUNT_LIMIT_MS = 25_000;

/**
 * Checks what the steps of a flow need, as far as that is known without a message: values, credentials, permissions, buckets, instances,
 * Lightly and Pexels. It changes nothing, starts no instance, and takes less than 30 seconds: accounts are checked in parallel.
 *
 * @param nodes - the steps of the flow, and the accounts
 */
export async function checkFlow(nodes: readonly FlowNode[], limitMs = ACCOUNT_LIMIT_MS): Promise<FlowReport> {
  const plan = readPlan(nodes);
  const missing = missingValues(usedNodes(nodes));
  const incomplete = new Set(missing.flatMap(({ neededBy }) => neededBy.map(({ nodeId }) => nodeId)));
  const within = (account: FlowNode, check: CheckName, work: (signal: AbortSignal) => Promise<Finding[]>) =>
    checkAccount(account, { check, limitMs, isIncomplete: incomplete.has(account.id), work });
  const found = await Promise.all([
    ...plan.aws.map((one) =>
      within(one.account, "credentials", async (signal) => {
        const { AwsClients } = await import("../services/aws/clients/aws-clients.ts");
        const clients = new AwsClients(awsSettings(formOf(one.account), one.account.stored));
        try {
          return await checkAws(clients, one, lightlyBuckets(plan), signal);
        } finally {
          await clients.destroy();
        }
      }),
    ),
    ...plan.lightly.map((one) => within(one.account, "token", (signal) => checkLightlyAccount(one, signal))),
    ...plan.pexels.map((account) => within(account, "pexels", (signal) => checkPexelsAccount(account, signal))),
  ]);
  const findings = inOrder([...plan.findings, ...found.flat()]);
  const has = (status: FindingStatus): boolean => findings.some((finding) => finding.status === status);
  const report: FlowReport = {
    status: missing.length > 0 || has("problem") ? "problem" : has("warning") ? "warning" : "ok",
    missing,
    findings,
  };
  return withoutSecrets(report, nodes);
}

/** Steps, and then the accounts that one of them has chosen. */
function usedNodes(nodes: readonly FlowNode[]): FlowNode[] {
  const chosen = new Set(nodes.flatMap(({ stored }) => [stored.account, stored.awsAccount]));
  const isAccount = ({ type }: FlowNode): boolean => type.endsWith("-account");
  return [
    ...nodes.filter((node) => !isAccount(node)),
    ...nodes.filter((node) => isAccount(node) && chosen.has(node.id)),
  ];
}

/** Any AWS account of the flow may know the buckets that Lightly uses with its own role. */
function lightlyBuckets({ lightly }: FlowPlan) {
  return [
    ...new Map(
      lightly.flatMap(({ uses }) => uses.flatMap(({ buckets }) => buckets)).map((one) => [one.bucket, one]),
    ).values(),
  ];
}

async function checkLightlyAccount({ account, uses }: LightlyPlan, signal: AbortSignal): Promise<Finding[]> {
  const { client } = await connectLightly(formOf(account), account.stored);
  const { checkLightly } = await import("./checks/lightly.ts");
  return await checkLightly(client, accountLabel(account), uses, signal);
}

async function checkPexelsAccount(account: FlowNode, signal: AbortSignal): Promise<Finding[]> {
  const client = await connectPexels(formOf(account), account.stored);
  const { checkPexels } = await import("./checks/pexels.ts");
  return [{ check: "pexels", ...(await checkPexels(client, accountLabel(account), signal)) }];
}

/** An account that can't be used at all is one finding, and so is one that takes too long. */
async function checkAccount(
  account: FlowNode,
  options: {
    readonly check: CheckName;
    readonly limitMs: number;
    /** Whether one of its values is in the list of missing values. */
    readonly isIncomplete: boolean;
    readonly work: (signal: AbortSignal) => Promise<Finding[]>;
  },
): Promise<Finding[]> {
  const { check, limitMs, isIncomplete, work } = options;
  const name = accountLabel(account);
  if (isIncomplete) {
    return [{ check, ...unchecked(name, "a value of it is missing.") }];
  }
  if (account.hasUnknownSecrets) {
    return [{ check, ...unchecked(name, "its secrets are encrypted, and there is no key to read them.") }];
  }
  try {
    return await withinLimit({ work, limitMs, clock: systemClock });
  } catch (error) {
    const isLate = error instanceof Error && error.name === "LimitReached";
    return [{ check, ...(isLate ? unchecked(name, `no response within ${limitMs / 1000} s.`) : failure(name, error)) }];
  }
}

/** The name of the account is all that the settings need besides its values. */
function formOf({ type, name }: FlowNode) {
  return { type, name };
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((one, other) => CHECKS.indexOf(one.check) - CHECKS.indexOf(other.check));
}
