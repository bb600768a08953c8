import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { Step } from "../../runs/steps/step.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/account.ts";
import { idsOf } from "../shared/checkpoint.ts";
import type { Inputs } from "../shared/inputs.ts";
import { instanceControl } from "../shared/instance-control.ts";
import { instanceSelector } from "../shared/instances.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { stepNode } from "../shared/step-node.ts";
import type { StepContext } from "../shared/step-options.ts";
import { minutes, pollPause } from "../shared/waiting.ts";
import { lendAccounts } from "./lend-accounts.ts";
import { StepTimers } from "./step-timers.ts";

export default function ec2Start(red: NodeAPI): void {
  lendAccounts(red);
  red.nodes.registerType("lightly-ec2-start", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    const closed = new AbortController();
    // The timers on the instances stay armed: nobody may be there any more to stop them.
    this.on("close", () => closed.abort());
    const warn = (text: string): void => this.warn(text);
    const account = () => accountOf<AwsAccountNode>(red, def, "lightly-aws-account");
    const timers = new StepTimers({ clients: () => account().clients(), warn, signal: closed.signal });
    stepNode(red, this, def, {
      handle: (context) => start(def, context, { account: account(), timers, warn }),
      keep: (step, inputs) => {
        keep(step, inputs, { account, timers, warn }).catch((error: unknown) => warn(toPipelineError(error).message));
      },
    });
  });
}

interface Surroundings<TAccount> {
  readonly account: TAccount;
  readonly timers: StepTimers;
  readonly warn: (text: string) => void;
}

async function start(
  def: StepDef,
  context: StepContext,
  { account, timers, warn }: Surroundings<AwsAccountNode>,
): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const clients = await account.clients();
  const waitsForAgent = (await inputs.choice("waitFor", ["online", "running"])) === "online";
  const { startInstances } = await import("../../services/ec2/start-instances.ts");
  const autoStopMinutes = await inputs.number("autoStopMinutes", TIMER_LIMITS);
  const select = await instanceSelector(inputs, def);
  const limits = {
    timeoutMs: await minutes(inputs, "timeoutMinutes", 15),
    capacityTimeoutMs: await minutes(inputs, "capacityTimeoutMinutes", 15),
    pollMs: await pollPause(inputs),
  };
  const ec2Client = await clients.ec2();
  const ssm = waitsForAgent ? await clients.ssm() : undefined;
  const instanceIds = await claimed(ec2Client, select, context);
  // From here on the guards can stop them, whatever becomes of this node and its account.
  step.instances.lend(instanceIds, instanceControl({ accountId: account.id, clients, pollMs: limits.pollMs, warn }));
  status.show("waiting", "starting");
  const ec2 = await startInstances({
    ec2: ec2Client,
    ssm,
    select: { ids: instanceIds },
    ...limits,
    signal,
    onFound: async (states) => {
      const stopPlanned = step.instances.isStopComing();
      await noteFound(step, states, { account: account.id, onRemoved: onRemoved(def), stopPlanned });
      step.instances.expect(instanceIds, false);
      step.skipIfClosed(instanceIds);
    },
    onState: (states, note) => report(context, states, note),
  }).catch((error: unknown) => {
    throw explained(toPipelineError(error), step, instanceIds);
  });
  if (ssm) {
    await timers.arm(step, instanceIds, autoStopMinutes);
    signal.throwIfAborted();
  }
  step.instances.expect(instanceIds, true);
  step.facts.tell({ kind: "instances-started", instanceIds });
  const wasRunning = (instanceId: string): boolean => step.instances.foundRunning(instanceId);
  msg.ec2 = { ...ec2, instances: ec2.instances.map((one) => ({ ...one, wasRunning: wasRunning(one.instanceId) })) };
  msg.payload = ec2.instanceIds;
  status.show("done", waitsForAgent ? "online" : "running");
  send(msg);
  return { ec2: msg.ec2 };
}

const TIMER_LIMITS = { fallback: 30, min: 0, max: 10_080 };

/** Whether a node of the run that is deleted or disabled under its work takes the instances with it. */
function onRemoved({ onRemoved }: StepDef): "stop" | "leave" {
  return onRemoved === "leave" ? "leave" : "stop";
}

