import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { raceAbort } from "../../polling/race-abort.ts";
import { START_PHASES, usualStartMs } from "../../records/start-times.ts";
import { runs } from "../../runs/run-registry.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { StartedInstances } from "../../services/ec2/start-instances.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import { instanceControl } from "../shared/instances/account-instance-control.ts";
import type { InstanceStatus } from "../shared/instances/instance-status.ts";
import { readInstanceSelector } from "../shared/instances/read-instance-selector.ts";
import { idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { START_POLL_MS } from "../shared/step/waits/waiting.ts";
import { fields } from "./fields.ts";
import { leaseInstances, saveFound } from "./lease-instances.ts";
import { leasedIds } from "./lease-some.ts";
import { GUARD_POLL_MS } from "./lend-accounts.ts";
import { startWithReplacements } from "./replace-unstartable.ts";
import { startDuringUploads } from "./start-during-uploads.ts";
import { NO_WAITS, startMemory } from "./start-memory.ts";
import type { StepTimers } from "./step-timers.ts";
import { untilAccessIsChecked } from "./until-access-is-checked.ts";
import { requireWithinCommandLimit } from "./within-command-limit.ts";

interface StartOptions {
  readonly account: AwsAccountNode;
  readonly timers: StepTimers;
  readonly warn: (text: string) => void;
  readonly shown: InstanceStatus;
}

/** Starts the instances of the form, at once or so that they are ready when the uploads of the run end, and sends the message. */
export async function start(context: StepContext, options: StartOptions): Promise<Record<string, unknown>> {
  const { msg, send, inputs, status } = context;
  const { timers, shown } = options;
  shown.forget();
  // A mistake in the form must not show only after a long upload.
  const form = await readForm(inputs);
  requireWithinCommandLimit(context, form.desired ?? ("ids" in form.select ? form.select.ids.length : 0));
  const ec2 =
    form.startWhen === "message"
      ? await startNow(context, form, options)
      : await startDuringUploads(context, {
          leadMs: form.leadMs ?? usualStartMs(context.nodeId, runs.liveRecords()),
          limitMs: form.timeoutMs,
          start: () => startNow(context, form, options),
          isPaid: () => !leased(context).every((id) => context.instances.foundRunning(id)),
          giveBack: (uploadsEnd) => giveBack(context, timers, uploadsEnd),
        });
  const { instanceIds } = ec2;
  context.events.emit({ kind: "instances-started", instanceIds });
  const wasRunning = (instanceId: string): boolean => context.instances.foundRunning(instanceId);
  msg.ec2 = { ...ec2, instances: ec2.instances.map((one) => ({ ...one, wasRunning: wasRunning(one.instanceId) })) };
  msg.payload = instanceIds;
  if (form.startWhen === "upload" && context.uploads.s3 !== undefined) {
    msg.s3 ??= context.uploads.s3;
  }
  status.show("done", form.waitFor);
  shown.watch({ instanceIds, isOn: true, onUntrue: () => status.show("aborted", "off") });
  send(msg);
  return { ec2: msg.ec2 };
}

type Form = Awaited<ReturnType<typeof readForm>>;

async function readForm(inputs: Inputs) {
  const select = await readInstanceSelector(inputs, fields);
  const names = ["startWhen", "leadSeconds", "waitFor", "timeoutMinutes", "onBusy", "autoStopMinutes"] as const;
  const desired = "tags" in select ? (await inputs.read(fields, "desired")).desired : undefined;
  const more = ["onRemoved", "capacityTimeoutMinutes", "pollSeconds"] as const;
  return { select, desired, ...(await inputs.read(fields, ...names)), ...(await inputs.read(fields, ...more)) };
}

/** Starts the instances when the run may use them, and resolves when they are running or ready for commands. */
async function startNow(
  context: StepContext,
  form: Form,
  { account, timers, warn }: StartOptions,
): Promise<StartedInstances> {
  const { signal } = context;
  const clients = await account.clients();
  await untilAccessIsChecked(context);
  const start = (capacityTimeoutMs: number) =>
    startLeased(context, { ...form, capacityTimeoutMs }, { account, timers, clients, warn });
  const started =
    form.desired === undefined
      ? await start(form.capacityTimeoutMs)
      : await startWithReplacements(context, {
          capacityTimeoutMs: form.capacityTimeoutMs,
          start,
          find: async () => {
            const { findInstances } = await import("../../services/ec2/describe-instances.ts");
            return await findInstances(await clients.ec2(), form.select, signal);
          },
        });
  const { instanceIds } = started;
  if (form.waitFor === "online") {
    await timers.arm(context, instanceIds, form.autoStopMinutes);
    signal.throwIfAborted();
  }
  context.instances.expectRunning(instanceIds, true);
  return started;
}

async function startLeased(
  context: StepContext,
  form: Form,
  { account, timers, clients, warn }: Omit<StartOptions, "shown"> & { readonly clients: AwsClients },
): Promise<StartedInstances> {
  const { signal, status } = context;
  const { waitFor, pollMs, timeoutMs, capacityTimeoutMs, onRemoved } = form;
  const { startInstances } = await import("../../services/ec2/start-instances.ts");
  const ec2 = await clients.ec2();
  const instanceIds = await leaseInstances(ec2, form, context);
  // From here on the guards can stop the instances, even without this node and its account.
  context.instances.useControl(
    instanceIds,
    instanceControl({ accountId: account.id, clients, pollMs: pollMs ?? GUARD_POLL_MS, warn }),
  );
  status.show("waiting", "starting");
  return await startInstances({
    ec2,
    ssm: waitFor === "online" ? await clients.ssm() : undefined,
    select: { ids: instanceIds },
    separately: form.desired !== undefined,
    timeoutMs,
    capacityTimeoutMs,
    // The requests of all runs are combined, however many they are.
    pollMs: pollMs ?? START_POLL_MS,
    signal,
    memory: startMemory(context),
    onFound: async (states) => {
      const stopPlanned = context.instances.isAhead("stop");
      await saveFound(context, states, { account: account.id, onRemoved, stopPlanned });
      context.instances.expectRunning(instanceIds, false);
      context.throwIfSkipped(instanceIds);
      if (states.some(({ state }) => state !== "running")) {
        context.phase(START_PHASES.start);
      }
      if (waitFor === "online") {
        void timers.prepare(context, instanceIds, form.autoStopMinutes).catch(() => undefined);
      }
    },
    onState: (states, note) => report(context, states, note),
  }).catch((thrown: unknown) => {
    const error = toPipelineError(thrown);
    // A wrong id: nothing of the run uses the other ones, for which other runs may be waiting.
    if (leasedIds(context) === undefined && !error.retryable && !error.isAbort) {
      context.instances.returnUnused(instanceIds);
    }
    throw explainStop(error, context, instanceIds);
  });
}

/**
 * Stops the instances that this step has started, and returns its leases, as if it had not started anything. A stop that EC2 refuses is
 * waited for until the uploads end: then the run needs the instances again.
 */
async function giveBack(context: StepContext, timers: StepTimers, uploadsEnd: Promise<void>): Promise<void> {
  const { instances, signal } = context;
  const ids = leased(context);
  const started = ids.filter((id) => !instances.foundRunning(id));
  timers.forget(context);
  instances.release(ids);
  const stopped = Promise.all(started.map((id) => instances.stop(id, {})));
  await raceAbort(Promise.race([stopped, uploadsEnd]), signal);
  signal.throwIfAborted();
  const gone = { leased: undefined, instanceIds: undefined, foundRunning: undefined, stoppedAt: undefined };
  await context.saveIntent({ ...gone, ...NO_WAITS });
}

function leased({ checkpoint }: StepContext): string[] {
  return idsOf(checkpoint, "instanceIds") ?? [];
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
