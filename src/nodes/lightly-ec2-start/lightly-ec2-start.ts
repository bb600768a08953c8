import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { isOpen, type StepRecord } from "../../runs/records/run-record.ts";
import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { instanceControl } from "../shared/instances/account-instance-control.ts";
import { InstanceStatus } from "../shared/instances/instance-status.ts";
import { readInstanceSelector } from "../shared/instances/read-instance-selector.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { PAID_POLL_MS } from "../shared/step/waiting.ts";
import { fields } from "./fields.ts";
import { GUARD_POLL_MS, lendAccounts } from "./lend-accounts.ts";
import { StepTimers } from "./step-timers.ts";

export default function ec2Start(red: NodeAPI): void {
  lendAccounts(red);
  red.nodes.registerType("lightly-ec2-start", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    const closed = new AbortController();
    // The timers on the instances stay armed: they are needed if this node does not return.
    this.on("close", () => closed.abort());
    const warn = (text: string): void => this.warn(text);
    const account = () => accountOf<AwsAccountNode>(red, def, "lightly-aws-account");
    const shown = new InstanceStatus(this);
    const timers = new StepTimers({ clients: () => account().clients(), warn, signal: closed.signal });
    stepNode(red, this, def, {
      role: "start",
      handle: (context) => start(context, { account: account(), timers, warn, shown }),
      reattach: (context) => {
        reattach(context, { account, timers, warn }).catch((error: unknown) => warn(toPipelineError(error).message));
      },
    });
  });
}

interface StartOptions<TAccount> {
  readonly account: TAccount;
  readonly timers: StepTimers;
  readonly warn: (text: string) => void;
}

async function start(
  context: StepContext,
  { account, timers, warn, shown }: StartOptions<AwsAccountNode> & { readonly shown: InstanceStatus },
): Promise<Record<string, unknown>> {
  const { msg, send, signal, inputs, status } = context;
  shown.forget();
  const clients = await account.clients();
  const { waitFor, autoStopMinutes, onRemoved } = await inputs.read(fields, "waitFor", "autoStopMinutes", "onRemoved");
  const waitsForAgent = waitFor === "online";
  const { startInstances } = await import("../../services/ec2/start-instances.ts");
  const select = await readInstanceSelector(inputs, fields);
  const limits = await inputs.read(fields, "timeoutMinutes", "capacityTimeoutMinutes");
  const { pollMs } = await inputs.read(fields, "pollSeconds");
  const ec2Client = await clients.ec2();
  const ssm = waitsForAgent ? await clients.ssm() : undefined;
  await untilAccessIsChecked(context);
  const instanceIds = await leased(ec2Client, select, context);
  // From here on the guards can stop the instances, even without this node and its account.
  context.instances.useControl(
    instanceIds,
    instanceControl({ accountId: account.id, clients, pollMs: pollMs ?? GUARD_POLL_MS, warn }),
  );
  status.show("waiting", "starting");
  const ec2 = await startInstances({
    ec2: ec2Client,
    ssm,
    select: { ids: instanceIds },
    ...limits,
    // The requests of all runs are combined, however many they are.
    pollMs: pollMs ?? PAID_POLL_MS,
    signal,
    onFound: async (states) => {
      const stopPlanned = context.instances.isAhead("stop");
      await saveFound(context, states, { account: account.id, onRemoved, stopPlanned });
      context.instances.expectRunning(instanceIds, false);
      context.throwIfSkipped(instanceIds);
    },
    onState: (states, note) => report(context, states, note),
  }).catch((error: unknown) => {
    throw explainStop(toPipelineError(error), context, instanceIds);
  });
  if (ssm) {
    await timers.arm(context, instanceIds, autoStopMinutes);
    signal.throwIfAborted();
  }
  context.instances.expectRunning(instanceIds, true);
  context.events.emit({ kind: "instances-started", instanceIds });
  const wasRunning = (instanceId: string): boolean => context.instances.foundRunning(instanceId);
  msg.ec2 = { ...ec2, instances: ec2.instances.map((one) => ({ ...one, wasRunning: wasRunning(one.instanceId) })) };
  msg.payload = ec2.instanceIds;
  status.show("done", waitsForAgent ? "online" : "running");
  shown.says({ instanceIds, isOn: true, onUntrue: () => status.show("aborted", "off") });
  send(msg);
  return { ec2: msg.ec2 };
}

/**
 * Waits until the lightly runs of a parallel branch have had the buckets checked: nothing is paid for a worker that could not use them. A
 * failed check fails the run, and so aborts this step. A lightly run that comes later in the flow is not waited for.
 */
