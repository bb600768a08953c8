import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunSummary } from "../../src/records/run-summary.ts";
import { PACKAGE_ROOT } from "./package-root.ts";

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** The example with LightlyStudio, for one environment. */
export interface StudioFlow {
  readonly file: string;
  /** The id of the button that starts it. */
  readonly button: string;
}

/**
 * Writes `examples/studio.json` with another interpreter and model, and with every frame as a candidate, because the clips are short. The
 * instances of the sandbox have a stand-in for LightlyStudio at the usual path; another absolute path is a program of this machine.
 */
export async function writeStudioFlow(o: {
  readonly file: string;
  readonly python: string;
  readonly embedder: string;
  /** Further changes, which get all nodes of the example. */
  readonly change?: (nodes: readonly FlowNode[]) => readonly FlowNode[];
}): Promise<StudioFlow> {
  const example = join(PACKAGE_ROOT, "examples", "studio.json");
  const nodes = JSON.parse(await readFile(example, "utf8")) as FlowNode[];
  const { python, embedder, change = (all) => all } = o;
  const changed = nodes.map((node) =>
    node.type === "lightly-studio-select" ? { ...node, python, embedder, install: "no", frames: "all" } : node,
  );
  await mkdir(dirname(o.file), { recursive: true });
  await writeFile(o.file, JSON.stringify(change(changed)));
  const button = nodes.find(({ type }) => type === "inject");
  if (button === undefined) {
    throw new Error(`${example} has no button that starts it.`);
  }
  return { file: o.file, button: button.id };
}

const START_MS = 20_000;
const POLL_MS = 100;

/**
 * Presses a button of a flow.
 *
 * @returns the id of the run that it has started
 */
export async function pressButton(url: string, button: string, signal: AbortSignal): Promise<string> {
  const runIds = async (): Promise<string[]> => {
    const response = await fetch(`${url}/lightly-aws/runs?summary`, { signal });
    return ((await response.json()) as RunSummary[]).map(({ runId }) => runId);
  };
  const before = new Set(await runIds());
  await fetch(`${url}/inject/${encodeURIComponent(button)}`, { method: "POST", signal });
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const started = (await runIds()).find((runId) => !before.has(runId));
    if (started !== undefined) {
      return started;
    }
    await pause(POLL_MS, undefined, { signal });
  }
  throw new Error("The flow has not started a run.");
}
