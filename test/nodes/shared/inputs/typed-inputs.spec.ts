import { equal, match } from "node:assert/strict";
import type { UploadedObject } from "../../../../src/services/s3/upload/upload-object.ts";
import { helper, loadFlow, result, useNodeRed } from "../../support/flow.ts";
import { useSandbox } from "../../support/sandbox.ts";

const step = {
  type: "lightly-s3-upload",
  account: "aws",
  sourceKind: "buffer",
  source: "payload",
  sourceType: "msg",
  bucket: "lightly-input",
  bucketType: "str",
};

describe("a value of a form", () => {
  useNodeRed();
  const local = useSandbox();

  /** Uploads a few bytes with these fields, and returns their location. */
  async function upload(
    fields: Record<string, unknown>,
    msg: Record<string, unknown> = {},
    env: Record<string, string> = {},
  ): Promise<UploadedObject> {
    const flow = await loadFlow({ step: { ...step, ...fields }, env, ...local.accounts });
    const node = helper.getNode("step");
    node.context().flow.set("where", "from-flow");
    node.context().global.set("where", { prefix: "from-global" });
    flow.receive({ payload: Buffer.from("bytes"), filename: "/somewhere/clip.mp4", ...msg });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    equal(flow.caught[0]?.error, undefined);
    return result<UploadedObject>(flow, "s3");
  }

  it("comes from the message", async () => {
    const { key } = await upload({ prefix: "camera.name", prefixType: "msg" }, { camera: { name: "north" } });
    match(key, /^north\/.+\/clip\.mp4$/);
  });

  it("comes from the flow's or the global context", async () => {
    match((await upload({ prefix: "where", prefixType: "flow" })).key, /^from-flow\//);
    await helper.unload();
    match((await upload({ prefix: "where.prefix", prefixType: "global" })).key, /^from-global\//);
  });

  it("comes from the flow's environment, alone or in a text", async () => {
    match((await upload({ prefix: "SITE", prefixType: "env" }, {}, { SITE: "berlin" })).key, /^berlin\//);
    await helper.unload();
    match(
      (await upload({ prefix: "raw/${SITE}/2026", prefixType: "env" }, {}, { SITE: "berlin" })).key,
      /^raw\/berlin\/2026\//,
    );
  });

  it("is computed by JSONata", async () => {
    const { key } = await upload(
      { prefix: '$lowercase(camera) & "/" & $string(day)', prefixType: "jsonata" },
      { camera: "NORTH", day: 7 },
    );
    match(key, /^north\/7\//);
  });

  it("may be missing in a node that was saved before its field existed", async () => {
    const { key, bytes } = await upload({});
    match(key, /^[^/]+\/clip\.mp4$/);
    equal(bytes, 5);
  });
});
