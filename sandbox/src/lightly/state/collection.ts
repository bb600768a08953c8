import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface Stored {
  readonly id: string;
  readonly createdAt: number;
}

/** Receives a record after its change, and the record before it; the deleted one when it was deleted. */
export type OnChange<T> = (record: T, change: "created" | "changed" | "deleted", before: T | undefined) => void;

/**
 * Records of one kind, in memory and each in a JSON file. A file is replaced by renaming, so that a process
 * that is killed leaves either the old or the new record.
 */
export class Collection<T extends Stored> {
  readonly #dir: string;
  readonly #groupKey: keyof T & string;
  readonly #groups = new Map<string, Map<string, T>>();
  readonly #all = new Map<string, T>();
  #onChange: OnChange<T> = () => {};

  /** @param groupKey - the field that `of` finds records by: usually the id of their owner */
  constructor(dir: string, groupKey: keyof T & string) {
    this.#dir = dir;
    this.#groupKey = groupKey;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const names = readdirSync(dir).filter((name) => name.endsWith(".json"));
    const records = names.map((name) => JSON.parse(readFileSync(path.join(dir, name), "utf8")) as T);
    for (const record of records.sort(byAge)) {
      this.#remember(record);
    }
  }

  get(id: string): T | undefined {
    return this.#all.get(id);
  }

  /** All records, oldest first. */
  all(): T[] {
    return [...this.#all.values()];
  }

  /** All records of a group, oldest first. */
  of(group: string): T[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  /** Has every later change reported, once it is stored. */
  watch(onChange: OnChange<T>): void {
    this.#onChange = onChange;
  }

  put(record: T): T {
    const file = this.#file(record.id);
    writeFileSync(`${file}.part`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${file}.part`, file);
    const before = this.#all.get(record.id);
    if (before !== undefined && this.#group(before) !== this.#group(record)) {
      this.#groups.get(this.#group(before))?.delete(record.id);
    }
    this.#remember(record);
    this.#onChange(record, before === undefined ? "created" : "changed", before);
    return record;
  }

  remove(id: string): void {
    const record = this.#all.get(id);
    if (record !== undefined) {
      rmSync(this.#file(id), { force: true });
      this.#all.delete(id);
      this.#groups.get(this.#group(record))?.delete(id);
      this.#onChange(record, "deleted", record);
    }
  }

  #remember(record: T): void {
    this.#all.set(record.id, record);
    const key = this.#group(record);
    const group = this.#groups.get(key) ?? new Map<string, T>();
    group.set(record.id, record);
    this.#groups.set(key, group);
  }

  #group(record: T): string {
    return String(record[this.#groupKey] ?? "");
  }

  #file(id: string): string {
    return path.join(this.#dir, `${id}.json`);
  }
}

const byAge = (a: Stored, b: Stored): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
