import type { PipelineError } from "../../errors/pipeline-error.ts";
import type { CommandEnded, CommandStarted } from "../../runs/run-events.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { lostError } from "../shared/step/waits/lost-error.ts";
import { endIfNotTaken } from "./end-if-not-taken.ts";
import { endUnlessOver, NOT_TAKEN, type WaitControl, workerEnded } from "./end-wait.ts";
import type { SelectionWait } from "./selection-wait.ts";

/**
 * Follows the events that other steps emit about the workers of the run. The wait polls immediately when a script has started or ended, and ends
 * when no worker is left:
 *
 * - every script has ended, and the last one has failed (`LIGHTLY_WORKER_ENDED`);
 * - every instance was stopped before a worker had taken the run (`LIGHTLY_WORKER_ENDED`), or was lost (`EC2_INSTANCE_LOST`);
 * - every script has succeeded, or the instance is ready and no script will be run, and no worker has taken the run within the limit
 *   (`LIGHTLY_NO_WORKER`). A script may end before its worker does: `docker run -d`.
 *
 * @returns a function that ends the subscriptions
 */
export function watchWorkers(context: StepContext, wait: SelectionWait, control: WaitControl): () => void {
  const { events } = context;
  const workers = new Workers(context, wait, control);
  const subscriptions = [
    events.subscribe("instances-started", ({ instanceIds }) => workers.instancesStarted(instanceIds)),
    events.subscribe("command-started", (command) => workers.scriptStarted(command)),
    events.subscribe("command-ended", (command) => workers.scriptEnded(command)),
    events.subscribeNew("instances-stopped", ({ instanceIds }) => workers.instancesStopped(instanceIds)),
    events.subscribeNew("instances-lost", ({ instanceIds, state }) => workers.instancesLost(instanceIds, state)),
  ];
  return () => {
    for (const unsubscribe of subscriptions) {
      unsubscribe();
    }
    workers.close();
  };
}

/** The workers that can still process the run, according to the events. */
class Workers {
  readonly #context: StepContext;
  readonly #wait: SelectionWait;
  readonly #control: WaitControl;
  /** The running scripts. */
  readonly #working = new Set<string>();
  /** The scripts that have ended. After a restart, the step of such a script may emit its start and its end again. */
  readonly #ended = new Set<string>();
  /** The instances on which a script has started. */
  readonly #instances = new Set<string>();
  /** The instances that were started for the run, with or without a running script. */
  readonly #started = new Set<string>();
  /** The stopped instances on which no script has started since. */
  readonly #off = new Set<string>();
  /** The number of events so far after which a limit for a worker to take the run may begin. */
  #events = 0;
  /** Ends the limit for a worker to take the run. */
  #noWorker: AbortController | undefined;

  constructor(context: StepContext, wait: SelectionWait, control: WaitControl) {
    this.#context = context;
    this.#wait = wait;
    this.#control = control;
  }

  instancesStarted(instanceIds: readonly string[]): void {
    this.#events += 1;
    for (const id of instanceIds) {
      this.#started.add(id);
      this.#off.delete(id);
    }
    this.#limitFrom("its instance was ready", instanceIds);
  }

  scriptStarted({ commandId, instanceId }: CommandStarted): void {
    const script = `${commandId}/${instanceId}`;
    if (this.#ended.has(script)) {
      return;
    }
    this.#working.add(script);
    this.#instances.add(instanceId);
    this.#off.delete(instanceId);
    this.#noWorker?.abort();
    this.#control.wakeUp.now();
  }

  scriptEnded({ commandId, instanceId, succeeded, summary, isLost }: CommandEnded): void {
    const script = `${commandId}/${instanceId}`;
    if (this.#ended.has(script)) {
      return;
    }
    this.#events += 1;
    this.#ended.add(script);
    this.#working.delete(script);
    this.#control.wakeUp.now();
    if (this.#working.size > 0 || isLost) {
      return;
    }
    if (!succeeded) {
      this.#endIf(() => true, workerEnded(this.#wait, summary));
    } else {
      this.#limitFrom("the script had ended", [...this.#instances]);
    }
  }

  instancesStopped(instanceIds: readonly string[]): void {
    this.#turnedOff(instanceIds);
    const all = [...this.#instances];
    if (this.#areOff(all)) {
      // After a successful script its worker may still run in the background, but not on a stopped instance.
      const error = workerEnded(this.#wait, `Its instance was stopped: ${all.join(", ")}.`);
      this.#endIf((state) => state === NOT_TAKEN, error);
    }
  }

  instancesLost(instanceIds: readonly string[], state: string): void {
    this.#turnedOff(instanceIds);
    const all = [...new Set([...this.#instances, ...this.#started])];
    if (this.#areOff(all)) {
      this.#endIf(
        () => true,
        () => lostError(all.join(", "), state),
      );
    }
  }

  close(): void {
    this.#noWorker?.abort();
    this.#control.abandoned.abort();
  }

  #turnedOff(instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      this.#off.add(id);
    }
  }

  #areOff(instanceIds: readonly string[]): boolean {
    return instanceIds.length > 0 && instanceIds.every((id) => this.#off.has(id));
  }

  #limitFrom(what: string, instanceIds: readonly string[]): void {
    const [wait, control] = [this.#wait, this.#control];
    if (wait.workerWithinMs > 0) {
      this.#noWorker?.abort();
      this.#noWorker = new AbortController();
      const signal = AbortSignal.any([this.#noWorker.signal, control.abandoned.signal]);
      const since = { what, instanceIds };
      void endIfNotTaken(this.#context, { since, events: this.#events, wait, control, signal });
    }
  }

  /** No worker is left, so that the limit for one to take the run no longer matters. */
  #endIf(isHopeless: (state: string) => boolean, error: (state: string) => PipelineError): void {
    this.#noWorker?.abort();
    void endUnlessOver(this.#wait, this.#control, { after: this.#wait.pollMs, isHopeless, error });
  }
}
