import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { instanceControl } from "../shared/instances/account-instance-control.ts";
import type { InstanceStatus } from "../shared/instances/instance-status.ts";
import { readInstanceSelector } from "../shared/instances/read-instance-selector.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { DisarmedTimers } from "./disarmed-timers.ts";
import { fields } from "./fields.ts";
import { findUntilLimit } from "./find-until-limit.ts";
import { stopUntilDone } from "./stop-until-done.ts";

interface StopOptions {
  readonly shown: InstanceStatus;
  readonly warn: (text: string) => void;
}

/** Stops the instances. A failure that a guard has already reported does not reach Catch again. */
export async function stop(
  red: NodeAPI,
  def: StepDef,
  context: StepContext,
  options: StopOptions,
): Promise<Record<string, unknown>> {
  try {
    return await stopInstances(red, def, context, options);
  } catch (error) {
    throw oncePerIncident(toPipelineError(error), context);
  }
}

async function stopInstances(
  red: NodeAPI,
  def: StepDef,
  context: StepContext,
  { shown, warn }: StopOptions,
): Promise<Record<string, unknown>> {
  const { msg, send, signal, inputs, status } = context;
  shown.forget();
  const isKeptByForm = await selectKeptRunning(context);
  const { onBusy, hibernate, forceAfterMs, waitFor, ...times } = await inputs.read(
    fields,
    "onBusy",
    "hibernate",
    "forceAfterMinutes",
    "waitFor",
    "timeoutMinutes",
    "pollSeconds",
  );
  const limits = { ...times, signal };
  const isOfRun = (await inputs.read(fields, "select")).select === "run";
  const select = isOfRun ? { ids: context.instances.leased() } : await readInstanceSelector(inputs, fields);
  const account = await openAccount(red, def).catch((error: unknown) => {
    // The guards of leased instances have clients that stop them.
    if ("ids" in select && context.instances.canStop(select.ids)) {
      return undefined;
    }
    throw error;
  });
  status.show("waiting", "stopping");
  const found =
    account && !("ids" in select) ? await findUntilLimit(account.clients, select, limits, context) : idsOf(select);

  const keptRunning = found.filter(isKeptByForm);
  const keptBecauseFound = keptRunning.filter((id) => context.instances.neededByOthers(id).length === 0);
  const idsToStop = found.filter((id) => !keptRunning.includes(id));
  if (account) {
    context.instances.useControl(found, instanceControl({ ...account, pollMs: limits.pollMs, warn }));
  }
  context.instances.release(found);
  if (keptRunning.length > 0) {
    context.events.emit({ kind: "instances-released", instanceIds: keptRunning });
  }
  // Not awaited: nothing may delay a stop.
  void context.saveCheckpoint({
    account: account?.accountId,
    instanceIds: idsToStop,
    keptRunning,
    ...(isOfRun && { ofRun: true }),
  });
  if (account && keptBecauseFound.length > 0) {
    // Otherwise the auto-stop timer of ec2 start would stop them.
    const lasting = await timersToDisarm(account.clients, warn);
    void lasting.disarm(keptBecauseFound.map((instanceId) => ({ instanceId, state: "running" })));
  }
  const timers = hibernate && account ? await timersToDisarm(account.clients, warn) : undefined;
  const stopped = await stopUntilDone(context, {
    instanceIds: idsToStop,
    isWaiting: waitFor === "stopped",
    timeoutMs: limits.timeoutMs,
    order: {
      hibernate,
      anyway: onBusy === "stop",
      forceAfterMs: forceAfterMs > 0 ? forceAfterMs : undefined,
      ...(hibernate && {
        prepare: async (state) => await timers?.disarm([state]),
        // Until a next attempt, which may not come, the timer must stop the instance.
        onRetry: () => void timers?.rearm(),
      }),
    },
  });
  const ec2 = { ...stopped, keptRunning: [...keptRunning, ...stopped.keptRunning] };
  msg.ec2 = ec2;
  msg.payload = ec2.instanceIds;
  if (ec2.keptRunning.length > 0) {
    const others = new Set(ec2.keptRunning.flatMap((id) => context.instances.neededByOthers(id)));
    status.show("done", "keptRunning", { runs: others.size });
    shown.watch({ instanceIds: ec2.keptRunning, isOn: true, onUntrue: () => status.show("done", "stopped") });
  } else {
    showStopped(context, shown, { instanceIds: ec2.instanceIds, isStopped: waitFor === "stopped" });
  }
  send(msg);
  return { ec2 };
}

/** Without waiting, the stop is only accepted; EC2 reports it as done later. A stopped instance may be started again. */
function showStopped(
  { status }: StepContext,
  shown: InstanceStatus,
  { instanceIds, isStopped }: { readonly instanceIds: readonly string[]; readonly isStopped: boolean },
): void {
  if (isStopped) {
    status.show("done", "stopped");
    shown.watch({ instanceIds, isOn: false, onUntrue: () => status.clear() });
  } else {
    status.show("waiting", "stopping");
    shown.watch({ instanceIds, isOn: true, onUntrue: () => status.show("done", "stopped") });
  }
}

async function openAccount(red: NodeAPI, def: StepDef): Promise<{ accountId: string; clients: AwsClients }> {
  const account = accountOf<AwsAccountNode>(red, def, "lightly-aws-account");
  return { accountId: account.id, clients: await account.clients() };
}

function idsOf(select: InstanceSelector): readonly string[] {
  return "ids" in select ? select.ids : [];
}

/** Codes of a step that can't send any request, because a value is missing. */
const UNUSABLE =
  /^(?:VARIABLE_UNDEFINED|ACCOUNT_MISSING|INPUT_INVALID|EC2_INSTANCE_INVALID|AWS_REGION_MISSING|AWS_CREDENTIALS_\w+)$/;

/**
 * Several branches may lead to a stop: only one of them reports that an instance is not stopped. A run that has started none, because a
 * value is missing, has reported that already.
 */
function oncePerIncident(error: PipelineError, { instances, runError }: StepContext): PipelineError {
  const ids = Array.isArray(error.details.instanceIds) ? error.details.instanceIds.map(String) : instances.leased();
  const isKnown = runError?.code === "FLOW_NOT_CONFIGURED" || runError?.code === error.code;
  const wasRefused = isKnown && ids.length === 0 && UNUSABLE.test(error.code);
  if (error.isAbort || (!wasRefused && instances.reportOnce(ids))) {
    return error;
  }
  const { code, message, details } = error;
  return new PipelineError(code, message, { details, cause: error, isReported: true });
}

/** Returns a function that decides whether an instance keeps running: for other runs, or because it was running before. */
async function selectKeptRunning({ inputs, instances }: StepContext): Promise<(instanceId: string) => boolean> {
  const { onBusy, keepRunning } = await inputs.read(fields, "onBusy", "keepRunning");
  return (id) =>
    (onBusy === "keep" && instances.neededByOthers(id).length > 0) || (keepRunning && instances.foundRunning(id));
}

async function timersToDisarm(clients: AwsClients, warn: (text: string) => void): Promise<DisarmedTimers> {
  const { DisarmedTimers } = await import("./disarmed-timers.ts");
  return new DisarmedTimers(await clients.ssm(), warn);
}
