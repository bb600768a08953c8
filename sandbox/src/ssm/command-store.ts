import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "../instances/instance-store.ts";
import type { Command } from "./command.ts";

/** SSM stores commands for 30 days. */
const MAX_AGE_MS = 30 * 24 * 3_600_000;

/** The commands that were sent, one file each. */
export interface CommandStore {
  /** Newest first. */
  list(): Command[];
  find(commandId: string): Command | undefined;
  save(command: Command): void;
}

/** Opens (or creates) the store in `dir` and removes expired commands. */
export function openCommandStore(dir: string): CommandStore {
  mkdirSync(dir, { recursive: true });
  const commands = new Map<string, Command>();
  for (const name of readdirSync(dir).filter((one) => /^[0-9a-f-]{36}\.json$/.test(one))) {
    const command = JSON.parse(readFileSync(join(dir, name), "utf8")) as Command;
    if (command.requestedAt < Date.now() - MAX_AGE_MS) {
      rmSync(join(dir, name));
    } else {
      commands.set(command.commandId, command);
    }
  }
  return {
    list: () => [...commands.values()].sort((a, b) => b.requestedAt - a.requestedAt),
    find: (commandId) => commands.get(commandId),
    save(command) {
      commands.set(command.commandId, command);
      writeJson(join(dir, `${command.commandId}.json`), command);
    },
  };
}
