import { randomInt } from "node:crypto";
import { EventEmitter } from "node:events";
import type { EventLog } from "../faults/event-log.ts";
import type { Faults } from "../faults/faults.ts";
import { after, type Delays } from "./delays.ts";
import {
  CAPACITY_LOST,
  type Ending,
  type InstanceRecord,
  type InstanceStateName,
  LAUNCH_FAILED,
  POWER_CUT,
  SHUT_ITSELF_DOWN,
  transitionText,
} from "./instance.ts";
import { InstanceRegistry, type InstanceRegistryOptions } from "./instance-registry.ts";
import { instanceProcesses, killInstanceProcesses, signalAll } from "./processes.ts";
import { ShutdownSchedule } from "./shutdown-schedule.ts";

export interface FleetOptions extends InstanceRegistryOptions {
  readonly delays: Delays;
  readonly faults: Faults;
  readonly events: EventLog;
}

/** `online`: the SSM agent has started. `offline`: it has ended; `orderly` is false when it could not report that. */
interface FleetEvents {
  online: [instanceId: string];
  offline: [instanceId: string, orderly: boolean];
}

/** The part of an instance that is not saved: its timers and its agent. */
interface RunningPart {
  transition?: NodeJS.Timeout;
  agent?: NodeJS.Timeout;
  onlineSince?: number;
  ending?: Ending;
}

/** The instances and their state changes over time. The EC2 service decides whether a change is allowed. */
export class Fleet extends EventEmitter<FleetEvents> {
  readonly #options: FleetOptions;
  readonly #registry: InstanceRegistry;
  readonly #running = new Map<string, RunningPart>();
  /** The shutdowns that instances have scheduled for themselves. */
  readonly shutdowns: ShutdownSchedule;
  #closed = false;

