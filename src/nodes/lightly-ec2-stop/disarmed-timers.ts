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
 * The shutdown timers that a stop step takes back: before a hibernation, and on an instance that is to stay on. A scheduled shutdown lives in the memory of the instance (`/run`): a plain stop
 * forgets it, so nothing is to be done there, but hibernation keeps the memory, and the instance would go off again as soon as it
 * is back. What can't be disarmed is warned of; it never keeps an instance from being stopped.
 */
export class DisarmedTimers {
  readonly #ssm: SSMClient;
  readonly #warn: (text: string) => void;
  /** The instances whose timer was taken back, and how many minutes it had, as far as this process knows. */
  readonly #disarmed = new Map<string, number>();

  constructor(ssm: SSMClient, warn: (text: string) => void) {
    this.#ssm = ssm;
    this.#warn = warn;
  }

  /** Disarms those that run, and waits until that is done (20 s at most); never rejects. */
  async disarm(states: readonly InstanceState[]): Promise<void> {
    const running = states.filter(({ state }) => state === "running");
    await Promise.all(running.map(({ instanceId }) => this.#disarmOne(instanceId)));
  }

  /** Arms again what a stop that failed has left running; never rejects. */
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
          `The shutdown timer of instance ${instanceId} may come back with its memory, and stop it again soon after its next start. ${toPipelineError(error).message}`,
        );
      }
    }
  }
}

/** An instance that SSM does not reach, or may not be reached by, has no timer of ours either, unless we know of one. */
function refusesCommands(error: unknown): boolean {
  return error instanceof PipelineError && (error.code === "SSM_NOT_ONLINE" || error.code === "SSM_ACCESS_DENIED");
}
