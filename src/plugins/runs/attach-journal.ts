import { existsSync } from "node:fs";
import type { NodeAPI } from "node-red";
import { RunsLock } from "../../journal/lock/runs-lock.ts";
import { RunJournal } from "../../journal/run-journal.ts";
import { beforeFirstUse } from "../../runs/first-use.ts";
import { type RunRegistry, runs } from "../../runs/run-registry.ts";
import { runsFolder } from "./runs-folder.ts";

/**
 * Attaches the journal to the runs, if Node-RED's settings have a folder for it: at once if the folder exists, because the runs in it are
 * resumed, otherwise before the first use of the runs.
 */
export function attachJournal(red: NodeAPI): void {
  const folder = runsFolder(red.settings);
  if (folder === undefined) {
    return;
  }
  const attach = (registry: RunRegistry): void => {
    const warn = (message: string): void => red.log.warn(message);
    const info = (message: string): void => red.log.info(message);
    const lock = new RunsLock({ folder });
    process.on("exit", () => lock.release());
    registry.attach(new RunJournal({ folder, warn, info }), { lock, warn, info });
  };
  if (existsSync(folder)) {
    attach(runs);
  } else {
    beforeFirstUse(attach);
  }
}
