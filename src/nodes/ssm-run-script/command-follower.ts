import type { SSMClient } from "@aws-sdk/client-ssm";
import type { PipelineError } from "../../errors/pipeline-error.ts";
import type { CommandReport } from "../../services/ssm/command-report.ts";
import type { StepContext } from "../shared/step-node.ts";

interface Command {
  readonly ssm: SSMClient;
  readonly commandId: string;
  readonly instanceIds: readonly string[];
  readonly script: string;
  readonly timeoutMs: number;
  readonly pollMs: number;
}

/** Follows one command on all its instances, and tells the run what happens to it. */
export class CommandFollower {
  readonly #context: StepContext;
  readonly #command: Command;

  constructor(context: StepContext, command: Command) {
    this.#context = context;
    this.#command = command;
  }

  /** Resolves when the script runs (or has already ended) on every instance. */
  async untilRunning(): Promise<CommandReport[]> {
    const { commandId } = this.#command;
    return this.#cancelingOnAbort(() =>
      this.#onEach(async (instanceId) => {
        const report = await this.#follow(instanceId, "running", this.#context.signal);
        this.#context.step.tell({ kind: "command-started", instanceId, commandId });
        return report;
      }),
    );
  }

  /** Resolves when the script has ended on every instance, or the run has stopped the instance under it. */
  async untilEnded(): Promise<CommandReport[]> {
    return this.#cancelingOnAbort(() =>
      this.#onEach(async (instanceId) => {
        const report = await this.#followToEnd(instanceId);
        await this.#tellEnd(report);
        return report;
      }),
    );
  }

  /**
   * The error for Catch, if these ends are this step's failure. They are not when the run itself stops the instance, nor when another
   * step of the run waits for the worker's work: that one looks at the work, and judges.
   */
  async failure(reports: readonly CommandReport[], waitsForEnd: boolean): Promise<PipelineError | undefined> {
    const { step } = this.#context;
    const stopping = step.latestFact("instances-stopping")?.instanceIds ?? [];
    const failed = reports.find(({ status, instanceId }) => status !== "Success" && !stopping.includes(instanceId));
    const isJudgedElsewhere = !waitsForEnd && step.latestFact("selection") !== undefined;
    if (!failed || isJudgedElsewhere) {
      return undefined;
    }
    const { commandError } = await import("../../services/ssm/command-error.ts");
    return commandError(failed, this.#command.script);
  }

  async #followToEnd(instanceId: string): Promise<CommandReport> {
    const { step, signal } = this.#context;
    const stopped = new AbortController();
    const unsubscribe = step.onFact("instances-stopped", (fact) => {
      if (fact.instanceIds.includes(instanceId)) {
        stopped.abort();
      }
    });
    try {
      return await this.#follow(instanceId, "ended", AbortSignal.any([signal, stopped.signal]));
    } catch (error) {
      if (signal.aborted || !stopped.signal.aborted) {
        throw error;
      }
      return this.#lastLook(instanceId);
    } finally {
      unsubscribe();
    }
  }

  /** AWS reports a command on a stopped instance as in progress until its limit has passed: nobody should wait for that. */
  async #lastLook(instanceId: string): Promise<CommandReport> {
    const { isFinal } = await import("../../services/ssm/command-report.ts");
    const report = await this.#follow(instanceId, "running", this.#context.signal);
    if (isFinal(report.status)) {
      return report;
    }
    await this.#cancel();
    return { ...report, status: "Cancelled", statusDetails: INSTANCE_STOPPED };
  }

  async #follow(instanceId: string, until: "running" | "ended", signal: AbortSignal): Promise<CommandReport> {
    const { followCommand } = await import("../../services/ssm/follow-command.ts");
    const { ssm, commandId, timeoutMs, pollMs } = this.#command;
    return followCommand({
      ssm,
      commandId,
      instanceId,
      until,
      timeoutMs,
      pollMs,
      signal,
      onState: (report) => this.#context.step.progress({ state: report.status, message: `command ${commandId}` }),
    });
  }

  async #tellEnd(report: CommandReport): Promise<void> {
    const { commandError } = await import("../../services/ssm/command-error.ts");
    const succeeded = report.status === "Success";
    this.#context.step.tell({
      kind: "command-ended",
      instanceId: report.instanceId,
      commandId: this.#command.commandId,
      succeeded,
      summary: succeeded ? "The script ended with exit code 0." : commandError(report, this.#command.script).message,
    });
  }

  /** A step that is aborted takes its command back, except when only its node closes: the work goes on without us. */
  async #cancelingOnAbort<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#context.signal.aborted && this.#context.step.abortCause !== "closed") {
        await this.#cancel();
      }
      throw error;
    }
  }

  async #cancel(): Promise<void> {
    const { cancelCommand } = await import("../../services/ssm/cancel-command.ts");
    const { ssm, commandId, instanceIds } = this.#command;
    await cancelCommand({ ssm, commandId, instanceIds });
  }

  #onEach(follow: (instanceId: string) => Promise<CommandReport>): Promise<CommandReport[]> {
    return Promise.all(this.#command.instanceIds.map(follow));
  }
}

const INSTANCE_STOPPED = "InstanceStopped";
