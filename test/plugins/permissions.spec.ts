import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/local/free-port.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";

/** In this Node-RED a token is the name of the one permission that its bearer has. */
const SETTINGS = `adminAuth: { type: "credentials", users: [], tokens: async (token) => ({ username: "x", permissions: token }) },`;
const READ = "lightly-aws-lookups.read";
const WRITE = "lightly-aws-lookups.write";

describe("the look-ups of a Node-RED with users", function () {
  this.timeout(60_000);
  let folder: string;
  let nodeRed: NodeRedProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lightly-aws-permissions-"));
    const flow = join(folder, "empty.json");
    await writeFile(flow, "[]");
    nodeRed = await startNodeRed({
      userDir: join(folder, "user"),
      port: await freePort(),
      flow,
      environment: {},
      settings: SETTINGS,
    });
  });
  after(async () => {
    await nodeRed?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function status(method: "GET" | "POST", path: string, permission?: string): Promise<number> {
    const { status } = await fetch(`${nodeRed.url}/lightly-aws/${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(permission !== undefined && { authorization: `Bearer ${permission}` }),
      },
      ...(method === "POST" && { body: JSON.stringify({ account: { id: "a", type: "none" } }) }),
    });
    return status;
  }

  it("are closed to who has not signed in, and to who has another permission", async () => {
    for (const permission of [undefined, "flows.read", "lightly-aws-runs.write"]) {
      assert.equal(await status("GET", "lookups/buckets?account=a", permission), 401);
      assert.equal(await status("POST", "lookups/buckets", permission), 401);
      assert.equal(await status("POST", "test", permission), 401);
    }
  });

  it("are open to a reader as far as accounts are deployed", async () => {
    assert.equal(await status("GET", "lookups/buckets?account=a", READ), 404);
    assert.equal(await status("POST", "lookups/buckets", READ), 401);
    assert.equal(await status("POST", "test", READ), 401);
  });

  it("need the permission to write where the request brings values of its own", async () => {
    assert.equal(await status("POST", "lookups/buckets", WRITE), 400);
    assert.equal(await status("POST", "test", WRITE), 400);
  });
});
