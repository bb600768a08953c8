import { deepEqual, equal, match } from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { WebSocket } from "ws";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** The inject node of the example. */
const BUTTON = "a1f0000000000105";

interface DebugMessage {
  readonly name: string;
  readonly msg: string;
}

interface Editor {
  /** What the debug nodes of the flow have shown. */
  readonly debug: DebugMessage[];
  /** The last status of each node. */
  readonly statuses: Map<string, { readonly fill?: string; readonly shape?: string; readonly text?: string }>;
}

/** Listens to Node-RED like an editor. */
async function listen(url: string): Promise<Editor & { close(): void }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/comms`);
  const editor: Editor = { debug: [], statuses: new Map() };
  socket.on("message", (data) => {
    for (const { topic = "", data: content } of JSON.parse(String(data)) as { topic?: string; data: never }[]) {
      if (topic === "debug") {
        editor.debug.push(content);
      } else if (topic.startsWith("status/")) {
        editor.statuses.set(topic.slice("status/".length), content);
      }
    }
  });
  await once(socket, "open");
  for (const subscribe of ["debug", "status/#"]) {
    socket.send(JSON.stringify({ subscribe }));
  }
  return { ...editor, close: () => socket.terminate() };
}

describe("the example flow without any environment variable", () => {
  useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
  let nodeRed: NodeRedProcess;
  let editor: Awaited<ReturnType<typeof listen>>;

  async function open(environment: Record<string, string>): Promise<void> {
    const folder = temporaryFolder();
    nodeRed = await startNodeRed({
      userDir: folder,
      flow: join(PACKAGE_ROOT, "examples", "flows.json"),
      environment: { HOME: folder, AWS_EC2_METADATA_DISABLED: "true", ...environment },
    });
    editor = await listen(nodeRed.url);
  }
  afterEach(async () => {
    editor.close();
    await nodeRed.close();
  });

  const status = (id: string): string => editor.statuses.get(`a1f0000000000${id}`)?.text ?? "";
  const runs = async (): Promise<RunRecord[]> =>
    (await (await fetch(`${nodeRed.url}/lightly-aws/runs`)).json()) as RunRecord[];
  /** Clicks the button, and returns the run when none of its steps is running. */
  const click = async (): Promise<RunRecord> => {
    const before = (await runs()).length;
    equal((await fetch(`${nodeRed.url}/inject/${BUTTON}`, { method: "POST" })).status, 200);
    let run: RunRecord | undefined;
    await until(async () => {
      const all = await runs();
      run = all.length > before ? all.find(({ endedAt }) => endedAt !== undefined) : undefined;
      return run?.steps.every(({ state }) => state !== "running") === true && run.steps.length === 3;
    });
    return run as RunRecord;
  };

  it("marks each step at the deploy, with what it lacks", async () => {
    await open({});
    await until(() => editor.statuses.size === 6);
    equal(status("10a"), "not configured: API key");
    equal(status("10b"), "not configured: Bucket");
    equal(status("10c"), "not configured: Instance IDs");
    equal(status("10d"), "not configured: Script");
    match(status("110"), /^not configured: Dataset, /);
    equal(status("111"), "not configured: Instance IDs");
    deepEqual(
      new Set([...editor.statuses.values()].map(({ fill, shape }) => `${fill} ${shape}`)),
      new Set(["red ring"]),
    );
  });

  it("says once at the click what is missing, and does not say that an instance runs", async () => {
    await open({});
    const { error, steps } = await click();
    await until(() => editor.debug.length > 0);
    equal(error?.code, "FLOW_NOT_CONFIGURED");
    const unset = (error?.details.unset ?? []) as { variable?: string }[];
    const variables = unset.map(({ variable = "" }) => variable);
    deepEqual([...new Set(variables)].sort(), [
      "AWS_REGION",
      "LIGHTLY_TOKEN",
      "PEXELS_API_KEY",
      "PIPELINE_DATASET",
      "PIPELINE_EXTERNAL_ID",
      "PIPELINE_INPUT_BUCKET",
      "PIPELINE_INPUT_PREFIX",
      "PIPELINE_INSTANCE_ID",
      "PIPELINE_LIGHTLY_BUCKET",
      "PIPELINE_LIGHTLY_PREFIX",
      "PIPELINE_REGION",
      "PIPELINE_ROLE_ARN",
      "PIPELINE_SCRIPT",
    ]);
    for (const variable of variables) {
      match(error?.message ?? "", new RegExp(`\\b${variable}\\b`));
    }
    deepEqual(
      editor.debug.map(({ name }) => name),
      ["what failed"],
    );
    deepEqual(steps.map(({ state }) => state).sort(), ["aborted", "failed", "failed"]);
    equal(status("111"), "not configured: Instance IDs");
  });

  it("refuses the run before the download when only a later step lacks a value", async () => {
    await open({
      ...{ AWS_REGION: "eu-central-1", LIGHTLY_TOKEN: "t", PEXELS_API_KEY: "k", PIPELINE_INPUT_BUCKET: "input-bucket" },
      ...{ PIPELINE_INPUT_PREFIX: "p", PIPELINE_LIGHTLY_BUCKET: "lightly-bucket", PIPELINE_LIGHTLY_PREFIX: "q" },
      ...{ PIPELINE_REGION: "eu-central-1", PIPELINE_DATASET: "dataset", PIPELINE_EXTERNAL_ID: "0123456789abc" },
      ...{ PIPELINE_ROLE_ARN: "arn:aws:iam::123456789012:role/lightly", PIPELINE_SCRIPT: "/home/ubuntu/run.sh" },
    });
    const { error } = await click();
    await until(() => editor.debug.length > 0);
    match(error?.message ?? "", /one value is missing.*: PIPELINE_INSTANCE_ID\./);
    equal(editor.debug.length, 1);
  });
});
