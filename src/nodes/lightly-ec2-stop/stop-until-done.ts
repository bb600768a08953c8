import { abortedError, PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { StoppedInstance } from "../../instances/instance-control.ts";
import type { StopOrder } from "../../instances/stop-orders.ts";
import { systemClock } from "../../polling/clock.ts";
import { formatDuration } from "../../polling/format-duration.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import type { StoppedInstances } from "../../services/ec2/stop-instances.ts";
import type { StepContext } from "../shared/step/step-context.ts";

export interface StopUntilDoneOptions {
  readonly instanceIds: readonly string[];
  /** Whether to wait until they are stopped, and not only until EC2 has accepted the stop. */
  readonly isWaiting: boolean;
  readonly timeoutMs: number;
  readonly order: StopOrder;
}

/** The result of a stop. `keptRunning`: the instances that another run has leased in the meantime. */
export interface StopResult extends StoppedInstances {
  readonly keptRunning: string[];
}

/**
 * Orders the guards of instances to stop them, and waits for the result. If the wait fails, the guards continue.
 *
 * @throws PipelineError the last refusal or `TIMED_OUT` at the limit; `EC2_INSTANCE_NOT_FOUND` and `ABORTED` immediately
 */
export async function stopUntilDone(context: StepContext, options: StopUntilDoneOptions): Promise<StopResult> {
  const limit = new AbortController();
  const stops = options.instanceIds.map((id) => new InstanceStop(id, context, options));
  try {
    const all = Promise.all(stops.map((stop) => stop.done));
    const late = systemClock.sleep(options.timeoutMs, limit.signal).then(() => "late" as const);
    const aborted = new Promise<never>((_, reject) => {
      const abort = (): void => reject(abortedError(context.signal.reason));
      context.signal.addEventListener("abort", abort, { once: true, signal: limit.signal });
      if (context.signal.aborted) {
        abort();
      }
    });
    const ended = await Promise.race([all, late, aborted]);
    if (ended === "late") {
      throw lateError(stops, options);
    }
    const off = ended.filter((one) => one !== undefined);
    return {
      instanceIds: off.map(({ instance }) => instance.instanceId),
      instances: off.map(({ instance }) => instance),
      hibernated: off.length > 0 && off.every(({ hibernated }) => hibernated),
      keptRunning: options.instanceIds.filter((_, index) => ended[index] === undefined),
    };
  } finally {
    limit.abort();
    for (const stop of stops) {
      stop.close();
    }
  }
}

/** The stop of one instance. */
class InstanceStop {
  readonly instanceId: string;
  readonly done: Promise<StoppedInstance | undefined>;
  isOver = false;
  state: InstanceState | undefined;
  /** The result of the last check, even if it is not a state of EC2. */
  lastCheck: string | undefined;
  lastError: PipelineError | undefined;
  #isClosed = false;

  constructor(instanceId: string, context: StepContext, { order, isWaiting }: StopUntilDoneOptions) {
    this.instanceId = instanceId;
    const accepted = Promise.withResolvers<StoppedInstance>();
    const off = context.instances.stop(instanceId, {
      ...order,
      onState: (state, note) => {
        this.state = state;
        this.lastError = undefined;
        if (!this.#isClosed) {
          context.progress({ state: state.state, message: `${instanceId}: ${note}` });
        }
      },
      onCheck: (state) => {
        this.lastCheck = state;
      },
      onAccepted: () => {
        if (!isWaiting && this.state) {
          accepted.resolve({ instance: { ...this.state, wasStopped: isOff(this.state) }, hibernated: false });
        }
      },
      onRetry: (error) => {
        order.onRetry?.(error);
        this.lastError = error;
        if (!this.#isClosed) {
          context.progress({ state: "retrying", message: error.message });
          context.status.showText("waiting", error.code);
        }
      },
    });
    this.done = Promise.race([off, accepted.promise]).finally(() => {
      this.isOver = true;
    });
    // A failure after the end of the wait must not be an unhandled rejection.
    this.done.catch(() => undefined);
  }

  /** The step is over. The guard may continue. */
  close(): void {
    this.#isClosed = true;
  }
}

function isOff({ state }: InstanceState): boolean {
  return state === "stopped" || state === "terminated" || state === "shutting-down";
}

/** Creates the error at the time limit: which instances are still running, why, and what to do. */
function lateError(stops: readonly InstanceStop[], { timeoutMs }: StopUntilDoneOptions): PipelineError {
  const late = stops.filter(({ isOver }) => !isOver);
  const ids = late.map(({ instanceId }) => instanceId);
  const names = ids.join(", ");
  const continues = `Node-RED keeps trying, but until then ${names} may cost money: stop it in the EC2 console.`;
  const trouble = late.find((stop) => stop.lastError)?.lastError;
  if (trouble) {
    const { code, message, details } = toPipelineError(trouble);
    const text = `${message} This was tried for ${formatDuration(timeoutMs)}. ${continues}`;
    return new PipelineError(code, text, { details: { ...details, instanceIds: ids }, cause: trouble });
  }
  const states = [...new Set(late.map(({ lastCheck: look, state }) => look ?? state?.state ?? "unknown"))].join(", ");
  const advice = late.some(({ state }) => state?.state === "stopping")
    ? ' An instance can get stuck there: set "Force stop" in ec2 stop, or choose Force stop instance in the EC2 console (unsaved data on its disks may be lost).'
    : "";
  return new PipelineError(
    "TIMED_OUT",
    `Waited ${formatDuration(timeoutMs)} for ${names} to stop. The last state was: ${states}.${advice} ${continues}`,
    { details: { instanceIds: ids, state: states } },
  );
}