/** EC2 says that an instance was stopped, but not that a run of ours has done it. */
function explained(error: PipelineError, step: Step, instanceIds: readonly string[]): PipelineError {
  const by = instanceIds.map((id) => step.instances.stoppedBy(id)).find((runId) => runId !== undefined);
  if (error.code !== "EC2_START_FAILED" || by === undefined) {
    return error;
  }
  const who = by === step.runId ? "this run" : `the run ${by}`;
  return new PipelineError(
    "EC2_START_FAILED",
    `${instanceIds.join(", ")}: ec2 stop of ${who} has stopped it while it was starting. Have ec2 start wait for its turn, or ec2 stop leave instances on that other runs use.`,
    { details: { ...error.details, stoppedBy: by }, cause: error },
  );
}

/** The instances of the form, once the run may use them; what it had claimed before a restart is still its own. */
async function claimed(ec2: EC2Client, select: InstanceSelector, context: StepContext): Promise<string[]> {
  const { step, signal, inputs, status } = context;
  const onBusy = await inputs.choice("onBusy", ["wait", "share", "fail"]);
  const known = idsOf(step.checkpointed, "instanceIds");
  if (known && step.checkpointed.claimed === true) {
    step.skipIfClosed(known);
    return known;
  }
  const { findInstances } = await import("../../services/ec2/describe-instances.ts");
  step.skipIfClosed([]);
  const found = await findInstances(ec2, select, signal);
  const instanceIds = found.map(({ instanceId }) => instanceId);
  step.skipIfClosed(instanceIds);
  await step.instances.claim({
    instanceIds,
    onBusy,
    nodeId: step.record.nodeId,
    signal,
    onQueued: (runs) => {
      step.progress({ state: "queued", message: `runs ahead: ${runs}` });
      status.show("waiting", "queued", { runs });
    },
  });
  step.skipIfClosed(instanceIds);
  return instanceIds;
}

/** Before the first request to start: afterwards, an instance that we have switched on looks like one that was on already. */
async function noteFound(
  step: Step,
  states: readonly InstanceState[],
  more: { readonly account: string; readonly onRemoved: "stop" | "leave"; readonly stopPlanned: boolean },
): Promise<void> {
  if (step.checkpointed.claimed === true) {
    // It may have been off since; from here on it is to be started again.
    await step.intend({ ...more, off: undefined });
    return;
  }
  const foundRunning = states
    .filter(({ instanceId, state }) => state === "running" && !step.instances.isOnForARun(instanceId))
    .map(({ instanceId }) => instanceId);
  const instanceIds = states.map(({ instanceId }) => instanceId);
  await step.intend({ instanceIds, claimed: true, foundRunning, ...more });
}

/** After a restart or a deploy of the node: the guards and timers of a run that goes on need clients that work. */
async function keep(
  step: Step,
  inputs: Inputs,
  { account, timers, warn }: Surroundings<() => AwsAccountNode>,
): Promise<void> {
  const left = (idsOf(step.checkpointed, "instanceIds") ?? []).filter(
    (id) => step.instances.isNeeded(id) && !step.isOff(id),
  );
  if (left.length === 0) {
    return;
  }
  const { id: accountId } = account();
  const pollMs = await pollPause(inputs);
  step.instances.lend(left, instanceControl({ accountId, clients: account().clients(), pollMs, warn }));
  step.instances.expect(left, true);
  if ((await inputs.choice("waitFor", ["online", "running"])) === "online") {
    await timers.arm(step, left, await inputs.number("autoStopMinutes", TIMER_LIMITS));
  }
}

function report({ step, status }: StepContext, states: readonly InstanceState[], note: string): void {
  step.progress({ state: states.map(({ state }) => state).join(", "), message: note });
  status.show("waiting", statusKey(states, note));
}

function statusKey(states: readonly InstanceState[], note: string): string {
  if (states.every(({ state }) => state === "running")) {
    return note === "online" ? "online" : "connecting";
  }
  return note.includes("capacity") ? "capacity" : "starting";
}
