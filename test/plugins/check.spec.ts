import { deepEqual, equal, match } from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { CLIPS_DIR } from "../../scripts/local/local-stack.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { FlowReport } from "../../src/check/check-flow.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startNodeRedWithUsers } from "./support/node-red-with-users.ts";

const run = promisify(execFile);
const TAB = "a1f0000000000001";
const PROGRAM = join(PACKAGE_ROOT, "src", "cli", "main.ts");

describe("GET /lightly-aws/check", function () {
  this.timeout(90_000);
  useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
  const userDir = join(temporaryFolder(), "user");
  let sandbox: Sandbox;
  let nodeRed: NodeRedProcess;

  before(async () => {
    sandbox = await startSandbox({ stateDir: temporaryFolder(), videosDir: CLIPS_DIR, worker: "instant" });
    nodeRed = await startNodeRed({
      userDir,
      flow: join(PACKAGE_ROOT, "examples", "flows.json"),
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
        /Missing values\n {2}PROBLEM Set PIPELINE_INSTANCE_ID \(instanceIds of start the instance, instanceIds of stop/,
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
