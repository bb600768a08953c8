import { equal, match } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type NodeRedProcess, startNodeRed } from "../../../../scripts/local/node-red-process.ts";
import { type FileServer, serve } from "../../../services/http/file-server.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

/** Uploads what a request names to a store that does not respond, and returns the code of the error. */
const FLOW = [
  { id: "tab", type: "tab", label: "upload" },
  {
    ...{ id: "aws", type: "lightly-aws-account", region: "eu-central-1", credentialSource: "chain" },
    endpoint: "http://127.0.0.1:9",
  },
  { id: "in", type: "http in", z: "tab", url: "/upload/:kind", method: "post", wires: [["kind"]] },
  {
    ...{
      id: "kind",
      type: "switch",
      z: "tab",
      property: "req.params.kind",
      propertyType: "msg",
      wires: [["from url"], ["from file"]],
    },
    rules: [{ t: "eq", v: "url", vt: "str" }, { t: "else" }],
  },
  ...["url", "file"].map((kind) => ({
    ...{ id: `from ${kind}`, type: "lightly-s3-upload", z: "tab", account: "aws", wires: [[]], sourceKind: kind },
    ...{ source: "payload.from", sourceType: "msg", bucket: "some-bucket", bucketType: "str" },
  })),
  { id: "oncatch", type: "catch", z: "tab", scope: ["from url", "from file"], wires: [["answer"]] },
  {
    ...{ id: "answer", type: "change", z: "tab", wires: [["out"]] },
    rules: [{ t: "set", p: "payload", pt: "msg", to: "error", tot: "msg" }],
  },
  { id: "out", type: "http response", z: "tab", wires: [] },
];

describe("access that Node-RED's settings allow", () => {
  const folder = temporaryFolder();
  let server: FileServer;
  let nodeRed: NodeRedProcess | undefined;

  before(async () => {
    server = await serve((_request, response) => response.writeHead(404).end());
    await writeFile(join(folder, "flow.json"), JSON.stringify(FLOW));
    await writeFile(join(folder, "outside.mp4"), "");
    await mkdir(join(folder, "videos"));
    await writeFile(join(folder, "videos", "empty.mp4"), "");
  });
  afterEach(() => nodeRed?.close());
  after(() => server.close());

  async function start(settings: string): Promise<void> {
    nodeRed = await startNodeRed({
      userDir: temporaryFolder(),
      flow: join(folder, "flow.json"),
      environment: {
        LIGHTLY_AWS_ALLOWED_HOSTS: "",
        AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY: "x",
      },
      settings,
    });
  }

  async function codeOf(kind: "url" | "file", from: string): Promise<string> {
    const response = await fetch(`${nodeRed?.url}/upload/${kind}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from }),
    });
    const { code, message } = (await response.json()) as { code: string; message: string };
    match(message, /\w/);
    return code;
  }

  it("is limited to public addresses and any file by default", async () => {
    await start("");
    equal(await codeOf("url", server.url().href), "SOURCE_ADDRESS_REFUSED");
    equal(server.requests.length, 0);
    equal(await codeOf("file", join(folder, "outside.mp4")), "SOURCE_EMPTY");
  });

  it("includes the hosts of lightlyAwsAllowedHosts, and is limited to the files of lightlyAwsFilesDir", async () => {
    const settings = {
      lightlyAwsAllowedHosts: [server.url().host],
      lightlyAwsFilesDir: join(folder, "videos"),
    };
    await start(JSON.stringify(settings).slice(1, -1));
    equal(await codeOf("url", server.url().href), "SOURCE_NOT_FOUND");
    equal(server.requests.length, 1);
    equal(await codeOf("url", "http://169.254.169.254/latest/meta-data/"), "SOURCE_ADDRESS_REFUSED");
    equal(await codeOf("file", join(folder, "outside.mp4")), "SOURCE_OUTSIDE_FOLDER");
    equal(await codeOf("file", join(folder, "videos", "empty.mp4")), "SOURCE_EMPTY");
  });
});