  constructor(options: FleetOptions) {
    super();
    this.#options = options;
    this.#registry = new InstanceRegistry(options);
    this.shutdowns = new ShutdownSchedule(options.events, (instanceId) => this.#shutDownItself(instanceId));
  }

  /** Loads the instances of a previous sandbox; those that were running then have lost their power. */
  async open(): Promise<void> {
    for (const record of this.#registry.saved()) {
      await killInstanceProcesses(this.mark(record.instanceId));
      if (record.state === "terminated" || record.state === "shutting-down") {
        this.#registry.remove(record.instanceId);
        continue;
      }
      if (record.state !== "stopped") {
        this.#powerCut(record);
      }
      this.#registry.restore(record);
    }
  }

  list(): InstanceRecord[] {
    return this.#registry.list();
  }

  find(instanceId: string): InstanceRecord | undefined {
    return this.#registry.find(instanceId);
  }

  /** Adds a new instance in the state of its record. */
  add(record: InstanceRecord): void {
    this.#registry.add(record);
  }

  save(record: InstanceRecord): void {
    this.#registry.save(record);
  }

  /** The folder that is the instance's disk. */
  folder(instanceId: string): string {
    return this.#registry.folder(instanceId);
  }

  /** The mark that every process on the instance carries in its environment. */
  mark(instanceId: string): string {
    return this.#registry.mark(instanceId);
  }

  /** When the SSM agent started (epoch milliseconds); `undefined` while it is not online. */
  onlineSince(instanceId: string): number | undefined {
    return this.#running.get(instanceId)?.onlineSince;
  }

  /** Starts an instance: `pending`, then `running`, then the agent is online. */
  start(record: InstanceRecord): void {
    const running = this.#reset(record.instanceId);
    delete record.stateReason;
    record.transitionReason = "";
    record.launchTime = new Date().toISOString();
    this.#enter(record, "pending");
    const failure = this.#nextStartFailure();
    const leavePending = (): void => (failure ? this.#failStart(record, failure) : this.#run(record));
    running.transition = after(this.#options.delays.startMs, leavePending);
  }

  /** Stops or terminates an instance: `stopping` or `shutting-down` first. During that, a power cut ends it immediately. */
  end(record: InstanceRecord, ending: Ending): void {
    const current = this.#running.get(record.instanceId)?.ending;
    if (current !== undefined && ending.to === current.to) {
      if (!ending.orderly) {
        void this.#finish(record, current);
      }
      return;
    }
    const running = this.#reset(record.instanceId, ending.orderly);
    running.ending = ending;
    record.stateReason = ending.reason;
    record.transitionReason = transitionText(ending.text, new Date());
    this.#enter(record, ending.to === "stopped" ? "stopping" : "shutting-down");
    const signal = (name: "SIGTERM" | "SIGKILL"): void =>
      signalAll(instanceProcesses(this.mark(record.instanceId)), name);
    if (ending.orderly) {
      // A machine takes a moment before it ends its processes.
      after(this.#options.delays.stopMs / 2, () => signal("SIGTERM"));
    } else {
      signal("SIGKILL");
    }
    running.transition = after(this.#options.delays.stopMs, () => void this.#finish(record, ending));
  }

  /** Cuts the power of every instance and waits until no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const record of this.#registry.list()) {
      this.#reset(record.instanceId, false);
      await killInstanceProcesses(this.mark(record.instanceId));
      if (record.state !== "stopped" && record.state !== "terminated") {
        this.#powerCut(record);
      }
    }
  }

  #shutDownItself(instanceId: string): void {
    const record = this.find(instanceId);
    if (record !== undefined) {
      const to = record.shutdownBehavior === "terminate" ? "terminated" : "stopped";
      this.end(record, { to, reason: SHUT_ITSELF_DOWN, text: "Instance initiated", orderly: true });
    }
  }

  #run(record: InstanceRecord): void {
    record.everRan = true;
    record.publicIp = `203.0.113.${randomInt(1, 255)}`;
    this.#enter(record, "running");
    if (this.#options.faults.neverOnline) {
      return;
    }
    const running = this.#of(record.instanceId);
    running.agent = after(this.#options.delays.onlineMs, () => {
      running.onlineSince = Date.now();
      this.#options.events.record("agent", { instanceId: record.instanceId, ping: "Online" });
      this.emit("online", record.instanceId);
    });
  }

  /** Consumes one of the injected failures of accepted starts. */
  #nextStartFailure(): typeof LAUNCH_FAILED | typeof CAPACITY_LOST | undefined {
    const { faults } = this.#options;
    if (faults.startFailures > 0) {
      faults.startFailures -= 1;
      return LAUNCH_FAILED;
    }
    if (faults.capacityLost > 0) {
      faults.capacityLost -= 1;
      return CAPACITY_LOST;
    }
    return undefined;
  }

  #failStart(record: InstanceRecord, failure: typeof LAUNCH_FAILED | typeof CAPACITY_LOST): void {
    record.stateReason = failure;
    record.transitionReason = failure.code;
    this.#settle(record, record.everRan ? "stopped" : "terminated");
  }

  async #finish(record: InstanceRecord, ending: Ending): Promise<void> {
    clearTimeout(this.#of(record.instanceId).transition);
    try {
      await killInstanceProcesses(this.mark(record.instanceId));
    } catch (error) {
      this.#options.events.record("instance", { instanceId: record.instanceId, stuck: String(error) });
    }
    if (!this.#closed && this.#of(record.instanceId).ending === ending) {
      this.#settle(record, ending.to);
    }
  }

  #settle(record: InstanceRecord, state: "stopped" | "terminated"): void {
    delete this.#of(record.instanceId).ending;
    delete record.publicIp;
    if (state === "terminated") {
      record.terminatedAt = new Date().toISOString();
    }
    this.#enter(record, state);
  }

  #powerCut(record: InstanceRecord): void {
    record.stateReason = POWER_CUT;
    record.transitionReason = transitionText("Server.InternalError", new Date());
    this.#settle(record, record.state === "shutting-down" ? "terminated" : "stopped");
  }

  #enter(record: InstanceRecord, state: InstanceStateName): void {
    record.state = state;
    this.save(record);
    this.#options.events.record("instance", {
      instanceId: record.instanceId,
      state,
      ...(record.stateReason === undefined ? {} : { reason: record.stateReason.code }),
    });
  }

  #of(instanceId: string): RunningPart {
    const known = this.#running.get(instanceId) ?? {};
    this.#running.set(instanceId, known);
    return known;
  }

  /** Clears the timers of an instance; an agent that was online goes offline. */
  #reset(instanceId: string, orderly = true): RunningPart {
    const old = this.#of(instanceId);
    clearTimeout(old.transition);
    clearTimeout(old.agent);
    this.shutdowns.cancel(instanceId);
    this.#running.set(instanceId, {});
    if (old.onlineSince !== undefined) {
      this.emit("offline", instanceId, orderly);
    }
    return this.#of(instanceId);
  }
}