async function untilAccessIsChecked(context: StepContext): Promise<void> {
  // A studio select checks nothing, and needs an instance that is on.
  const isUnchecked = ({ type, role, checkpoint = {}, ...step }: StepRecord): boolean =>
    role === "select" &&
    type !== "lightly-studio-select" &&
    isOpen(step) &&
    checkpoint.accessChecked !== true &&
    checkpoint.scheduledRunId === undefined;
  await context.waitForSteps(
    (steps) => !steps.some(isUnchecked),
    () => {
      context.progress({
        ...{ state: "waiting", message: "lightly run checks the buckets" },
        doing: { key: "checking", values: {} },
      });
      context.status.show("waiting", "checking");
    },
  );
}

/** Adds to EC2's error about a stopped instance that a run has stopped it. */
function explainStop(error: PipelineError, context: StepContext, instanceIds: readonly string[]): PipelineError {
  const by = instanceIds.map((id) => context.instances.stoppedBy(id)).find((runId) => runId !== undefined);
  if (error.code !== "EC2_START_FAILED" || by === undefined) {
    return error;
  }
  const who = by === context.runId ? "this run" : `the run ${by}`;
  return new PipelineError(
    "EC2_START_FAILED",
    `${instanceIds.join(", ")}: ec2 stop of ${who} has stopped it while it was starting. Set ec2 start to wait until the instance is free, or ec2 stop to keep instances running that other runs use.`,
    { details: { ...error.details, stoppedBy: by }, cause: error },
  );
}

/** Resolves with the instances of the form when the run may use them. A lease of a previous process is still valid. */
async function leased(ec2: EC2Client, select: InstanceSelector, context: StepContext): Promise<string[]> {
  const { signal, inputs, status } = context;
  const { onBusy } = await inputs.read(fields, "onBusy");
  const known = idsOf(context.checkpoint, "instanceIds");
  if (known && context.checkpoint.leased === true) {
    context.throwIfSkipped(known);
    return known;
  }
  const { findInstances } = await import("../../services/ec2/describe-instances.ts");
  context.throwIfSkipped([]);
  const found = await findInstances(ec2, select, signal);
  const instanceIds = found.map(({ instanceId }) => instanceId);
  context.throwIfSkipped(instanceIds);
  await context.instances.acquire({
    instanceIds,
    onBusy,
    nodeId: context.nodeId,
    signal,
    onQueued: (runs) => {
      context.progress({
        ...{ state: "queued", message: `runs ahead: ${runs}` },
        doing: { key: "queued", values: { runs } },
      });
      status.show("waiting", "queued", { runs });
    },
  });
  context.throwIfSkipped(instanceIds);
  return instanceIds;
}

/** Called before the first start request: afterwards, an instance that the step has started can't be told from one that was running before. */
async function saveFound(
  context: StepContext,
  states: readonly InstanceState[],
  more: { readonly account: string; readonly onRemoved: "stop" | "keep"; readonly stopPlanned: boolean },
): Promise<void> {
  if (context.checkpoint.leased === true) {
    // It may have stopped since, and is started again now.
    await context.saveIntent({ ...more, stoppedAt: undefined });
    return;
  }
  const foundRunning = states
    .filter(({ instanceId, state }) => state === "running" && !context.instances.isStartedByRun(instanceId))
    .map(({ instanceId }) => instanceId);
  const instanceIds = states.map(({ instanceId }) => instanceId);
  await context.saveIntent({ instanceIds, leased: true, foundRunning, ...more });
}

/** After a restart or a deploy of the node, the guards and timers of an active run need new clients. */
async function reattach(
  context: StepContext,
  { account, timers, warn }: StartOptions<() => AwsAccountNode>,
): Promise<void> {
  const { inputs } = context;
  const left = (idsOf(context.checkpoint, "instanceIds") ?? []).filter(
    (id) => context.instances.isNeeded(id) && !context.hasStopped(id),
  );
  if (left.length === 0) {
    return;
  }
  const { id: accountId } = account();
  const { waitFor, autoStopMinutes, ...chosen } = await inputs.read(
    fields,
    "pollSeconds",
    "waitFor",
    "autoStopMinutes",
  );
  const pollMs = chosen.pollMs ?? GUARD_POLL_MS;
  context.instances.useControl(left, instanceControl({ accountId, clients: account().clients(), pollMs, warn }));
  context.instances.expectRunning(left, true);
  if (waitFor === "online") {
    await timers.arm(context, left, autoStopMinutes);
  }
}

function report(context: StepContext, states: readonly InstanceState[], note: string): void {
  const key = statusKey(states, note);
  const state = states.map((one) => one.state).join(", ");
  context.progress({ state, message: note, doing: { key, values: {} } });
  context.status.show("waiting", key);
}

function statusKey(states: readonly InstanceState[], note: string): "online" | "connecting" | "capacity" | "starting" {
  if (states.every(({ state }) => state === "running")) {
    return note === "online" ? "online" : "connecting";
  }
  return note.includes("capacity") ? "capacity" : "starting";
}
