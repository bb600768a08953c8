import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { createFaults } from "../../src/faults/faults.ts";
import { operationNames } from "../../src/faults/operation-names.ts";
import { applyFaultText, checkFaultRule } from "../../src/faults/parse-fault.ts";
import type { WatchedRequest } from "../../src/faults/request-watch.ts";
import { testClips } from "../clips/test-clips.ts";
import { type Running, startRunning } from "../instances/running-sandbox.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

describe("The names of operations", () => {
  it("are listed by --help: the names of AWS, and methods and paths of the others", async () => {
    const child = spawn(process.execPath, [MAIN, "--help"], { stdio: ["ignore", "pipe", "inherit"] });
    const help = await text(child.stdout);
    const { lightly, pexels, ...aws } = operationNames();
    for (const name of Object.values(aws).flat()) {
      assert.match(help, new RegExp(`(?<!\\w)${name}(?!\\w)`));
    }
    const listed = [...help.matchAll(/^ {4}([A-Z|]+) (\/\S+)$/gm)].flatMap(([, methods = "", path]) =>
      methods.split("|").map((method) => `${method} ${path}`),
    );
    assert.deepEqual(listed.sort(), [...lightly, ...pexels].sort());
    assert.ok(help.split("\n").every((line) => line.length <= 120));
  });

  it("are the only ones that a fault can have, so that a misspelled fault is not silently ignored", () => {
    for (const [service, names] of Object.entries(operationNames())) {
      for (const operation of names) {
        checkFaultRule({ service, operation, kind: "reset" });
      }
    }
    const faults = createFaults();
    assert.throws(() => applyFaultText(faults, "s3:PutObjet:reset"), /'PutObjet' is no operation of s3.*--help/);
    assert.throws(() => applyFaultText(faults, "ec2:PutObject:reset"), /'PutObject' is no operation of ec2/);
    assert.throws(() => applyFaultText(faults, "lightly:POST datasets:reset"), /no operation of lightly/);
    assert.throws(() => applyFaultText(faults, "*:Nothing*:reset"), /no operation of any service/);
    applyFaultText(faults, "lightly:* /v1/docker/runs/*:reset");
    applyFaultText(faults, "s3:putobject:reset");
    assert.equal(faults.list().length, 2);
  });

  describe("in requests", () => {
    let cloud: Running;
    const seen: WatchedRequest[] = [];
    before(async () => {
      cloud = await startRunning({ videosDir: await testClips(), onRequest: (request) => seen.push(request) });
    });
    after(() => cloud.close());

    it("are the listed ones, also at Pexels, which has no list of its own", async () => {
      const { endpoints, pexelsKey, credentials, region } = cloud.sandbox;
      const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
      await s3.send(new ListBucketsCommand({}));
      s3.destroy();
      const ask = (path: string, method = "GET") =>
        fetch(new URL(path, endpoints.pexels), { method, headers: { authorization: pexelsKey } });
      const [video] = ((await (await ask("/videos/popular")).json()) as { videos: Video[] }).videos;
      assert.ok(video);
      const [file, picture] = [video.video_files[0]?.link ?? "", video.video_pictures[0]?.picture ?? ""];
      for (const path of ["/videos/search?query=sea", `/videos/videos/${video.id}`, file, picture, video.url]) {
        await (await ask(path)).body?.cancel();
      }
      await ask(file, "HEAD");
      const names = operationNames();
      for (const { service, operation } of seen) {
        assert.ok(names[service].includes(operation), `${service} ${operation}`);
      }
      const ofPexels = seen.filter(({ service }) => service === "pexels").map(({ operation }) => operation);
      assert.deepEqual([...new Set(ofPexels)].sort(), [...names.pexels].sort());
    });
  });
});

interface Video {
  readonly id: number;
  readonly url: string;
  readonly video_files: ReadonlyArray<{ readonly link: string }>;
  readonly video_pictures: ReadonlyArray<{ readonly picture: string }>;
}
