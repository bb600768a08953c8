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
import type { InstanceStore } from "./instance-store.ts";
import { instanceMark, instanceProcesses, killInstanceProcesses, signalAll } from "./processes.ts";
import { ShutdownSchedule } from "./shutdown-schedule.ts";

export interface FleetOptions {
  readonly store: InstanceStore;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly events: EventLog;
  /** Puts what belongs on a new or loaded instance's disk there. */
  readonly prepareDisk: (record: InstanceRecord, folder: string) => void;
}

/** `online`: the SSM agent is up. `offline`: it is gone, and when `orderly` is false it could not say good-bye. */
interface FleetEvents {
  online: [instanceId: string];
  offline: [instanceId: string, orderly: boolean];
}

interface Volatile {
  transition?: NodeJS.Timeout;
  agent?: NodeJS.Timeout;
  onlineSince?: number;
  ending?: Ending;
}

/** A terminated instance stays visible for about an hour. */
const TERMINATED_VISIBLE_MS = 3_600_000;

/** The instances and their states over time. It changes states; whether a change is allowed is EC2's business. */
export class Fleet extends EventEmitter<FleetEvents> {
  readonly #o: FleetOptions;
  readonly #records = new Map<string, InstanceRecord>();
  readonly #volatile = new Map<string, Volatile>();
  /** What `shutdown` inside an instance has announced. */
  readonly shutdowns: ShutdownSchedule;
  #closed = false;

  constructor(o: FleetOptions) {
    super();
    this.#o = o;
    this.shutdowns = new ShutdownSchedule(o.events, (instanceId) => this.#shutDownItself(instanceId));
  }

  /** Loads what an earlier sandbox left: whatever ran then has lost its power. */
  async open(): Promise<void> {
    for (const record of this.#o.store.load()) {
      await killInstanceProcesses(this.mark(record.instanceId));
      if (record.state === "terminated" || record.state === "shutting-down") {
        this.#o.store.remove(record.instanceId);
        continue;
      }
      this.#records.set(record.instanceId, record);
      if (record.state !== "stopped") {
        this.#powerCut(record);
      }
      this.#o.prepareDisk(record, this.folder(record.instanceId));
    }
  }

  list(): InstanceRecord[] {
    const gone = Date.now() - TERMINATED_VISIBLE_MS;
    for (const record of this.#records.values()) {
      if (record.terminatedAt !== undefined && Date.parse(record.terminatedAt) < gone) {
        this.#records.delete(record.instanceId);
        this.#o.store.remove(record.instanceId);
      }
    }
    return [...this.#records.values()];
  }

  find(instanceId: string): InstanceRecord | undefined {
    return this.#records.get(instanceId);
  }

  /** Puts a new instance into the fleet, as it is. */
  add(record: InstanceRecord): void {
    this.#records.set(record.instanceId, record);
    this.#o.prepareDisk(record, this.folder(record.instanceId));
    this.save(record);
  }

  save(record: InstanceRecord): void {
    this.#o.store.save(record);
  }

  /** The folder that is the instance's disk. */
  folder(instanceId: string): string {
    return this.#o.store.folder(instanceId);
  }

  /** What every process on the instance carries in its environment. */
  mark(instanceId: string): string {
    return instanceMark(this.folder(instanceId));
  }

  /** When the SSM agent came up (epoch milliseconds); `undefined` while it is not. */
  onlineSince(instanceId: string): number | undefined {
    return this.#volatile.get(instanceId)?.onlineSince;
  }

  /** To `pending`, later `running`, later with its agent online. */
  start(record: InstanceRecord): void {
    const volatile = this.#reset(record.instanceId);
    delete record.stateReason;
    record.transitionReason = "";
    record.launchTime = new Date().toISOString();
    this.#enter(record, "pending");
    const failure = this.#nextStartFailure();
    const goOn = (): void => (failure ? this.#failStart(record, failure) : this.#run(record));
    volatile.transition = after(this.#o.delays.startMs, goOn);
  }

  /** To `stopping` or `shutting-down` and then to the end; when it is on its way already, a power cut hurries it. */
  end(record: InstanceRecord, ending: Ending): void {
    const underWay = this.#volatile.get(record.instanceId)?.ending;
    if (underWay !== undefined && ending.to === underWay.to) {
      if (!ending.orderly) {
        void this.#finish(record, underWay);
      }
      return;
    }
    const volatile = this.#reset(record.instanceId, ending.orderly);
    volatile.ending = ending;
    record.stateReason = ending.reason;
    record.transitionReason = transitionText(ending.text, new Date());
    this.#enter(record, ending.to === "stopped" ? "stopping" : "shutting-down");
    const signal = (name: "SIGTERM" | "SIGKILL"): void =>
      signalAll(instanceProcesses(this.mark(record.instanceId)), name);
    if (ending.orderly) {
      // A machine that is asked to stop takes a moment before it ends its processes.
      after(this.#o.delays.stopMs / 2, () => signal("SIGTERM"));
    } else {
      signal("SIGKILL");
    }
    volatile.transition = after(this.#o.delays.stopMs, () => void this.#finish(record, ending));
  }

  /** Cuts the power of everything and waits until no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const record of this.#records.values()) {
      this.#reset(record.instanceId, false);
      await killInstanceProcesses(this.mark(record.instanceId));
      if (record.state !== "stopped" && record.state !== "terminated") {
        this.#powerCut(record);
      }
    }
  }

  #shutDownItself(instanceId: string): void {
    const record = this.#records.get(instanceId);
    if (record !== undefined) {
      const to = record.shutdownBehavior === "terminate" ? "terminated" : "stopped";
      this.end(record, { to, reason: SHUT_ITSELF_DOWN, text: "Instance initiated", orderly: true });
    }
  }

  #run(record: InstanceRecord): void {
    record.everRan = true;
    record.publicIp = `203.0.113.${randomInt(1, 255)}`;
    this.#enter(record, "running");
    if (this.#o.faults.neverOnline) {
      return;
    }
    const volatile = this.#of(record.instanceId);
    volatile.agent = after(this.#o.delays.onlineMs, () => {
      volatile.onlineSince = Date.now();
      this.#o.events.record("agent", { instanceId: record.instanceId, ping: "Online" });
      this.emit("online", record.instanceId);
    });
  }

  /** Uses up one of the injected failures of accepted starts. */
  #nextStartFailure(): typeof LAUNCH_FAILED | typeof CAPACITY_LOST | undefined {
    const { faults } = this.#o;
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
      this.#o.events.record("instance", { instanceId: record.instanceId, stuck: String(error) });
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
    this.#o.events.record("instance", {
      instanceId: record.instanceId,
      state,
      ...(record.stateReason === undefined ? {} : { reason: record.stateReason.code }),
    });
  }

  #of(instanceId: string): Volatile {
    const known = this.#volatile.get(instanceId) ?? {};
    this.#volatile.set(instanceId, known);
    return known;
  }

  /** Forgets every timer; an agent that was online goes. */
  #reset(instanceId: string, orderly = true): Volatile {
    const old = this.#of(instanceId);
    clearTimeout(old.transition);
    clearTimeout(old.agent);
    this.shutdowns.cancel(instanceId);
    this.#volatile.set(instanceId, {});
    if (old.onlineSince !== undefined) {
      this.emit("offline", instanceId, orderly);
    }
    return this.#of(instanceId);
  }
}
