import { deepEqual, equal } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { video } from "../../services/pexels/pexels-stub.ts";
import { type HttpServer, serveHttp } from "../../support/http-server.ts";
import { startProxy, type TestProxy } from "../../support/proxy-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { loadFlow, result, useNodeRed } from "../support/flow.ts";

const BYTES = "frames of a video";

describe("a step with an account that has a proxy", () => {
  useNodeRed();
  let internet: HttpServer;
  let proxy: TestProxy;

  before(async () => {
    internet = await serveHttp((request, response) => {
      const { method, url = "", headers } = request;
      if (headers.host?.startsWith("api.")) {
        const link = "http://videos.example.com/1.mp4";
        const file = { id: 1, file_type: "video/mp4", quality: "hd", width: 1280, height: 720, fps: 25, link };
        const found = { ...video(1), video_files: [file] };
        const body = url.includes("/popular") ? { page: 1, per_page: 1, total_results: 1, videos: [found] } : found;
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
      } else if (headers.host?.startsWith("aws.")) {
        const length = method === "HEAD" ? { "content-length": BYTES.length } : {};
        request.resume().once("end", () => response.writeHead(200, { etag: '"e"', ...length }).end());
      } else {
        response.writeHead(200, { "content-type": "video/mp4", "content-length": BYTES.length }).end(BYTES);
      }
    });
    proxy = await startProxy(() => internet.port);
  });
  beforeEach(() => {
    proxy.asked.length = 0;
  });
  after(async () => {
    await internet.close();
    await proxy.close();
  });

  it("downloads a video of Pexels through it", async () => {
    const folder = temporaryFolder();
    const flow = await loadFlow({
      step: { type: "lightly-pexels-download", account: "pexels", pick: "id", videoId: "1", output: "file", folder },
      others: [{ id: "pexels", type: "lightly-pexels-account", apiUrl: "http://api.example.com" }],
      credentials: { pexels: { apiKey: "some-key", proxy: proxy.url } },
    });
    flow.receive({ payload: "go" });
    await flow.until(() => flow.completed.length > 0 || flow.caught.length > 0);
    deepEqual(
      flow.caught.map(({ error }) => error.message),
      [],
    );
    equal(await readFile(result<string>(flow, "filename"), "utf8"), BYTES);
    deepEqual(proxy.asked, ["GET http://api.example.com/videos/videos/1", "GET http://videos.example.com/1.mp4"]);
  });

  it("uploads a URL to S3 through it", async () => {
    const place = { endpoint: "http://aws.example.com", region: "eu-central-1", forcePathStyle: true };
    const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
    const flow = await loadFlow({
      step: {
        ...{
          type: "lightly-s3-upload",
          account: "aws",
          bucket: "videos",
          prefix: "videos",
          key: "{prefix}/{basename}",
          ifExists: "overwrite",
        },
        ...{ sourceKind: "url", source: "http://videos.example.com/2.mp4", sourceType: "str" },
      },
      others: [{ id: "aws", type: "lightly-aws-account", ...place, credentialSource: "keys" }],
      credentials: { aws: { ...keys, proxy: proxy.url } },
    });
    flow.receive({ payload: "go" });
    await flow.until(() => flow.completed.length > 0 || flow.caught.length > 0);
    deepEqual(
      flow.caught.map(({ error }) => error.message),
      [],
    );
    equal(result<{ key: string }>(flow, "s3").key, "videos/2.mp4");
    const hosts = proxy.asked.map((asked) => /http:\/\/([^/]+)/.exec(asked)?.[1]);
    deepEqual([...new Set(hosts)].sort(), ["aws.example.com", "videos.example.com"]);
  });
});
