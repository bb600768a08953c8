import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The files of the runs in a user directory. */
export async function runFiles(userDir: string): Promise<string[]> {
  const folder = join(userDir, "lightly-aws/runs");
  return (await readdir(folder)).filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
}

/** Changes the runs on disk, while no Node-RED uses them, as if all steps had started earlier by this time. */
export async function setJournalBack(userDir: string, ms: number): Promise<void> {
  for (const file of await runFiles(userDir)) {
    const saved = await readFile(file, "utf8");
    await writeFile(
      file,
      saved.replaceAll(/"startedAt":(\d+)/g, (_, at: string) => `"startedAt":${Number(at) - ms}`),
    );
  }
}

/** Changes the runs on disk as if Node-RED had died before the steps of this type had ended. */
export async function reopenSteps(userDir: string, type: string): Promise<void> {
  for (const file of await runFiles(userDir)) {
    const lines = (await readFile(file, "utf8")).split("\n");
    const reopened = lines.map((line) => line && JSON.stringify(JSON.parse(line, (_, value) => reopen(value, type))));
    await writeFile(file, reopened.join("\n"));
  }
}

function reopen(value: unknown, type: string): unknown {
  const { endedAt: _endedAt, result: _result, ...step } = Object(value) as Record<string, unknown>;
  return step.type === type && step.state === "completed" ? { ...step, state: "running" } : value;
}
