import { toPipelineError } from "../../errors/pipeline-error.ts";
import type { StopOrder } from "../../instances/stop-orders.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { instanceControl } from "../shared/instances/account-instance-control.ts";
import type { InstanceStatus } from "../shared/instances/instance-status.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { DisarmedTimers } from "./disarmed-timers.ts";
import { fields } from "./fields.ts";
import { findSelected } from "./find-selected.ts";
import { oncePerIncident } from "./once-per-incident.ts";
import { showResult } from "./show-result.ts";
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
  const { msg, send, signal, inputs } = context;
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
  const { instanceIds, isOfRun, account } = await findSelected(red, def, context, { ...times, signal });
  const keptRunning = instanceIds.filter(isKeptByForm);
  const keptBecauseFound = keptRunning.filter((id) => context.instances.neededByOthers(id).length === 0);
  const idsToStop = instanceIds.filter((id) => !keptRunning.includes(id));
  if (account) {
    context.instances.useControl(instanceIds, instanceControl({ ...account, pollMs: times.pollMs, warn }));
  }
  context.instances.release(instanceIds);
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
    timeoutMs: times.timeoutMs,
    order: orderOf({ onBusy, hibernate, forceAfterMs }, timers),
  });
  const ec2 = { ...stopped, keptRunning: [...keptRunning, ...stopped.keptRunning] };
  msg.ec2 = ec2;
  msg.payload = ec2.instanceIds;
  showResult(context, shown, ec2, waitFor === "stopped");
  send(msg);
  return { ec2 };
}

/** Returns a function that decides whether an instance keeps running: for other runs, or because it was running before. */
async function selectKeptRunning({ inputs, instances }: StepContext): Promise<(instanceId: string) => boolean> {
  const { onBusy, keepRunning } = await inputs.read(fields, "onBusy", "keepRunning");
  return (id) =>
    (onBusy === "keep" && instances.neededByOthers(id).length > 0) || (keepRunning && instances.foundRunning(id));
}

/** The order that the form describes. The timers are those to disarm before a hibernation. */
function orderOf(
  form: { readonly onBusy: string; readonly hibernate: boolean; readonly forceAfterMs: number },
  timers: DisarmedTimers | undefined,
): StopOrder {
  const { onBusy, hibernate, forceAfterMs } = form;
  return {
    hibernate,
    anyway: onBusy === "stop",
    forceAfterMs: forceAfterMs > 0 ? forceAfterMs : undefined,
    ...(timers && {
      prepare: (state) => timers.disarm([state]),
      // Until a next attempt, which may not come, the timer must stop the instance.
      onRetry: () => void timers.rearm(),
    }),
  };
}

async function timersToDisarm(clients: AwsClients, warn: (text: string) => void): Promise<DisarmedTimers> {
  const { DisarmedTimers } = await import("./disarmed-timers.ts");
  return new DisarmedTimers(await clients.ssm(), warn);
}
