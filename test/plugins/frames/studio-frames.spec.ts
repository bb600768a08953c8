import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import type { NodeAPI } from "node-red";
import { addFrameRoutes } from "../../../src/plugins/frames/frame-routes.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { AwsClients } from "../../../src/services/aws/clients/aws-clients.ts";
import { useNodeRed } from "../../nodes/support/flow.ts";
import { useSandbox } from "../../nodes/support/sandbox.ts";
import { makeStudioRun, type StudioRun } from "../../nodes/support/studio-run.ts";

interface Listed {
  readonly frames: ReadonlyArray<{ fileName: string; thumbnailUrl: string } & Record<string, unknown>>;
  readonly total: number;
}

describe("the selected frames of LightlyStudio over the admin API", () => {
  useNodeRed();
  const local = useSandbox();
  let clients: AwsClients;
  let server: Server;
  let run: StudioRun;

  before(async () => {
    const { credentials, region, endpoints } = local.sandbox;
    clients = new AwsClients({
      region,
      endpoint: endpoints.aws,
      credentials: { source: { kind: "keys", ...credentials } },
    });
    run = await makeStudioRun(local.sandbox, { runId: "run-1" });
    const express = createRequire(createRequire(import.meta.url).resolve("node-red"))("express") as () => Express;
    const app = express();
    const node = { awsAccount: () => ({ clients: async () => clients }) };
    addFrameRoutes({
      httpAdmin: app,
      settings: {},
      auth: { needsPermission: () => (_request: unknown, _response: unknown, next: () => void) => next() },
      nodes: { getNode: (id: string) => (id === "select" ? node : null) },
    } as unknown as NodeAPI);
    server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(async () => {
    server.close();
    await clients.destroy();
  });

  async function recorded(runId: string, of: StudioRun, nodeId = "select"): Promise<void> {
    const identity = { nodeId, type: "lightly-studio-select", role: "select", name: "" } as const;
    const step = runs.begin(runId, { ...identity, alwaysRuns: false });
    await step.saveCheckpoint({ output: of.output, studioRunId: of.runId });
    step.complete({ lightly: of.lightly });
  }

  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
  const list = async (runId: string): Promise<Listed> =>
    (await (await get(`lightly-aws/runs/${runId}/frames`)).json()) as Listed;
  async function failure(path: string) {
    const response = await get(path);
    return [response.status, ((await response.json()) as { code: string }).code];
  }

  it("are listed in the order of selection, with video, time and distance, and without locations of pictures", async () => {
    await recorded("listed", run);
    const { frames, total } = await list("listed");
    equal(total, 3);
    deepEqual(
      frames.map(({ fileName }) => fileName),
      run.names,
    );
    const { thumbnailUrl, ...second } = frames[1] ?? { thumbnailUrl: "" };
    const video = `s3://${local.sandbox.buckets.input}/videos/a.mp4`;
    deepEqual(second, { fileName: run.names[1], video, frame: 30, timeSeconds: 1, distance: 1 });
    equal(thumbnailUrl, "lightly-aws/runs/listed/frames/1/thumbnail");
  });

  it("have pictures, read from S3 with the account of their step", async () => {
    await recorded("pictures", run);
    for (const kind of ["thumbnail", "picture"]) {
      const response = await get(`lightly-aws/runs/pictures/frames/2/${kind}`);
      equal(response.headers.get("content-type"), "image/png");
      deepEqual(Buffer.from(await response.bytes()), run.bytes.get(run.names[2] ?? ""));
    }
  });

  it("have thumbnails of any size, because there are only full pictures", async () => {
    const large = await makeStudioRun(local.sandbox, { runId: "large", frames: 1, pictureBytes: 5 * 2 ** 20 });
    await recorded("large", large);
    const response = await get("lightly-aws/runs/large/frames/0/thumbnail");
    equal((await response.bytes()).length, large.bytes.get(large.names[0] ?? "")?.length);
  });

  it("are no way to another object: not by the manifest, and not by the request", async () => {
    const uri = "s3://lightly-output/studio/run-1/frames/0123456789/a-000000-mp4.png";
    await recorded("evil", await makeStudioRun(local.sandbox, { runId: "evil", frames: 1, frame: () => ({ uri }) }));
    deepEqual(await failure("lightly-aws/runs/evil/frames/0/picture"), [502, "STUDIO_MANIFEST_INVALID"]);
    deepEqual(await failure("lightly-aws/runs/evil/frames"), [502, "STUDIO_MANIFEST_INVALID"]);
    await recorded("honest", run);
    for (const index of ["3", "-1", "0.5", "..%2F0", "toString", "0%2F..%2F..%2Fmanifest.json"]) {
      deepEqual(await failure(`lightly-aws/runs/honest/frames/${index}/picture`), [404, "RUN_WITHOUT_SELECTION"]);
    }
  });

  it("are at the place of the step's record, whatever its result says", async () => {
    await recorded("moved", { ...run, lightly: { ...run.lightly, manifest: "s3://lightly-input/x/manifest.json" } });
    equal((await list("moved")).total, 3);
  });

  it("report a missing picture, manifest and account by their codes", async () => {
    await recorded("none", { ...run, runId: "never" });
    deepEqual(await failure("lightly-aws/runs/none/frames"), [502, "STUDIO_MANIFEST_INVALID"]);
    await recorded("deleted", run, "another");
    deepEqual(await failure("lightly-aws/runs/deleted/frames"), [409, "ACCOUNT_MISSING"]);
    await recorded("denied", run);
    ok((await list("denied")).total > 0);
    local.sandbox.faults.add({ service: "s3", operation: "GetObject", kind: "status", status: 404, code: "NoSuchKey" });
    deepEqual(await failure("lightly-aws/runs/denied/frames/0/picture"), [502, "SOURCE_NOT_FOUND"]);
  });
});
