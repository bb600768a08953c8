import type { NodeAPI } from "node-red";
import { RunsLock } from "../../journal/lock/runs-lock.ts";
import { RunJournal } from "../../journal/run-journal.ts";
import { runs } from "../../runs/run-registry.ts";
import { runsFolder } from "./runs-folder.ts";

/** Attaches the journal to the runs, if Node-RED's settings have a folder for it. */
export function attachJournal(red: NodeAPI): void {
  const folder = runsFolder(red.settings);
  if (folder !== undefined) {
    const warn = (message: string): void => red.log.warn(message);
    const info = (message: string): void => red.log.info(message);
    const lock = new RunsLock({ folder });
    process.on("exit", () => lock.release());
    runs.attach(new RunJournal({ folder, warn, info }), { lock, warn, info });
  }
}
