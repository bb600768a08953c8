import { toPipelineError } from "../../errors/pipeline-error.ts";
import type { Step } from "../../runs/steps/step.ts";
import type { AwsClients } from "../../services/aws/aws-clients.ts";

/** What {@link InstanceCare} needs. */
export interface InstanceCareOptions {
  readonly clients: () => Promise<AwsClients>;
  readonly warn: (text: string) => void;
  /** Aborted when the node closes. */
  readonly signal: AbortSignal;
}

const STOP_WITHIN_MS = 15 * 60_000;
const POLL_MS = 5000;

/** Looks after the instances of the runs that a node has started: once for each step, from the start until the node closes. */
export class InstanceCare {
  readonly #options: InstanceCareOptions;
  readonly #guarded = new Set<string>();
  readonly #armed = new Set<string>();

  constructor(options: InstanceCareOptions) {
    this.#options = options;
  }

  /** Has those that the run has switched on stopped, should a node of the run be deleted or disabled under its work. */
  guard(step: Step, instanceIds: readonly string[]): void {
    const { stepId } = step.record;
    if (this.#guarded.has(stepId)) {
      return;
    }
    this.#guarded.add(stepId);
    step.instances.guard(() => this.#stop(step, instanceIds));
  }

  /**
   * Arms the dead-man's switch; resolves when that is done or was warned of.
   *
   * @param minutes - how long after the last renewal an instance stops by itself; 0: never
   */
  async arm(step: Step, instanceIds: readonly string[], minutes: number): Promise<void> {
    const { stepId } = step.record;
    if (minutes <= 0 || this.#armed.has(stepId)) {
      return;
    }
    this.#armed.add(stepId);
    const { clients, warn, signal } = this.#options;
    const lent = await clients();
    const { DeadMansSwitch } = await import("./dead-mans-switch.ts");
    const [ec2, ssm] = [await lent.ec2(), await lent.ssm()];
    await new DeadMansSwitch({ ec2, ssm, step, instanceIds, minutes, warn, signal }).arm();
  }

  async #stop(step: Step, all: readonly string[]): Promise<void> {
    const { clients, warn } = this.#options;
    const { instances } = step;
    const isOurs = (id: string): boolean => !instances.foundRunning(id) && instances.neededByOthers(id).length === 0;
    const ids = all.filter(isOurs);
    instances.release(all);
    if (ids.length === 0) {
      return;
    }
    try {
      const { stopInstances } = await import("../../services/ec2/stop-instances.ts");
      const ec2 = await (await clients()).ec2();
      step.tellEveryRun({ kind: "instances-stopping", instanceIds: ids });
      const signal = AbortSignal.timeout(STOP_WITHIN_MS);
      await stopInstances({ ec2, select: { ids }, wait: true, timeoutMs: STOP_WITHIN_MS, pollMs: POLL_MS, signal });
      step.tellEveryRun({ kind: "instances-stopped", instanceIds: ids });
      warn(`The run ${step.runId} can't go on without its node: ${ids.join(", ")} was stopped.`);
    } catch (error) {
      warn(
        `The run ${step.runId} can't go on without its node, and ${ids.join(", ")} could not be stopped: it may still be running and cost money. ${toPipelineError(error).message}`,
      );
    }
  }
}
