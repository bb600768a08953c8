import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { builtFolders, readBuiltNode } from "./built-node.ts";

/** The tool's report: one entry per check, and one for the package. */
type Scorecard = Record<string, { readonly test?: boolean; readonly nodes?: readonly string[] }>;

/** All enabled checks of the tool. */
const CHECKS = ["D01", "D02", "D03", "N01", "N02", "P01", "P03", "P04", "P05", "P06", "P07", "P08"];
/** D01 counts dependencies, and warns above six. Ours have more, each with its reason in docs/architecture.md, which is tested instead. */
const REPLACED = ["D01"];
const LIMIT_MS = 60_000;

describe("the scorecard of Node-RED's own tool", function () {
  this.timeout(LIMIT_MS + 10_000);
  const folder = temporaryFolder();
  let said: string;
  let scorecard: Scorecard;

  before(async function () {
    const file = join(folder, "scorecard.json");
    said = await validate(file);
    const report = await readFile(file, "utf8").catch(() => undefined);
    if (report === undefined && /ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/.test(said)) {
      console.warn(`      The npm registry, which the tool asks for the newest releases, can't be reached:\n${said}`);
      this.skip();
    }
    assert.ok(report, `The tool has written no report:\n${said}`);
    scorecard = JSON.parse(report);
  });

  it("has run every check", () => {
    const { package: named, ...checks } = scorecard;
    assert.ok(named);
    assert.deepEqual(Object.keys(checks).sort(), CHECKS);
  });

  it("has no failing check", () => {
    const failing = CHECKS.filter((check) => !REPLACED.includes(check) && scorecard[check]?.test !== true);
    assert.deepEqual(failing, [], said);
  });

  it("has a reason for each dependency, bundled ones included", async () => {
    const root = join(import.meta.dirname, "..", "..");
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const modules = globSync("src/sdk/*.ts", { cwd: root }).map((path) => readFileSync(join(root, path), "utf8"));
    const bundled = Object.keys(devDependencies).filter((name) => modules.some((code) => code.includes(`"${name}`)));
    assert.ok(bundled.length > 5);
    const [, reasons = ""] = (await readFile(join(root, "docs/architecture.md"), "utf8")).split("## Dependencies");
    const missing = [...Object.keys(dependencies), ...bundled].filter(
      (name) => !reasons.includes(`\`${name}\``) && !reasons.includes(`\`${name.replace("@aws-sdk/", "")}\``),
    );
    assert.deepEqual(missing, []);
  });

  it("reads each type", () => {
    assert.doesNotMatch(said, /Unable to parse/);
  });

  it("finds an example of each type that can be in a flow", () => {
    const steps = builtFolders()
      .map(readBuiltNode)
      .filter(({ definition }) => definition.category !== "config");
    assert.deepEqual([...(scorecard.N02?.nodes ?? [])].sort(), steps.map(({ type }) => type).sort());
  });
});

/** Runs the tool on this package. Its output is checked, because its exit code is always 0. */
async function validate(report: string): Promise<string> {
  const tool = createRequire(import.meta.url).resolve("node-red-dev/package.json");
  const stub = resolve(import.meta.dirname, "stub-catalogue.cjs");
  const child = spawn(
    process.execPath,
    ["--require", stub, join(dirname(tool), "bin", "run"), "validate", "-p", ".", "-o", report],
    { timeout: LIMIT_MS, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const [code, signal] = await once(child, "close");
  return signal ? `${said}ETIMEDOUT: ended after ${LIMIT_MS / 1000} s` : `${said}exit code ${code}`;
}
