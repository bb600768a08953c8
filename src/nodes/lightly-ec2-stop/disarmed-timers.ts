import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import type { InstanceState } from "../../services/ec2/instance-state.ts";
import { commandError } from "../../services/ssm/command-error.ts";
import { followCommand } from "../../services/ssm/follow-command.ts";
import { armShutdown, disarmShutdown } from "../../services/ssm/shutdown-timer.ts";
import { shutdownTimers } from "../shared/instances/shutdown-timers.ts";

/** The time limit for a timer. The instance is stopped anyway. */
const LIMIT_MS = 20_000;
const POLL_MS = 1000;

/**
 * The shutdown timers that a stop step disarms: before a hibernation, and on an instance that keeps running. A scheduled shutdown is in the
 * memory of the instance (`/run`). A normal stop clears it, but hibernation keeps it, and the instance would shut down again soon after
 * its next start. A timer that can't be disarmed causes a warning, and does not prevent the stop.
 */
export class DisarmedTimers {
  readonly #ssm: SSMClient;
  readonly #warn: (text: string) => void;
  /** The instances whose timer was disarmed, with its minutes if this process knows them. */
  readonly #disarmed = new Map<string, number>();

  constructor(ssm: SSMClient, warn: (text: string) => void) {
    this.#ssm = ssm;
    this.#warn = warn;
  }

  /** Disarms the timers of running instances, and waits for the result (20 s at most). Never rejects. */
  async disarm(states: readonly InstanceState[]): Promise<void> {
    const running = states.filter(({ state }) => state === "running");
    await Promise.all(running.map(({ instanceId }) => this.#disarmOne(instanceId)));
  }

  /** Arms the timers of instances that are still running after a failed stop. Never rejects. */
  async rearm(): Promise<void> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const disarmed = [...this.#disarmed];
    this.#disarmed.clear();
    const arms = disarmed.map(([instanceId, minutes]) =>
      armShutdown({ ssm: this.#ssm, instanceId, minutes, signal }).catch((error: unknown) => {
        this.#warn(`Instance ${instanceId} no longer stops by itself. ${toPipelineError(error).message}`);
      }),
    );
    await Promise.all(arms);
  }

  async #disarmOne(instanceId: string): Promise<void> {
    const minutes = shutdownTimers.longest(instanceId);
    const signal = AbortSignal.timeout(LIMIT_MS);
    const ssm = this.#ssm;
    try {
      const { commandId, commandLine } = await disarmShutdown({ ssm, instanceId, signal });
      if (minutes !== undefined) {
        this.#disarmed.set(instanceId, minutes);
      }
      const follow = { ssm, commandId, instanceId, until: "ended", pollMs: POLL_MS, signal } as const;
      const report = await followCommand({ ...follow, timeoutMs: LIMIT_MS });
      if (report.status !== "Success") {
        throw commandError(report, commandLine);
      }
    } catch (error) {
      if (minutes !== undefined || !refusesCommands(error)) {
        this.#warn(
          `The shutdown timer of instance ${instanceId} may be restored with its memory, and stop it again soon after its next start. ${toPipelineError(error).message}`,
        );
      }
    }
  }
}

/** Whether SSM can't reach the instance, or may not. Then it has no timer, unless this process has set one. */
function refusesCommands(error: unknown): boolean {
  return error instanceof PipelineError && (error.code === "SSM_NOT_ONLINE" || error.code === "SSM_ACCESS_DENIED");
}
