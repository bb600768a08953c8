import type { EC2Client } from "@aws-sdk/client-ec2";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import type { Step } from "../../runs/steps/step.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { AwsAccountNode } from "../aws-account/aws-account.ts";
import { accountOf } from "../shared/account.ts";
import { idsOf } from "../shared/checkpoint.ts";
import type { Inputs } from "../shared/inputs.ts";
import { instanceSelector } from "../shared/instances.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { present } from "../shared/present.ts";
import { stepNode } from "../shared/step-node.ts";
import type { StepContext } from "../shared/step-options.ts";
import { minutes, pollPause } from "../shared/waiting.ts";
import { InstanceCare } from "./instance-care.ts";

export default function ec2Start(red: NodeAPI): void {
  red.nodes.registerType("lightly-ec2-start", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    const closed = new AbortController();
    // The timers on the instances stay armed: nobody may be there any more to stop them.
    this.on("close", () => closed.abort());
    const warn = (text: string): void => this.warn(text);
    const clients = () => accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
    const care = new InstanceCare({ clients, warn, signal: closed.signal });
    stepNode(red, this, def, {
      handle: (context) => start(red, def, context, care),
      keep: (step, inputs) => {
        keep(step, def, inputs, care).catch((error: unknown) => warn(toPipelineError(error).message));
      },
    });
  });
}

async function start(
  red: NodeAPI,
  def: StepDef,
  context: StepContext,
  care: InstanceCare,
): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  const waitsForAgent = (await inputs.choice("waitFor", ["online", "running"])) === "online";
  const { startInstances } = await import("../../services/ec2/start-instances.ts");
  const deadMansMinutes = await inputs.number("deadMansMinutes", TIMER_LIMITS);
  const select = await instanceSelector(inputs, def);
  const limits = {
    timeoutMs: await minutes(inputs, "timeoutMinutes", 15),
    capacityTimeoutMs: await minutes(inputs, "capacityMinutes", 15),
    pollMs: await pollPause(inputs),
  };
  const ec2Client = await clients.ec2();
  const ssm = waitsForAgent ? await clients.ssm() : undefined;
  const instanceIds = await claimed(ec2Client, select, context);
  status.show("waiting", "starting");
  const ec2 = await startInstances({
    ec2: ec2Client,
    ...present({ ssm }),
    select: { ids: instanceIds },
    ...limits,
    signal,
    onFound: async (states) => {
      await noteFound(step, states);
      if (isStoppedWhenRemoved(def)) {
        care.guard(step, instanceIds);
      }
    },
    onState: (states, note) => report(context, states, note),
  });
  if (ssm) {
    await care.arm(step, instanceIds, deadMansMinutes);
    signal.throwIfAborted();
  }
  const wasRunning = (instanceId: string): boolean => step.instances.foundRunning(instanceId);
  msg.ec2 = { ...ec2, instances: ec2.instances.map((one) => ({ ...one, wasRunning: wasRunning(one.instanceId) })) };
  msg.payload = ec2.instanceIds;
  status.show("done", waitsForAgent ? "online" : "running");
  send(msg);
  return { ec2: msg.ec2 };
}

const TIMER_LIMITS = { fallback: 30, min: 0, max: 10_080 };

/** Whether a node of the run that is deleted or disabled under its work takes the instances with it. */
function isStoppedWhenRemoved({ whenRemoved }: StepDef): boolean {
  return whenRemoved !== "leave";
}

/** The instances of the form, once the run may use them; what it had claimed before a restart is still its own. */
async function claimed(ec2: EC2Client, select: InstanceSelector, context: StepContext): Promise<string[]> {
  const { step, signal, inputs, status } = context;
  const whenBusy = await inputs.choice("whenBusy", ["wait", "share", "fail"]);
  const known = idsOf(step.checkpointed, "instanceIds");
  if (known && step.checkpointed.claimed === true) {
    return known;
  }
  const { findInstances } = await import("../../services/ec2/describe-instances.ts");
  const found = await findInstances(ec2, select, signal);
  const instanceIds = found.map(({ instanceId }) => instanceId);
  await step.instances.claim({
    instanceIds,
    whenBusy,
    nodeId: step.record.nodeId,
    signal,
    onQueued: (runs) => {
      step.progress({ state: "queued", message: `runs ahead: ${runs}` });
      status.show("waiting", "queued", { runs });
    },
  });
  return instanceIds;
}

/** Before the first request to start: afterwards, an instance that we have switched on looks like one that was on already. */
async function noteFound(step: Step, states: readonly InstanceState[]): Promise<void> {
  if (step.checkpointed.claimed === true) {
    return;
  }
  const foundRunning = states
    .filter(({ instanceId, state }) => state === "running" && !step.instances.isOnForARun(instanceId))
    .map(({ instanceId }) => instanceId);
  const instanceIds = states.map(({ instanceId }) => instanceId);
  await step.checkpoint({ instanceIds, claimed: true, foundRunning });
}

/** After a restart or a deploy of the node: nobody else renews the timers of a run that goes on. */
async function keep(step: Step, def: StepDef, inputs: Inputs, care: InstanceCare): Promise<void> {
  const stopped = step.facts.latest("instances-stopped")?.instanceIds ?? [];
  const left = (idsOf(step.checkpointed, "instanceIds") ?? []).filter((id) => !stopped.includes(id));
  if (left.length === 0) {
    return;
  }
  // In the turn of the caller: the next node may be the one that is gone.
  if (isStoppedWhenRemoved(def)) {
    care.guard(step, left);
  }
  if ((await inputs.choice("waitFor", ["online", "running"])) === "online") {
    await care.arm(step, left, await inputs.number("deadMansMinutes", TIMER_LIMITS));
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
