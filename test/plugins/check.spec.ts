import { deepEqual, equal, match } from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { FlowReport } from "../../src/check/check-flow.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startNodeRedWithUsers } from "./support/node-red-with-users.ts";

const run = promisify(execFile);
const TAB = "a1f0000000000001";
/** A tab with two instances of a subflow, of which only the first one has a bucket. */
const WITH_SUBFLOW = [
  { id: "tab2", type: "tab", label: "With subflows" },
  {
    id: "sub",
    type: "subflow",
    name: "store",
    in: [],
    out: [],
    env: [{ name: "PLACE", type: "env", value: "NO_SUCH" }],
  },
  {
    id: "store",
    type: "lightly-s3-upload",
    z: "sub",
    name: "store it",
    x: 300,
    y: 100,
    account: "a1f00000000000a1",
    bucket: "PLACE",
    bucketType: "env",
    wires: [[]],
  },
  {
    id: "one",
    type: "subflow:sub",
    z: "tab2",
    x: 300,
    y: 100,
    env: [{ name: "PLACE", type: "str", value: "lightly-input" }],
  },
  { id: "two", type: "subflow:sub", z: "tab2", x: 300, y: 200, env: [] },
];
const PROGRAM = join(PACKAGE_ROOT, "src", "cli", "main.ts");

describe("GET /lightly-aws/check", () => {
  useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
  const userDir = join(temporaryFolder(), "user");
  let sandbox: Sandbox;
  let nodeRed: NodeRedProcess;

  before(async () => {
    sandbox = await startSandbox({ stateDir: temporaryFolder(), videosDir: await testClips(), worker: "instant" });
    const example = JSON.parse(await readFile(join(PACKAGE_ROOT, "examples", "flows.json"), "utf8")) as object[];
    const flow = join(temporaryFolder(), "flow.json");
    await writeFile(flow, JSON.stringify([...example, ...WITH_SUBFLOW]));
    nodeRed = await startNodeRed({
      userDir,
      flow,
      environment: { ...sandbox.environment, PIPELINE_INSTANCE_ID: "", PEXELS_API_KEY: "" },
    });
  });
  after(async () => {
    await nodeRed?.close();
    await sandbox?.close();
  });

  const report = async (flow: string): Promise<FlowReport> =>
    (await (await fetch(`${nodeRed.url}/lightly-aws/check?flow=${flow}`)).json()) as FlowReport;
  /** The command in a process of its own. */
  async function command(args: readonly string[], more: Record<string, string> = {}): Promise<[number, string]> {
    const environment = { ...sandbox.environment, PIPELINE_INSTANCE_ID: "", PEXELS_API_KEY: "", ...more };
    const options = { cwd: PACKAGE_ROOT, env: { ...process.env, ...environment } };
    try {
      return [0, (await run(process.execPath, [PROGRAM, ...args], options)).stdout];
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return [code, stdout + stderr];
    }
  }

  it("checks the flow as it is deployed", async () => {
    const { status, missing, findings } = await report(TAB);
    equal(status, "problem");
    deepEqual(
      missing.map(({ variable }) => variable),
      ["PIPELINE_INSTANCE_ID", "PEXELS_API_KEY"],
    );
    deepEqual(
      findings.filter((one) => one.status === "problem"),
      [],
    );
  });

  it("finds the same as the command line with the user directory", async () => {
    const { missing, findings } = await report(TAB);
    const [code, text] = await command(["check", userDir, "--flow", "Lightly pipeline", "--json"]);
    const found = JSON.parse(text) as FlowReport;
    equal(code, 1);
    deepEqual(found.findings, findings);
    deepEqual(found.missing.map(({ variable }) => variable).sort(), missing.map(({ variable }) => variable).sort());
  });

  it("checks the steps of a subflow in each of its instances, from the flow and from the subflow", async () => {
    for (const flow of ["tab2", "sub"]) {
      const { missing, findings } = await report(flow);
      deepEqual(
        missing.map(({ variable, neededBy }) => [variable, neededBy.map(({ node }) => node)]),
        [["NO_SUCH", ["store it"]]],
      );
      const buckets = findings.filter(({ check }) => check === "bucket").map(({ resource }) => resource);
      deepEqual(buckets, ["lightly-input", "s3://lightly-input/"]);
    }
    const found = JSON.parse((await command(["check", userDir, "--flow", "tab2", "--json"]))[1]) as FlowReport;
    deepEqual(found.findings, (await report("tab2")).findings);
    deepEqual(
      found.missing.map(({ variable }) => variable),
      ["NO_SUCH"],
    );
  });

  it("has nothing to say about a flow without steps", async () => {
    deepEqual(await report("nowhere"), { status: "ok", missing: [], findings: [] });
  });

  it("needs its permission", async () => {
    const withUsers = await startNodeRedWithUsers();
    const status = async (permission?: string): Promise<number> => {
      const headers: Record<string, string> = permission === undefined ? {} : { authorization: `Bearer ${permission}` };
      return (await fetch(`${withUsers.url}/lightly-aws/check`, { headers })).status;
    };
    deepEqual([await status(), await status("flows.read"), await status("lightly-aws-check.read")], [401, 401, 200]);
    await withUsers.close();
  });

  describe("the command", () => {
    it("prints what is missing, and ends with 1", async () => {
      const [code, text] = await command(["check", "examples/flows.json"]);
      equal(code, 1);
      match(
        text,
        /Missing values\n {2}PROBLEM Set PIPELINE_INSTANCE_ID \(instanceIds of start instance, instanceIds of stop/,
      );
      match(text, /\nProblems: 2\. Warnings: 0\. Not checked: \d+\.\n$/);
    });

    it("ends with 0 without problems", async () => {
      const { PIPELINE_INSTANCE_ID = "", PEXELS_API_KEY = "" } = sandbox.environment;
      const [code, text] = await command(["check", "examples/flows.json"], { PIPELINE_INSTANCE_ID, PEXELS_API_KEY });
      equal(code, 0, text);
      match(text, /\nNo problems\. Warnings: 0\. Not checked: \d+\.\n$/);
    });

    it("ends with 2 if it can't check anything", async () => {
      for (const [args, message] of [
        [["check", "package.json"], /is not a flow of Node-RED/],
        [["check", "no-such-file.json"], /no-such-file\.json/],
        [["check", "examples/flows.json", "--flow", "other"], /has no flow "other". Its flows: Lightly pipeline/],
        [["chekc"], /Unknown command: chekc/],
      ] as const) {
        const [code, text] = await command(args);
        equal(code, 2, text);
        match(text, message);
      }
    });
  });
});
