import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sandbox, SandboxOptions } from "lightly-aws-sandbox";
import { type NodeRedProcess, startNodeRed } from "../../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../../scripts/local/package-root.ts";
import type { RunRecord } from "../../../src/records/run-record.ts";
import { useSandbox } from "../../nodes/support/sandbox.ts";
import { until } from "../../nodes/support/until.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { stepOf } from "./pipeline.ts";

/** A node of a flow file. */
export type FlowNode = { id: string; type: string; wires?: string[][] } & Record<string, unknown>;

/**
 * A sandbox that keeps running, and Node-REDs with the example flow that start and end. Each test has its own user directory and Node-RED,
 * unless they share both.
 */
export interface Restarts {
  readonly sandbox: Sandbox;
  /** The log of the last started Node-RED. */
  readonly log: readonly string[];
  readonly userDir: string;
  /** The address of Node-RED. */
  readonly url: string;
  /** The last started Node-RED. */
  readonly nodeRed: NodeRedProcess;
  /** Starts Node-RED on this test's user directory. Returns the running one if the tests share it. */
  start(settings?: string, environment?: Readonly<Record<string, string>>): Promise<NodeRedProcess>;
  /** Changes the flow file while no Node-RED runs. */
  editFlow(change: (nodes: FlowNode[]) => FlowNode[]): Promise<void>;
  /** Changes the flow like the editor's deploy button. */
  deploy(change: (nodes: FlowNode[]) => FlowNode[], kind?: "full" | "flows" | "nodes"): Promise<void>;
  trigger(): Promise<string>;
  run(runId: string): Promise<RunRecord>;
  runs(): Promise<RunRecord[]>;
  /** Resolves with the run when `condition` is true for it. */
  untilRun(runId: string, condition: (run: RunRecord) => boolean): Promise<RunRecord>;
  /** Triggers the flow, and resolves when the worker's command runs and the selection is scheduled. */
  untilSelecting(): Promise<RunRecord>;
  /**
   * Starts a run, and waits until its worker works on the Lightly run, which never ends. A worker that was killed before that, and has only
   * locked the Lightly run, continues with it after its restart: the next test's worker would take no other one.
   */
  untilWorking(): Promise<RunRecord>;
}

/** The states of a Lightly run before its worker works. */
const BEFORE_WORK = ["", "OPEN", "LOCKED"];

async function retried<T>(read: () => Promise<T>): Promise<T> {
  let answer: T | undefined;
  await until(async () => {
    answer = await read().catch(() => undefined);
    return answer !== undefined;
  });
  return answer as T;
}

/** Whether no step of a run is running or waiting. */
export function isOver({ state }: RunRecord): boolean {
  return state === "completed" || state === "failed" || state === "aborted";
}

/** Whether no step of a run is running, and its instance was stopped. */
export function isCleanedUp(run: RunRecord): boolean {
  const stop = stepOf(run, "lightly-ec2-stop");
  return run.steps.every(({ state }) => state !== "running") && stop?.state === "completed";
}

/** Sets it up for a file's tests. */
export function useRestarts(
  options: Pick<SandboxOptions, "worker" | "delays"> & {
    /** An example's file name; the whole pipeline by default. */
    readonly flow?: string;
    /** Whether all tests of the file use one user directory, and a Node-RED runs until a test ends it: most of the time of a short test. */
    readonly shared?: boolean;
  } = {},
): Restarts {
  const local = useSandbox({
    ...options,
    delays: { startMs: 0, onlineMs: 0, stopMs: 0, deliveryMs: 0, ...options.delays },
  });
  const stateDir = temporaryFolder();
  let nodeRed: NodeRedProcess | undefined;
  let hasEnded = false;
  let log: string[] = [];
  let userDir = "";
  let test = 0;

  beforeEach(() => {
    if (options.shared) {
      userDir ||= join(stateDir, "user");
      return;
    }
    test += 1;
    userDir = join(stateDir, `user-${test}`);
  });
  const end = () => nodeRed?.close();
  if (options.shared) {
    after(end);
  } else {
    afterEach(end);
  }

  const running = (): NodeRedProcess => {
    if (!nodeRed) {
      throw new Error("Node-RED has not been started.");
    }
    return nodeRed;
  };
  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${running().url}${path}`)).json()) as T;
  const restarts: Restarts = {
    get sandbox() {
      return local.sandbox;
    },
    get log() {
      return log;
    },
    get userDir() {
      return userDir;
    },
    get url() {
      return running().url;
    },
    get nodeRed() {
      return running();
    },
    start: async (settings, environment = {}) => {
      if (options.shared && nodeRed && !hasEnded) {
        return nodeRed;
      }
      const lines: string[] = [];
      log = lines;
      const started = await startNodeRed({
        userDir,
        flow: join(PACKAGE_ROOT, "examples", options.flow ?? "flows.json"),
        environment: { ...restarts.sandbox.environment, ...environment },
        onLog: (line) => lines.push(line),
        ...(settings === undefined ? {} : { settings }),
      });
      nodeRed = started;
      hasEnded = false;
      void started.ended.then(() => {
        hasEnded ||= nodeRed === started;
      });
      return started;
    },
    editFlow: async (change) => {
      const file = join(userDir, "flows.json");
      const nodes = JSON.parse(await readFile(file, "utf8")) as FlowNode[];
      await writeFile(file, JSON.stringify(change(nodes)));
    },
    deploy: async (change, kind = "full") => {
      // The admin API exists a moment after the flows have started.
      const nodes = await retried(() => get<FlowNode[]>("/flows"));
      const response = await fetch(`${running().url}/flows`, {
        method: "POST",
        headers: { "content-type": "application/json", "Node-RED-Deployment-Type": kind },
        body: JSON.stringify(change(nodes)),
      });
      if (!response.ok) {
        throw new Error(`Node-RED answers ${response.status} to a deploy.`);
      }
    },
    // Right after a deploy the flow's addresses may not exist yet.
    trigger: () =>
      retried(async () => {
        const response = await fetch(`${running().url}/lightly-pipeline`, { method: "POST" });
        return ((await response.json()) as { runId: string }).runId;
      }),
    run: (runId) => get(`/lightly-aws/runs/${runId}`),
    runs: () => get("/lightly-aws/runs"),
    untilRun: async (runId, condition) => {
      let run: RunRecord | undefined;
      await until(async () => {
        run = await restarts.run(runId);
        return run.steps !== undefined && condition(run);
      }).catch(() => {
        throw new Error(`The expected state was not reached: ${JSON.stringify(run, undefined, 1)}\n${log.join("\n")}`);
      });
      return run as RunRecord;
    },
    untilSelecting: async () =>
      restarts.untilRun(
        await restarts.trigger(),
        (run) =>
          stepOf(run, "lightly-ssm-run-script")?.progress?.state === "InProgress" &&
          stepOf(run, "lightly-run")?.checkpoint?.scheduledRunId !== undefined,
      ),
    untilWorking: async () => {
      restarts.sandbox.faults.runNeverEnds = true;
      const { runId } = await restarts.untilSelecting();
      return await restarts.untilRun(
        runId,
        (run) => !BEFORE_WORK.includes(stepOf(run, "lightly-run")?.progress?.state ?? ""),
      );
    },
  };
  return restarts;
}
