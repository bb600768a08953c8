import assert from "node:assert/strict";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import { startNodeRedWithUsers } from "./support/node-red-with-users.ts";

const READ = "lightly-aws-lookups.read";
const WRITE = "lightly-aws-lookups.write";

describe("the look-ups of a Node-RED with users", () => {
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await startNodeRedWithUsers();
  });
  after(async () => {
    await nodeRed?.close();
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

  it("refuse users who have not signed in or have another permission", async () => {
    for (const permission of [undefined, "flows.read", "lightly-aws-runs.write"]) {
      assert.equal(await status("GET", "lookups/buckets?account=a", permission), 401);
      assert.equal(await status("POST", "lookups/buckets", permission), 401);
      assert.equal(await status("POST", "connection-test", permission), 401);
    }
  });

  it("allow a reader to use deployed accounts", async () => {
    assert.equal(await status("GET", "lookups/buckets?account=a", READ), 404);
    assert.equal(await status("POST", "lookups/buckets", READ), 401);
    assert.equal(await status("POST", "connection-test", READ), 401);
  });

  it("require the write permission for a request with entered values", async () => {
    assert.equal(await status("POST", "lookups/buckets", WRITE), 400);
    assert.equal(await status("POST", "connection-test", WRITE), 400);
  });
});
