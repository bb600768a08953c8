import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InstanceRecord } from "./instance.ts";

/** Instances on disk: `<id>.json` is the record, the folder `<id>/` is the instance's disk. */
export interface InstanceStore {
  load(): InstanceRecord[];
  save(record: InstanceRecord): void;
  remove(instanceId: string): void;
  /** The folder that is the instance's disk; created when missing. */
  folder(instanceId: string): string;
}

/** Opens (or creates) the store in `dir`. */
export function openInstanceStore(dir: string): InstanceStore {
  mkdirSync(dir, { recursive: true });
  // One spelling of the path, so that processes marked by a previous sandbox are recognized.
  const root = realpathSync(dir);
  const recordFile = (instanceId: string): string => join(root, `${instanceId}.json`);
  return {
    load: () =>
      readdirSync(root)
        .filter((name) => /^i-[0-9a-f]+\.json$/.test(name))
        .map((name) => JSON.parse(readFileSync(join(root, name), "utf8")) as InstanceRecord),
    save(record) {
      writeJson(recordFile(record.instanceId), record);
    },
    remove(instanceId) {
      rmSync(recordFile(instanceId), { force: true });
      rmSync(join(root, instanceId), { recursive: true, force: true });
    },
    folder(instanceId) {
      const path = join(root, instanceId);
      mkdirSync(path, { recursive: true });
      return path;
    },
  };
}

/** Replaces a JSON file atomically, so that a crash leaves either the old or the new one. */
export function writeJson(path: string, value: unknown, mode = 0o644): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode });
  renameSync(draft, path);
}
