import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { lockInstallation, openInstallation } from "lightly-aws-sandbox/installation";
import { temporaryFolder } from "../support/temporary-folder.ts";

const DEMO = resolve("scripts/demo.ts");

describe("npm run demo", () => {
  it("does not remove the folder of a running demo", async () => {
    const state = temporaryFolder();
    const sandbox = join(state, "demo", "sandbox");
    openInstallation(sandbox);
    const release = lockInstallation(sandbox);
    try {
      // The folder of videos does not exist, so nothing is started in any case.
      const args = [DEMO, "--state", state, "--videos", join(state, "none")];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
      const [stderr] = await Promise.all([text(child.stderr), once(child, "exit")]);
      assert.match(stderr, /already uses/);
      assert.equal(child.exitCode, 1);
      assert.ok(existsSync(join(sandbox, "credentials.json")));
    } finally {
      release();
    }
  });

  it("says that LightlyStudio needs Python where there is none, and starts nothing", async () => {
    const state = temporaryFolder();
    const env = { PATH: "/none" };
    const child = spawn(process.execPath, [DEMO, "--state", state, "--studio"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    assert.match(
      stderr,
      /^\s*--studio needs Python 3\.11 to 3\.13 with venv; found none\. .*Without --studio, no Python is needed\.$/m,
    );
    assert.equal(stdout, "");
    assert.equal(child.exitCode, 1);
  });

  it("refuses a model that it does not have, before it installs anything", async () => {
    const args = [DEMO, "--state", temporaryFolder(), "--studio", "--embedder", "clip"];
    const child = spawn(process.execPath, args, { env: { PATH: "/none" }, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    assert.match(stderr, /^\s*--embedder has "clip", and takes grid, pe, mobileclip\.$/m);
    assert.equal(stdout, "");
    assert.equal(child.exitCode, 1);
  });
});
