import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { Step } from "../../runs/steps/step.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/account.ts";
import type { Inputs } from "../shared/inputs.ts";
import { instanceControl } from "../shared/instance-control.ts";
import { instanceSelector } from "../shared/instances.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step-node.ts";
import type { StepContext } from "../shared/step-options.ts";
import { minutes, pollPause } from "../shared/waiting.ts";
import type { DisarmedTimers } from "./disarmed-timers.ts";
import { findPersistently } from "./find-persistently.ts";
import { untilStopped } from "./until-stopped.ts";

export default function ec2Stop(red: NodeAPI): void {
  red.nodes.registerType("lightly-ec2-stop", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    stepNode(red, this, def, {
      alwaysRuns: true,
      handle: (context) =>
        stop(red, def, context, (text) => this.warn(text)).catch((error: unknown) => {
          throw oncePerIncident(toPipelineError(error), context.step);
        }),
    });
  });
}

async function stop(
  red: NodeAPI,
  def: StepDef,
  context: StepContext,
  warn: (text: string) => void,
): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const stays = await whatStaysOn(inputs, step);
  const hibernate = inputs.flag("hibernate", false);
  const forceAfterMs = await minutes(inputs, "forceAfterMinutes", 0);
  const isWaiting = (await inputs.choice("waitFor", ["stopped", "accepted"])) === "stopped";
  const limits = { timeoutMs: await minutes(inputs, "timeoutMinutes", 15), pollMs: await pollPause(inputs), signal };
  const select = await instanceSelector(inputs, def);
  const account = await openAccount(red, def).catch((error: unknown) => {
    // Whoever has started the instances has lent clients that stop them.
    if ("ids" in select && step.instances.canStop(select.ids)) {
      return undefined;
    }
    throw error;
  });
  status.show("waiting", "stopping");
  const found =
    account && !("ids" in select) ? await findPersistently(account.clients, select, limits, context) : idsOf(select);

  const keptRunning = found.filter(stays);
  const leftAsFound = keptRunning.filter((id) => step.instances.neededByOthers(id).length === 0);
  const going = found.filter((id) => !keptRunning.includes(id));
  if (account) {
    step.instances.lend(found, instanceControl({ ...account, pollMs: limits.pollMs, warn }));
  }
  step.instances.release(found);
  if (keptRunning.length > 0) {
    step.facts.tell({ kind: "instances-released", instanceIds: keptRunning });
  }
  // Not waited for: nothing may hold up a stop.
  void step.checkpoint({ account: account?.accountId, instanceIds: going, keptRunning: keptRunning });
  if (account && leftAsFound.length > 0) {
    // Else the timer of ec2 start would switch off what is to stay on.
    const lasting = await timersToDisarm(account.clients, warn);
    void lasting.disarm(leftAsFound.map((instanceId) => ({ instanceId, state: "running" })));
  }
  const timers = hibernate && account ? await timersToDisarm(account.clients, warn) : undefined;
  const stopped = await untilStopped(context, {
    instanceIds: going,
    isWaiting,
    timeoutMs: limits.timeoutMs,
    order: {
      hibernate,
      anyway: stopsInUse(def),
      ...(forceAfterMs > 0 && { forceAfterMs }),
      ...(hibernate && {
        prepare: async (state) => await timers?.disarm([state]),
        // Until the next try, and should there be none, the timer is what stops the instance.
        onTrouble: () => void timers?.putBack(),
      }),
    },
  });
  const ec2 = { ...stopped, keptRunning: [...keptRunning, ...stopped.keptRunning] };
  msg.ec2 = ec2;
  msg.payload = ec2.instanceIds;
  if (ec2.keptRunning.length > 0) {
    const others = new Set(ec2.keptRunning.flatMap((id) => step.instances.neededByOthers(id)));
    status.show("done", "keptRunning", { runs: others.size });
  } else {
    status.show("done", "stopped");
  }
  send(msg);
  return { ec2 };
}

async function openAccount(red: NodeAPI, def: StepDef): Promise<{ accountId: string; clients: AwsClients }> {
  const account = accountOf<AwsAccountNode>(red, def, "lightly-aws-account");
  return { accountId: account.id, clients: await account.clients() };
}

function idsOf(select: InstanceSelector): readonly string[] {
  return "ids" in select ? select.ids : [];
}

/** Several branches may lead to a stop: the user is told once that an instance is not stopped. */
function oncePerIncident(error: PipelineError, { instances }: Step): PipelineError {
  const ids = Array.isArray(error.details.instanceIds) ? error.details.instanceIds.map(String) : instances.claimed();
  if (error.isAbort || instances.isNews(ids)) {
    return error;
  }
  const { code, message, details } = error;
  return new PipelineError(code, message, { details, cause: error, isReported: true });
}

/** Which instances the form wants left on: for other runs, or as they were found. */
async function whatStaysOn(inputs: Inputs, { instances }: Step): Promise<(instanceId: string) => boolean> {
  const staysForOthers = (await inputs.choice("onBusy", ["leave", "stop"])) === "leave";
  const staysAsFound = inputs.flag("leaveRunning", false);
  return (id) =>
    (staysForOthers && instances.neededByOthers(id).length > 0) || (staysAsFound && instances.foundRunning(id));
}

function stopsInUse({ onBusy }: StepDef): boolean {
  return onBusy === "stop";
}

async function timersToDisarm(clients: AwsClients, warn: (text: string) => void): Promise<DisarmedTimers> {
  const { DisarmedTimers } = await import("./disarmed-timers.ts");
  return new DisarmedTimers(await clients.ssm(), warn);
}
