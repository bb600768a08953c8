import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "./instance-store.ts";

/** A container of the shim: a process of the instance with its own log that is independent of the client that started it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly pid: number;
  /** ISO time. */
  readonly createdAt: string;
  /** `--rm`: removed when it has ended. */
  readonly remove: boolean;
  readonly exitCode?: number;
}

/** The containers of the instance whose disk is `instanceFolder`. */
export function containersIn(instanceFolder: string) {
  const root = join(instanceFolder, "var", "lib", "docker", "containers");
  const folder = (id: string): string => join(root, id);
  const file = (id: string): string => join(folder(id), "container.json");
  const drop = (id: string): void => rmSync(folder(id), { recursive: true, force: true });
  const read = (id: string): Container[] => {
    try {
      return [JSON.parse(readFileSync(file(id), "utf8")) as Container];
    } catch {
      return []; // It is being created or removed.
    }
  };
  return {
    /** A new id and its folder with empty logs. */
    create(): { id: string; folder: string } {
      const id = randomBytes(32).toString("hex");
      mkdirSync(folder(id), { recursive: true });
      return { id, folder: folder(id) };
    },
    save(container: Container): void {
      writeJson(file(container.id), container);
    },
    drop,
    folder,
    /** Newest first, without ended containers that had `--rm`. */
    list(): Container[] {
      mkdirSync(root, { recursive: true });
      const all = readdirSync(root).flatMap(read);
      for (const ended of all.filter((one) => one.remove && !isAlive(one))) {
        drop(ended.id);
      }
      return all.filter((one) => !one.remove || isAlive(one)).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    },
    /** By name, id or the beginning of an id. */
    find(reference: string): Container | undefined {
      return this.list().find((one) => one.name === reference || (reference !== "" && one.id.startsWith(reference)));
    },
  };
}

export type Containers = ReturnType<typeof containersIn>;

/** The variable that distinguishes a container's process from a later process with the same id. */
export const CONTAINER_VARIABLE = "SANDBOX_CONTAINER";

/** Whether the container's process still runs. */
export function isAlive(container: Container): boolean {
  if (container.exitCode !== undefined) {
    return false;
  }
  try {
    process.kill(container.pid, 0);
    return (
      process.platform !== "linux" ||
      readFileSync(`/proc/${container.pid}/environ`, "latin1").includes(`${CONTAINER_VARIABLE}=${container.id}`)
    );
  } catch {
    return false;
  }
}

/** Copies the bytes that were added to a log since the last call. */
export function followLog(path: string, write: (text: Buffer) => void): { copyNew(): void; close(): void } {
  const log = openSync(path, "r");
  let position = 0;
  return {
    copyNew() {
      const fresh = Buffer.alloc(fstatSync(log).size - position);
      const got = readSync(log, fresh, 0, fresh.length, position);
      position += got;
      if (got > 0) {
        write(fresh.subarray(0, got));
      }
    },
    close: () => closeSync(log),
  };
}

/** The default name of a container. */
export function anyName(id: string): string {
  return `sandbox_${id.slice(0, 8)}`;
}
