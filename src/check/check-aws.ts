import { systemClock } from "../polling/clock.ts";
import { withinLimit } from "../polling/within-limit.ts";
import type { AwsClients } from "../services/aws/clients/aws-clients.ts";
import { checkBatchDefinition, checkBatchQueue } from "./checks/batch.ts";
import { checkFolder, checkLightlyBucket } from "./checks/buckets.ts";
import { checkIdentity, type IdentityCheck } from "./checks/identity.ts";
import { checkInstances, checkPower, checkShutdown, type FoundInstance } from "./checks/instances.ts";
import { checkOnInstance } from "./checks/on-instance.ts";
import { checkPermissions } from "./checks/permissions.ts";
import { type CheckName, type Finding, failure, type Result, unchecked } from "./finding.ts";
import { accountLabel } from "./flow-node.ts";
import type { AwsPlan, LightlyBucket } from "./plan/plan.ts";

/** Limits in milliseconds, one after the other: credentials may come from a program, and a command takes longer than a request. */
const IDENTITY_LIMIT_MS = 8000;
const REQUEST_LIMIT_MS = 6000;
const COMMAND_LIMIT_MS = 10_000;

/** Checks what the steps of a flow use of one AWS account. What does not depend on each other is checked in parallel. */
export async function checkAws(
  clients: AwsClients,
  plan: AwsPlan,
  lightlyBuckets: readonly LightlyBucket[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const name = accountLabel(plan.account);
  const identity = await identityOf(clients, name, signal);
  const { findings, arn, region, isUsable } = identity;
  if (!isUsable) {
    return [...findings, ...skipped(plan, lightlyBuckets)];
  }
  const own = new Set(plan.folders.map(({ bucket }) => bucket));
  const work = await Promise.all([
    ...plan.folders.map((folder) =>
      limited("bucket", folder.bucket, signal, (limit) => checkFolder(clients, folder, limit)),
    ),
    ...lightlyBuckets
      .filter(({ bucket }) => !own.has(bucket))
      .map((one) =>
        limited("bucket", one.bucket, signal, async (limit) => [await checkLightlyBucket(clients, one, limit)]),
      ),
    ...batchChecks(clients, plan, signal),
    checkCompute(clients, plan, arn === undefined || region === undefined ? undefined : { arn, region }, signal),
  ]);
  return [...findings, ...work.flat()];
}

async function identityOf(clients: AwsClients, name: string, signal: AbortSignal): Promise<IdentityCheck> {
  try {
    return await withinLimit({
      work: (limit) => checkIdentity(clients, name, limit),
      limitMs: IDENTITY_LIMIT_MS,
      signal,
      clock: systemClock,
    });
  } catch (error) {
    return { findings: [{ check: "credentials", ...lateOr(name, error) }], isUsable: false };
  }
}

/** Instances, and what depends on which of them exist. */
async function checkCompute(
  clients: AwsClients,
  plan: AwsPlan,
  identity: { readonly arn: string; readonly region: string } | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  let instances: readonly FoundInstance[] = [];
  const found: Finding[] = [];
  if (plan.instances.length > 0) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]);
    const checked = await checkInstances(clients, plan.instances, limit);
    instances = checked.instances;
    found.push(...checked.findings);
  }
  const ids = instances.map(({ instanceId }) => instanceId);
  const rest = await Promise.all([
    ...(identity === undefined
      ? []
      : [
          limited("permissions", identity.arn, signal, (limit) =>
            checkPermissions(clients, plan, { ...identity, instanceIds: ids }, limit),
          ),
        ]),
    limited("permissions", ids.join(", "), signal, (limit) => checkPower(clients, instances, limit)),
    ...(plan.shutsDown ? instances.filter(({ starts }) => starts) : []).map((one) =>
      limited("shutdown", one.instanceId, signal, async (limit) => [await checkShutdown(clients, one, limit)]),
    ),
    ...(plan.usesAgent ? instances : []).map((one) => onInstance(clients, one, plan, signal)),
  ]);
  return [...found, ...rest.flat()];
}

async function onInstance(
  clients: AwsClients,
  instance: FoundInstance,
  { onInstance: wanted }: AwsPlan,
  signal: AbortSignal,
): Promise<Finding[]> {
  const name = instance.instanceId;
  try {
    return await withinLimit({
      work: (limit) => checkOnInstance(clients, instance, wanted, limit),
      limitMs: COMMAND_LIMIT_MS,
      signal,
      clock: systemClock,
    });
  } catch (error) {
    return [{ check: "agent", ...lateOr(name, error) }];
  }
}

/** A check with a time limit of its own, so that one service that does not respond hides no other finding. */
async function limited(
  check: CheckName,
  name: string,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<ReadonlyArray<Result & { readonly check?: CheckName }>>,
): Promise<Finding[]> {
  try {
    const results = await withinLimit({ work, limitMs: REQUEST_LIMIT_MS, signal, clock: systemClock });
    return results.map((one) => ({ check, ...one }));
  } catch (error) {
    return [{ check, ...lateOr(name, error) }];
  }
}

function lateOr(name: string, error: unknown): Result {
  return error instanceof Error && error.name === "LimitReached"
    ? unchecked(name, `${error.message}.`)
    : failure(name, error);
}

/** Several steps may use the same queue or job definition. */
function batchChecks(clients: AwsClients, { batch }: AwsPlan, signal: AbortSignal): Array<Promise<Finding[]>> {
  const queues = new Map(batch.flatMap((use) => (use.queue === undefined ? [] : [[use.queue, use] as const])));
  const definitions = new Map(
    batch.flatMap((use) => (use.definition === undefined ? [] : [[use.definition, use] as const])),
  );
  return [
    ...[...queues].map(([queue, use]) =>
      limited("queue", queue, signal, (limit) => checkBatchQueue(clients, { ...use, queue }, limit)),
    ),
    ...[...definitions].map(([definition, use]) =>
      limited("definition", definition, signal, (limit) =>
        checkBatchDefinition(clients, { ...use, definition }, limit),
      ),
    ),
  ];
}

/** Without valid credentials nothing else can be checked, and nothing else is wrong as far as is known. */
function skipped(
  { folders, instances, batch, usesAgent }: AwsPlan,
  lightlyBuckets: readonly LightlyBucket[],
): Finding[] {
  const why = "the credentials of the account can't be used.";
  const buckets = new Set([...folders, ...lightlyBuckets].map(({ bucket }) => bucket));
  const names = instances.flatMap(({ select }) => ("ids" in select ? select.ids : []));
  return [
    ...[...buckets].map((name): Finding => ({ check: "bucket", ...unchecked(name, why) })),
    ...unique(batch.map(({ queue }) => queue)).map((name): Finding => ({ check: "queue", ...unchecked(name, why) })),
    ...unique(batch.map(({ definition }) => definition)).map(
      (name): Finding => ({ check: "definition", ...unchecked(name, why) }),
    ),
    ...[...new Set(names)].flatMap((name): Finding[] => [
      { check: "instance", ...unchecked(name, why) },
      ...(usesAgent ? [{ check: "agent" as const, ...unchecked(name, why) }] : []),
    ]),
  ];
}

function unique(names: ReadonlyArray<string | undefined>): string[] {
  return [...new Set(names.flatMap((name) => name ?? []))];
}
