import { join } from "node:path";
import { testClips } from "../../../sandbox/test/clips/test-clips.ts";
import { instanceState } from "../../../scripts/local/instance-state.ts";
import { type LocalStack, type StartLocalStackOptions, startLocalStack } from "../../../scripts/local/local-stack.ts";
import { PACKAGE_ROOT } from "../../../scripts/local/package-root.ts";
import { watchRun } from "../../../scripts/local/run-watcher.ts";
import type { RunRecord, StepRecord } from "../../../src/records/run-record.ts";
import { HANG_MS } from "../../support/limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const NO_DELAYS = { startMs: 0, onlineMs: 0, stopMs: 0, deliveryMs: 0, workerPollMs: 50 };

/** The example flow in a real Node-RED process, with a sandbox whose instances have no delays. */
export interface Pipeline {
  readonly stack: LocalStack;
  /** Everything that Node-RED has logged. */
  readonly log: readonly string[];
  /** The user directory of this Node-RED. */
  readonly userDir: string;
  /** Triggers the flow over HTTP, and returns the run's id immediately. */
  trigger(): Promise<string>;
  /** Resolves with the run when its stop step has ended and none of its steps is running. */
  end(runId: string): Promise<RunRecord>;
  /** The state of the instance according to EC2. */
  instance(): Promise<string>;
}

/** Starts the pipeline once for the tests of a file. Faults are removed after each test. */
export function usePipeline(o: {
  readonly nodeRed: "node-red" | "node-red-4";
  readonly worker: "stand-in" | "instant";
  /** An example's file name; the whole pipeline by default. */
  readonly flow?: string;
  readonly delays?: StartLocalStackOptions["delays"];
}): Pipeline {
  const log: string[] = [];
  let stack: LocalStack | undefined;
  const stateDir = temporaryFolder();

  before(async () => {
    stack = await startLocalStack({
      videosDir: await testClips(),
      stateDir,
      nodeRedPackage: o.nodeRed,
      worker: o.worker,
      delays: { ...NO_DELAYS, ...o.delays },
      flow: join(PACKAGE_ROOT, "examples", o.flow ?? "flows.json"),
      onNodeRedLog: (line) => log.push(line),
    });
  });
  afterEach(() => stack?.sandbox.faults.clear());
  after(() => stack?.close());

  const running = (): LocalStack => {
    if (!stack) {
      throw new Error("The pipeline is there inside a test only.");
    }
    return stack;
  };
  return {
    get stack() {
      return running();
    },
    log,
    get userDir() {
      return join(stateDir, "node-red");
    },
    trigger: async () => {
      const response = await fetch(`${running().nodeRed.url}/lightly-pipeline`, { method: "POST" });
      const { runId } = (await response.json()) as { runId: string };
      return runId;
    },
    end: (runId) =>
      watchRun({
        url: running().nodeRed.url,
        runId,
        lastStepType: "lightly-ec2-stop",
        limitMs: HANG_MS,
        onStep: () => {},
        signal: new AbortController().signal,
      }),
    instance: () => instanceState(running().sandbox),
  };
}

/** The step of a node type in a run. */
export function stepOf(run: RunRecord, type: string): StepRecord | undefined {
  return run.steps.find((step) => step.type === type);
}
