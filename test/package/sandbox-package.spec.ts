import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { testClips } from "../../sandbox/test/clips/test-clips.ts";
import { packSandbox } from "../../scripts/sandbox-package/pack.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { installPackage, packPackage } from "./packed-package.ts";

describe("the packed sandbox, in a folder without a checkout", () => {
  const folder = temporaryFolder();
  const modules = join(folder, "node_modules");
  /** Of a user: one with few pixels and frames, because the worker decodes each. */
  const videos = join(folder, "videos");
  let archive: string;
  let installed: string;

  before(async () => {
    await cp(join(await testClips(), "fish-tank-240x240.mp4"), join(videos, "fish-tank.mp4"));
    archive = await packSandbox(resolve("."), folder);
    installed = await installPackage(archive, modules, "lightly-aws-sandbox");
    await installPackage((await packPackage()).archive, modules);
    await symlink(resolve("node_modules/node-red"), join(modules, "node-red"), "junction");
  });

  const start = (args: readonly string[], cwd = folder): ChildProcess =>
    spawn(process.execPath, [join(installed, "dist/scripts/sandbox-package/cli.js"), ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const run = async (args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const child = start(args);
    const [stdout, stderr] = await Promise.all([
      text(child.stdout as NodeJS.ReadableStream),
      text(child.stderr as NodeJS.ReadableStream),
      child.exitCode === null ? once(child, "exit") : undefined,
    ]);
    return { code: child.exitCode, stdout, stderr };
  };

  it("is JavaScript with a program", async () => {
    const { bin, private: isPrivate } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    deepEqual(bin, { "lightly-aws-sandbox": "dist/scripts/sandbox-package/cli.js" });
    equal(isPrivate, undefined);
    ok(existsSync(join(installed, "LICENSE")));
    match(await readFile(join(installed, bin["lightly-aws-sandbox"]), "utf8"), /^#!\/usr\/bin\/env node\n/);
  });

  it("is the same archive when it is packed again", async () => {
    const target = join(folder, "again");
    await mkdir(target);
    const again = await packSandbox(resolve("."), target);
    ok((await readFile(archive)).equals(await readFile(again)));
  });

  it("explains its options", async () => {
    match((await run(["--help"])).stdout, /Usage: lightly-aws-sandbox \[options\]/);
    match((await run(["demo", "--help"])).stdout, /npx lightly-aws-sandbox demo \[options\]/);
  });

  it("starts the sandbox, prints the variables for Node-RED, and stops at SIGTERM", async () => {
    const ports = ["--aws-port", "0", "--lightly-port", "0", "--pexels-port", "0"];
    const child = start([...ports, "--videos", videos, "--quiet"]);
    const stdout = text(child.stdout as NodeJS.ReadableStream);
    for await (const line of child.stderr as AsyncIterable<Buffer>) {
      if (line.includes("The sandbox is ready")) {
        break;
      }
    }
    child.kill("SIGTERM");
    await once(child, "exit");
    const variables = await stdout;
    match(variables, /^export AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/m);
    match(variables, /^export PIPELINE_INSTANCE_ID=i-/m);
    equal(child.exitCode, 0);
  });

  it("runs the example in a Node-RED with the packed nodes, and leaves the frames and no running instance", async () => {
    const { code, stdout, stderr } = await run(["demo", "--videos", videos]);
    equal(code, 0, stdout + stderr);
    match(stdout, /frames {10}\d+ seen, \d+ selected/);
    match(stdout, /instance {8}i-\w+ is stopped/);
    ok(existsSync(join(folder, ".sandbox/demo/selected/index.html")));
    const linked = await readFile(
      join(folder, ".sandbox/demo/node-red/node_modules/node-red-contrib-lightly-aws/package.json"),
    );
    equal(String(linked), await readFile(join(modules, "node-red-contrib-lightly-aws/package.json"), "utf8"));
  });

  it("leaves the editor open by --open, until it is interrupted", async () => {
    const child = start(["demo", "--videos", videos, "--open"]);
    let stdout = "";
    for await (const data of child.stdout as AsyncIterable<Buffer>) {
      stdout += data;
      if (stdout.includes("The editor is open at ")) {
        break;
      }
    }
    const [, url = ""] = /The editor is open at (\S+)\. /.exec(stdout) ?? [];
    equal((await fetch(url)).status, 200);
    child.kill("SIGINT");
    await once(child, "exit");
    equal(
      await fetch(url).then(
        () => "answered",
        () => "closed",
      ),
      "closed",
    );
  });
});
