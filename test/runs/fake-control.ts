import type { PipelineError } from "../../src/errors/pipeline-error.ts";
import type { InstanceControl, StopAttemptOptions, StoppedInstance } from "../../src/instances/instance-control.ts";
import type { InstanceState } from "../../src/services/ec2/instance-state.ts";

/** An account with instances that a test controls. */
export class FakeControl implements InstanceControl {
  readonly accountId: string;
  readonly pollMs = 5000;
  /** The attempts to stop an instance, in order. */
  readonly tries: StopAttemptOptions[] = [];
  readonly warnings: string[] = [];
  /** The errors of the next requests. */
  readonly refusals: PipelineError[] = [];
  looks = 0;
  state: InstanceState["state"] = "running";
  launchedAt: string | undefined;
  /** An accepted stop waits for this. */
  untilOff: Promise<void> = Promise.resolve();

  constructor(accountId = "aws") {
    this.accountId = accountId;
  }

  readonly describe = async (instanceId: string): Promise<InstanceState> => {
    this.looks += 1;
    this.#refuse();
    return this.#stateOf(instanceId);
  };

  readonly stop = async (request: StopAttemptOptions): Promise<StoppedInstance> => {
    this.tries.push(request);
    this.#refuse();
    const before = this.#stateOf(request.instanceId);
    await request.prepare(before);
    request.signal.throwIfAborted();
    request.onAccepted();
    const wasStopped = before.state === "stopped";
    if (!wasStopped) {
      this.state = "stopping";
      request.onState(this.#stateOf(request.instanceId), "stopping");
      await this.untilOff;
      this.state = "stopped";
    }
    return { instance: { ...this.#stateOf(request.instanceId), wasStopped }, hibernated: request.hibernate };
  };

  readonly warn = (text: string): void => {
    this.warnings.push(text);
  };

  #refuse(): void {
    const refusal = this.refusals.shift();
    if (refusal) {
      throw refusal;
    }
  }

  #stateOf(instanceId: string): InstanceState {
    return { instanceId, state: this.state, ...(this.launchedAt !== undefined && { launchedAt: this.launchedAt }) };
  }
}
