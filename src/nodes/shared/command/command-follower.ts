import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import { systemClock } from "../../../polling/clock.ts";
import type { WakeUp } from "../../../polling/wake-up.ts";
import { type CommandReport, isFinal } from "../../../services/ssm/command-report.ts";
import type { StepContext } from "../step/step-context.ts";
import { lostError } from "../step/waits/lost-error.ts";
import { waitedSince } from "../step/waits/saved-wait.ts";
import { PAID_POLL_MS } from "../step/waits/waiting.ts";
import { loggedOutput } from "./logged-output.ts";

/** A command that was sent, for {@link CommandFollower}. */
export interface FollowedCommand {
  readonly ssm: SSMClient;
  readonly commandId: string;
  readonly instanceIds: readonly string[];
  readonly script: string;
  /** The limit from sending it to its end, also over restarts. */
  readonly timeoutMs: number;
  /** How long the step had been running when it was sent; undefined: the limit begins now. */
  readonly sentMs?: number | undefined;
  /** The poll interval of the form; undefined if the form has none: then {@link PAID_POLL_MS}. */
  readonly pollMs: number | undefined;
  readonly wakeUp?: WakeUp;
  /** Whether a lightly run of the same run may wait for what it runs: then its start and its end are events. */
  readonly mayBeWorker: boolean;
  /** Creates the error of a command that has failed; default: that of any script. */
  readonly errorOf?: (report: CommandReport) => PipelineError;
}

/** Follows one command on all its instances, and emits events about it. */
export class CommandFollower {
  readonly #context: StepContext;
  readonly #command: FollowedCommand;
  readonly #stopping = new Set<string>();
  readonly #stopped = new Map<string, AbortController>();
  /** The instances that have stopped although no step has stopped them, with their state. */
  readonly #lost = new Map<string, string>();
  readonly #subscriptions: ReadonlyArray<() => void>;
  readonly #closed = new AbortController();

  constructor(context: StepContext, command: FollowedCommand) {
    this.#context = context;
    this.#command = command;
    for (const instanceId of command.instanceIds) {
      this.#stopped.set(instanceId, new AbortController());
    }
    this.#subscriptions = [
      context.events.subscribeNew("instances-stopping", (event) => this.#onStopping(event.instanceIds)),
      context.events.subscribeNew("instances-stopped", (event) => this.#onStopped(event.instanceIds)),
      context.events.subscribeNew("instances-lost", (event) => this.#onLost(event.instanceIds, event.state)),
      context.events.subscribe("instances-released", (event) => void this.#endSoon(event.instanceIds)),
    ];
  }

  get commandId(): string {
    return this.#command.commandId;
  }

  /** Ends the subscriptions, and the polling of the remaining instances after one has failed. */
  close(): void {
    this.#closed.abort();
    for (const unsubscribe of this.#subscriptions) {
      unsubscribe();
    }
  }

  /** Resolves when the script is running (or has already ended) on every instance. */
  async untilRunning(): Promise<CommandReport[]> {
    const { commandId } = this.#command;
    return this.#cancelingOnAbort(() =>
      this.#onEach(async (instanceId) => {
        const report = await this.#follow(instanceId, "running");
        if (this.#command.mayBeWorker) {
          this.#context.events.emit({ kind: "command-started", instanceId, commandId });
        }
        return report;
      }),
    );
  }

