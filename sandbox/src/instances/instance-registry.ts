import type { InstanceRecord } from "./instance.ts";
import type { InstanceStore } from "./instance-store.ts";
import { instanceMark } from "./processes.ts";

/** A terminated instance stays visible for about an hour. */
const TERMINATED_VISIBLE_MS = 3_600_000;

export interface InstanceRegistryOptions {
  readonly store: InstanceStore;
  /** Creates the files that belong on the disk of a new or loaded instance. */
  readonly prepareDisk: (record: InstanceRecord, folder: string) => void;
}

/** The records and disks of all instances, in memory and in the store. */
export class InstanceRegistry {
  readonly #options: InstanceRegistryOptions;
  readonly #records = new Map<string, InstanceRecord>();

  constructor(options: InstanceRegistryOptions) {
    this.#options = options;
  }

  /** The records that a previous sandbox saved; {@link restore} registers them. */
  saved(): InstanceRecord[] {
    return this.#options.store.load();
  }

  /** Registers a saved instance. */
  restore(record: InstanceRecord): void {
    this.#records.set(record.instanceId, record);
    this.#options.prepareDisk(record, this.folder(record.instanceId));
  }

  /** Registers and saves a new instance. */
  add(record: InstanceRecord): void {
    this.restore(record);
    this.save(record);
  }

  remove(instanceId: string): void {
    this.#records.delete(instanceId);
    this.#options.store.remove(instanceId);
  }

  list(): InstanceRecord[] {
    const visibleSince = Date.now() - TERMINATED_VISIBLE_MS;
    for (const record of this.#records.values()) {
      if (record.terminatedAt !== undefined && Date.parse(record.terminatedAt) < visibleSince) {
        this.remove(record.instanceId);
      }
    }
    return [...this.#records.values()];
  }

  find(instanceId: string): InstanceRecord | undefined {
    return this.#records.get(instanceId);
  }

  save(record: InstanceRecord): void {
    this.#options.store.save(record);
  }

  /** The folder that is the instance's disk. */
  folder(instanceId: string): string {
    return this.#options.store.folder(instanceId);
  }

  /** The mark that every process on the instance carries in its environment. */
  mark(instanceId: string): string {
    return instanceMark(this.folder(instanceId));
  }
}
