import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import {
  type DownloadedVideo,
  type DownloadFileOptions,
  discardDownload,
  downloadVideo,
} from "../../../src/services/pexels/download-video.ts";
import { manualClock } from "../../support/fake-clock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { type Answer, type FileServer, patterned, sendFile, sendUntil, serve } from "../http/file-server.ts";

const FILE = patterned(300_000);
const OTHER = Buffer.from(FILE).reverse();
const LEFT = 200_000;
const whole: Answer = (request, response) => sendFile(request, response, FILE);

describe("a download that was interrupted", () => {
  let server: FileServer | undefined;
  let answer: Answer;
  let folder: string;

  beforeEach(async () => {
    folder = temporaryFolder();
    answer = whole;
    server = await serve((request, response) => answer(request, response, server?.requests.length ?? 0));
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  function request(changes: Partial<DownloadFileOptions> = {}): DownloadFileOptions {
    return {
      url: server?.url().href ?? "",
      folder,
      basename: "clip.mp4",
      token: "step-1",
      signal: new AbortController().signal,
      clock: manualClock(30_000),
      ...changes,
    };
  }

  async function failure(changes: Partial<DownloadFileOptions> = {}): Promise<PipelineError> {
    const outcome = await downloadVideo(request(changes)).then(
      (downloaded) => downloaded,
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${JSON.stringify(outcome)}`);
    return outcome;
  }

  /** Creates the files of a process that has ended after a number of bytes. */
  async function interrupted(bytes = LEFT, headers: Record<string, string> = { etag: '"v1"' }): Promise<void> {
    const image = temporaryFolder();
    const abort = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": FILE.length, ...headers });
      response.write(FILE.subarray(0, bytes));
    };
    const onProgress: DownloadFileOptions["onProgress"] = ({ loadedBytes }) => {
      if (loadedBytes === bytes) {
        cpSync(folder, image, { recursive: true });
        abort.abort(new Error("that is enough"));
      }
    };
    assert.equal((await failure({ signal: abort.signal, onProgress })).code, "ABORTED");
    assert.deepEqual(await readdir(folder), []);
    cpSync(image, folder, { recursive: true });
    assert.equal((await readFile(join(folder, "clip.mp4.step-1.part"))).length, bytes);
    answer = whole;
  }

  async function isWhole({ filename, bytes }: DownloadedVideo, expected: Buffer): Promise<void> {
    assert.ok(expected.equals(await readFile(filename)));
    assert.equal(bytes, expected.length);
    assert.deepEqual(await readdir(folder), ["clip.mp4"]);
  }

  function ranges(): Array<string | undefined> {
    return (server?.requests ?? []).slice(1).map(({ headers }) => headers.range);
  }

  it("continues if it was paused, and not aborted", async () => {
    const abort = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": FILE.length, etag: '"v1"' });
      response.write(FILE.subarray(0, LEFT));
    };
    const onProgress: DownloadFileOptions["onProgress"] = ({ loadedBytes }) =>
      loadedBytes === LEFT && abort.abort(new Error("the flow is deployed again"));
    assert.equal((await failure({ signal: abort.signal, onProgress, isPaused: () => true })).code, "ABORTED");
    answer = (asked, response) => sendFile(asked, response, FILE);
    await isWhole(await downloadVideo(request()), FILE);
    assert.deepEqual(ranges(), [`bytes=${LEFT}-`]);
  });

  it("continues after the existing bytes, and counts them as progress", async () => {
    await interrupted();
    const seen: number[] = [];
    const onProgress: DownloadFileOptions["onProgress"] = ({ loadedBytes }) => seen.push(loadedBytes);
    await isWhole(await downloadVideo(request({ onProgress })), FILE);
    assert.deepEqual(ranges(), [`bytes=${LEFT}-`]);
    assert.equal(server?.requests.at(-1)?.headers["if-range"], '"v1"');
    assert.ok(seen.every((bytes) => bytes > LEFT));
  });

  it("continues after its process was killed", async () => {
    answer = (request, response) => {
      response.writeHead(200, { "content-length": FILE.length, etag: '"v1"' });
      response.write(FILE.subarray(0, LEFT));
      request.on("close", () => response.destroy());
    };
    const { url, basename, token = "" } = request();
    const child = fork(join(import.meta.dirname, "download-process.ts"), [url, folder, basename, token]);
    const exited = once(child, "exit");
    child.on("message", ({ loadedBytes }: { loadedBytes: number }) => {
      if (loadedBytes === LEFT) {
        child.kill("SIGKILL");
      }
    });
    assert.deepEqual(await exited, [null, "SIGKILL"]);
    assert.deepEqual((await readdir(folder)).length, 2);
    answer = whole;
    await isWhole(await downloadVideo(request()), FILE);
    assert.deepEqual(ranges(), [`bytes=${LEFT}-`]);
  });

  it("requests only one byte if all of them exist", async () => {
    await interrupted(FILE.length - 1);
    await writeFile(join(folder, "clip.mp4.step-1.part"), FILE);
    await isWhole(await downloadVideo(request()), FILE);
    assert.deepEqual(ranges(), [`bytes=${FILE.length - 1}-`]);
  });

  it("continues after another broken connection", async () => {
    await interrupted();
    answer = (request, response, count) =>
      count === 2 ? sendUntil(request, response, FILE, 250_000) : sendFile(request, response, FILE);
    await isWhole(await downloadVideo(request()), FILE);
    assert.equal(ranges()[0], `bytes=${LEFT}-`);
    assert.match(ranges()[1] ?? "", /^bytes=2\d{5}-$/);
  });

  for (const [name, changed, file] of [
    ["has another version", (request, response) => sendFile(request, response, OTHER, '"v2"'), OTHER],
    [
      "has a shorter one",
      (request, response) => sendFile(request, response, FILE.subarray(0, 1000), '"v2"'),
      FILE.subarray(0, 1000),
    ],
    ["sends no ranges", (_request, response) => response.writeHead(200, { etag: '"v1"' }).end(FILE), FILE],
    [
      "refuses the range",
      (request, response) =>
        request.headers.range === undefined ? sendFile(request, response, FILE) : response.writeHead(416).end(),
      FILE,
    ],
    [
      "sends another range",
      (request, response) =>
        request.headers.range === undefined
          ? sendFile(request, response, FILE)
          : response.writeHead(206, { "content-range": "bytes 5-9/300000" }).end("12345"),
      FILE,
    ],
    [
      "announces another length",
      (request, response) =>
        request.headers.range === undefined
          ? sendFile(request, response, OTHER)
          : response.writeHead(206, { "content-range": `bytes ${LEFT}-${LEFT + 4}/${LEFT + 5}` }).end("12345"),
      OTHER,
    ],
  ] satisfies Array<[string, Answer, Buffer]>) {
    it(`restarts from the first byte if the server ${name}`, async () => {
      await interrupted();
      answer = changed;
      await isWhole(await downloadVideo(request()), file);
    });
  }

  for (const [name, spoil] of [
    ["is not noted", (path: string) => rm(path)],
    ["was noted before the machine was started again", (path: string) => rewrite(path, { bootId: "another" })],
    ["was noted of another address", (path: string) => rewrite(path, { url: "http://videos.example/clip.mp4" })],
    ["was noted by halves", (path: string) => writeFile(path, '{"valid')],
  ] as const) {
    it(`restarts from the first byte if its version ${name}`, async () => {
      await interrupted();
      await spoil(join(folder, "clip.mp4.step-1.version.part"));
      await isWhole(await downloadVideo(request()), FILE);
      assert.deepEqual(ranges(), [undefined]);
    });
  }

  async function rewrite(path: string, changes: Record<string, string>): Promise<void> {
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...changes }));
  }

  it("restarts from the first byte if the server returns no version", async () => {
    await interrupted(LEFT, {});
    await isWhole(await downloadVideo(request()), FILE);
    assert.deepEqual(ranges(), [undefined]);
  });

  it("is not continued by a third process if the version has changed in between", async () => {
    await interrupted();
    answer = (request, response, count) =>
      count === 2 ? sendUntil(request, response, FILE, 250_000) : sendFile(request, response, OTHER, '"v2"');
    let left: string[] = [];
    const onProgress: DownloadFileOptions["onProgress"] = ({ loadedBytes }) => {
      left = loadedBytes < LEFT ? readdirSync(folder) : left;
    };
    await isWhole(await downloadVideo(request({ onProgress })), OTHER);
    assert.deepEqual(left, ["clip.mp4.step-1.part"]);
  });

  it("does not affect the download of another token", async () => {
    await interrupted();
    await downloadVideo(request({ token: "step-2" }));
    assert.equal((await readdir(folder)).length, 3);
  });

  describe("leaves no partial file if it is resumed and", () => {
    for (const [name, changes, code, refused] of [
      ["the file is gone", {}, "DOWNLOAD_FAILED", true],
      ["its address is none", { url: "clip.mp4" }, "DOWNLOAD_FAILED", false],
      ["it is aborted", { signal: AbortSignal.abort() }, "ABORTED", false],
    ] as const) {
      it(name, async () => {
        await interrupted();
        answer = refused ? (_request, response) => response.writeHead(404).end() : whole;
        assert.equal((await failure(changes)).code, code);
        assert.deepEqual(await readdir(folder), []);
      });
    }

    it("the file was complete", async () => {
      await interrupted();
      await writeFile(join(folder, "clip.mp4"), FILE);
      await isWhole(await downloadVideo(request()), FILE);
    });
  });

  it("is removed when it is discarded, unless it is complete", async () => {
    await interrupted();
    await writeFile(join(folder, "clip.mp4"), FILE);
    await discardDownload({ folder, basename: "clip.mp4", token: "step-1" });
    assert.deepEqual(await readdir(folder), ["clip.mp4"]);
    await discardDownload({ folder: join(folder, "none"), basename: "clip.mp4", token: "step-1" });
  });

  for (const token of ["", "a/b", "..", "x".repeat(65)]) {
    it(`has no token ${JSON.stringify(token)}`, async () => {
      assert.equal((await failure({ token })).code, "INPUT_INVALID");
    });
  }
});