  /** Resolves when the script has ended on every instance, or the run has stopped the instance. */
  async untilEnded(): Promise<CommandReport[]> {
    return this.#cancelingOnAbort(() =>
      this.#onEach(async (instanceId) => {
        const report = await this.#follow(instanceId, "ended");
        this.#context.log(...loggedOutput(report));
        if (this.#command.mayBeWorker) {
          await this.#emitEnd(report);
        }
        return report;
      }),
    );
  }

  /**
   * The error for Catch, if the step has failed. It has not failed if the run itself stops the instance, or if another step of the run
   * waits for the selection: that step decides whether the worker has failed.
   */
  async failure(reports: readonly CommandReport[], waitsForEnd: boolean): Promise<PipelineError | undefined> {
    const failed = reports.filter(({ status, instanceId }) => status !== "Success" && !this.#stopping.has(instanceId));
    const isJudgedElsewhere = !waitsForEnd && this.#context.events.latest("selection") !== undefined;
    const [first, ...others] = isJudgedElsewhere ? [] : failed;
    if (!first) {
      return undefined;
    }
    const { commandError } = await import("../../../services/ssm/command-error.ts");
    const { severalFailed } = await import("../../../services/ssm/several-failed.ts");
    const { script, errorOf = (report) => commandError(report, script) } = this.#command;
    const failedOn = (report: CommandReport) => {
      const { instanceId } = report;
      const lost = this.#lost.get(instanceId);
      return { instanceId, error: lost !== undefined ? lostError(instanceId, lost) : errorOf(report) };
    };
    return severalFailed([failedOn(first), ...others.map(failedOn)], reports.length, script);
  }

  #onStopping(instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      this.#stopping.add(id);
    }
  }

  /** The run has released the instance, which keeps running for another run. A worker that does not end by itself is canceled. */
  async #endSoon(instanceIds: readonly string[]): Promise<void> {
    const ours = this.#command.instanceIds.filter((id) => instanceIds.includes(id));
    if (ours.length === 0) {
      return;
    }
    this.#onStopping(ours);
    try {
      await systemClock.sleep(WORKER_EXIT_GRACE_MS, AbortSignal.any([this.#closed.signal, this.#context.signal]));
      await this.#cancel(ours);
    } catch {
      // It has ended, or can't be canceled. Then the stop of the instance ends it.
    }
  }

  #onLost(instanceIds: readonly string[], state: string): void {
    for (const id of instanceIds.filter((lost) => !this.#stopping.has(lost))) {
      this.#lost.set(id, state);
    }
    this.#onStopped(instanceIds);
  }

  #onStopped(instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      this.#stopped.get(id)?.abort();
    }
  }

  /** Follows until the script runs or ends, or its instance is stopped, whichever comes first. */
  async #follow(instanceId: string, until: "running" | "ended"): Promise<CommandReport> {
    const { signal } = this.#context;
    const stopped = this.#stopped.get(instanceId)?.signal ?? signal;
    try {
      const any = AbortSignal.any([signal, stopped, this.#closed.signal]);
      const { timeoutMs, sentMs } = this.#command;
      const waitedMs = waitedSince(this.#context, sentMs) ?? 0;
      const report = await this.#poll(instanceId, until, { timeoutMs, waitedMs }, any);
      if (hasFailed(report) && !this.#stopping.has(instanceId)) {
        // A script on an instance that shuts down fails too, long before the next check of the instance.
        await this.#context.instances.check(instanceId);
      }
      return report;
    } catch (error) {
      if (signal.aborted || !stopped.aborted) {
        throw error;
      }
      return await this.#readLast(instanceId);
    }
  }

  /** AWS reports a command on a stopped instance as InProgress until its time limit. The step does not wait for that. */
  async #readLast(instanceId: string): Promise<CommandReport> {
    try {
      return await this.#poll(instanceId, "ended", { timeoutMs: 0, waitedMs: 0 }, this.#context.signal);
    } catch (error) {
      if (!(error instanceof PipelineError && error.code === "TIMED_OUT")) {
        throw error;
      }
      // Canceled on this instance only: the script continues on the others. A refusal does not matter, because nothing is running there.
      await this.#cancel([instanceId]).catch(() => undefined);
      return {
        instanceId,
        status: "Cancelled",
        statusDetails: INSTANCE_STOPPED,
        exitCode: null,
        stdout: "",
        stderr: "",
        stdoutTruncated: false,
        stderrTruncated: false,
      };
    }
  }

  async #poll(
    instanceId: string,
    until: "running" | "ended",
    limit: { readonly timeoutMs: number; readonly waitedMs: number },
    signal: AbortSignal,
  ): Promise<CommandReport> {
    const { followCommand } = await import("../../../services/ssm/follow-command.ts");
    const { ssm, commandId, wakeUp, pollMs = PAID_POLL_MS } = this.#command;
    const onState = ({ status }: CommandReport): void =>
      this.#context.progress({ state: status, message: `command ${commandId}` });
    return followCommand({ wakeUp, ssm, commandId, instanceId, until, ...limit, pollMs, signal, onState });
  }

  async #emitEnd(report: CommandReport): Promise<void> {
    const { commandError } = await import("../../../services/ssm/command-error.ts");
    const succeeded = report.status === "Success";
    const lost = succeeded ? undefined : this.#lost.get(report.instanceId);
    this.#context.events.emit({
      kind: "command-ended",
      instanceId: report.instanceId,
      commandId: this.#command.commandId,
      succeeded,
      ...(lost !== undefined && { isLost: true }),
      summary: succeeded
        ? "The script ended with exit code 0."
        : (lost !== undefined ? lostError(report.instanceId, lost) : commandError(report, this.#command.script))
            .message,
    });
  }

  /** An aborted step cancels its command, except when only its node closes: then the command continues. */
  async #cancelingOnAbort<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#context.signal.aborted && !this.#context.isClosed) {
        await this.#cancel(this.#command.instanceIds).catch((refusal: unknown) => {
          this.#context.warn(`The script may still be running: ${toPipelineError(refusal).message}`);
        });
      }
      throw error;
    }
  }

  async #cancel(instanceIds: readonly string[]): Promise<void> {
    const { cancelCommand } = await import("../../../services/ssm/cancel-command.ts");
    const { ssm, commandId } = this.#command;
    await cancelCommand({ ssm, commandId, instanceIds });
  }

  #onEach(follow: (instanceId: string) => Promise<CommandReport>): Promise<CommandReport[]> {
    return Promise.all(this.#command.instanceIds.map(follow));
  }
}

function hasFailed({ status }: CommandReport): boolean {
  return isFinal(status) && status !== "Success";
}

/** How long a worker may take to exit after its work is done. */
const WORKER_EXIT_GRACE_MS = 60_000;
const INSTANCE_STOPPED = "InstanceStopped";
