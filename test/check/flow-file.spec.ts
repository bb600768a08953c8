import { deepEqual, equal, rejects } from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readFlowFile } from "../../src/check/flow-file/flow-file.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const env = (name: string, value: string, type = "str") => ({ name, value, type });
const upload = (id: string, z: string, more: object = {}) => ({
  id,
  z,
  type: "lightly-s3-upload",
  x: 1,
  y: 1,
  ...more,
});

describe("a flow file, read without Node-RED", () => {
  useOwnEnvironment(/^OUTER$|^NODE_RED_CREDENTIAL_SECRET$/);

  async function write(nodes: readonly object[], others: Record<string, string> = {}): Promise<string> {
    const folder = join(temporaryFolder(), "user");
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries({ "flows.json": JSON.stringify(nodes), ...others })) {
      await writeFile(join(folder, name), text);
    }
    return folder;
  }

  it("is named, with what to do, if it does not exist", async () => {
    await rejects(readFlowFile("no-such-file.json"), {
      message:
        "The flow file or user directory no-such-file.json can't be read (ENOENT). Name a flow file, or the user directory of Node-RED with --user-dir.",
    });
  });

  it("has the steps that Node-RED would start", async () => {
    const { nodes, flows } = await readFlowFile(
      await write([
        { id: "t", type: "tab", label: "A flow" },
        { id: "off", type: "tab", label: "Off", disabled: true },
        upload("a", "t"),
        upload("b", "t", { d: true }),
        upload("c", "off"),
        { id: "aws", type: "lightly-aws-account" },
      ]),
    );
    deepEqual(flows, [{ id: "t", name: "A flow" }]);
    deepEqual(
      nodes.map(({ id, flowId }) => [id, flowId]),
      [
        ["a", "t"],
        ["aws", ""],
      ],
    );
  });

  it("takes variables from the node's groups, then the flow, then the environment", async () => {
    process.env.OUTER = "outer";
    const folder = await write([
      {
        id: "t",
        type: "tab",
        env: [env("A", "tab"), env("B", "tab"), env("C", "OUTER", "env"), env("D", "NONE", "env")],
      },
      { id: "g", type: "group", z: "t", env: [env("A", "group")] },
      upload("a", "t", { g: "g", bucket: "${A}" }),
    ]);
    const [node] = (await readFlowFile(folder)).nodes;
    deepEqual(
      ["A", "B", "C", "D", "OUTER"].map((name) => node?.variable(name)),
      ["group", "tab", "outer", undefined, "outer"],
    );
    deepEqual(
      ["A", "C", "D"].map((name) => node?.origin(name)),
      ["A", "OUTER", "NONE"],
    );
    equal(node?.stored.bucket, "group");
  });

  it("has a step of a subflow once per instance, with the instance's variables", async () => {
    const folder = await write([
      { id: "t", type: "tab" },
      { id: "s", type: "subflow", env: [env("A", "default"), env("B", "default")] },
      upload("inner", "s"),
      { id: "i1", type: "subflow:s", z: "t", env: [env("A", "one")] },
      { id: "i2", type: "subflow:s", z: "t" },
    ]);
    const { nodes } = await readFlowFile(folder);
    deepEqual(
      nodes.map((node) => [node.id, node.flowId, node.variable("A"), node.variable("B")]),
      [
        ["i1-inner", "t", "one", "default"],
        ["i2-inner", "t", "default", "default"],
      ],
    );
  });

  describe("with encrypted secrets", () => {
    const account = [{ id: "l", type: "lightly-account" }];
    const secrets = JSON.stringify({ $: encrypted({ l: { token: "the token" } }, "a secret") });

    it("reads them with the secret that Node-RED has generated, or with that of the environment", async () => {
      const generated = { ".config.runtime.json": JSON.stringify({ _credentialSecret: "a secret" }) };
      const [first] = (await readFlowFile(await write(account, { "flows_cred.json": secrets, ...generated }))).nodes;
      equal(first?.stored.token, "the token");
      process.env.NODE_RED_CREDENTIAL_SECRET = "a secret";
      const [second] = (await readFlowFile(await write(account, { "flows_cred.json": secrets }))).nodes;
      equal(second?.stored.token, "the token");
    });

    it("says that they are unknown with another secret", async () => {
      process.env.NODE_RED_CREDENTIAL_SECRET = "another one";
      const [node] = (await readFlowFile(await write(account, { "flows_cred.json": secrets }))).nodes;
      deepEqual([node?.stored.token, node?.hasUnknownSecrets], [undefined, true]);
      const aws = [{ id: "a", type: "lightly-aws-account", credentialSource: "chain" }];
      const [chain] = (await readFlowFile(await write(aws, { "flows_cred.json": secrets }))).nodes;
      equal(chain?.hasUnknownSecrets, false);
    });
  });
});

/** As Node-RED encrypts credentials. */
function encrypted(credentials: object, secret: string): string {
  const vector = randomBytes(16);
  const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update(secret).digest(), vector);
  return vector.toString("hex") + cipher.update(JSON.stringify(credentials), "utf8", "base64") + cipher.final("base64");
}
