import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { renameSync, symlinkSync, writeFileSync } from "node:fs";
import { link, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { diskError } from "../../../src/services/http/download/part-file.ts";
import {
  type DownloadedVideo,
  type DownloadFileOptions,
  downloadVideo,
  videoBasename,
} from "../../../src/services/pexels/download-video.ts";
import { manualClock } from "../../support/fake-clock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { type Answer, type FileServer, patterned, sendFile, sendUntil, serve } from "../http/file-server.ts";

const FILE = patterned(300_000);
const whole: Answer = (request, response) => sendFile(request, response, FILE);

describe("downloadVideo", () => {
  let server: FileServer | undefined;
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
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
      signal: new AbortController().signal,
      clock: manualClock(30_000),
      ...changes,
    };
  }

  async function download(answer: Answer, changes: Partial<DownloadFileOptions> = {}): Promise<DownloadedVideo> {
    server = await serve(answer);
    return downloadVideo(request(changes));
  }

  async function failure(work: Promise<unknown>): Promise<PipelineError> {
    const outcome = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${outcome}`);
    return outcome;
  }

  it("does not accept text as a video, which a failing proxy may send with status 200", async () => {
    const answer: Answer = (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.end("please try again later");
    };
    const error = await failure(download(answer));
    assert.deepEqual(
      [error.code, error.details.reason, error.retryable],
      ["DOWNLOAD_FAILED", "SOURCE_NOT_MEDIA", true],
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it("creates the folder of the file", async () => {
    const nested = join(folder, "a", "b");
    const downloaded = await download(whole, { folder: nested });
    assert.deepEqual(downloaded, { filename: join(nested, "clip.mp4"), bytes: FILE.length });
    assert.ok(FILE.equals(await readFile(downloaded.filename)));
    assert.deepEqual(await readdir(nested), ["clip.mp4"]);
  });

  it("does not create the file before it is complete", async () => {
    const seen: string[][] = [];
    server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": FILE.length });
      response.write(FILE.subarray(0, 1000));
    });
    let first = true;
    const abort = new AbortController();
    const running = downloadVideo(
      request({
        signal: abort.signal,
        onProgress: async () => {
          if (first) {
            first = false;
            seen.push(await readdir(folder));
            abort.abort(new Error("seen enough"));
          }
        },
      }),
    );
    assert.equal((await failure(running)).code, "ABORTED");
    assert.equal(seen.length, 1);
    assert.match(seen[0]?.join() ?? "", /^clip\.mp4\.[0-9a-f]+\.part$/);
    assert.deepEqual(await readdir(folder), []);
  });

  it("reports its progress", async () => {
    const seen: Array<{ loadedBytes: number; totalBytes?: number }> = [];
    await download(whole, { onProgress: (progress) => seen.push(progress) });
    assert.ok(seen.length > 1);
    assert.deepEqual(seen.at(-1), { loadedBytes: FILE.length, totalBytes: FILE.length });
  });

  it("continues after a broken connection", async () => {
    const { filename } = await download((request, response, count) =>
      count < 3 ? sendUntil(request, response, FILE, count * 100_000) : sendFile(request, response, FILE),
    );
    assert.ok(FILE.equals(await readFile(filename)));
    assert.match(server?.requests.at(-1)?.headers.range ?? "", /^bytes=[1-9]\d*-$/);
  });

  it("restarts if the server ignores ranges, also with a shorter file", async () => {
    const shorter = patterned(50_000);
    const { filename, bytes } = await download((request, response, count) =>
      count === 1
        ? sendUntil(request, response, FILE, 200_000, {})
        : response.writeHead(200, { "content-length": shorter.length }).end(shorter),
    );
    assert.ok(shorter.equals(await readFile(filename)));
    assert.equal(bytes, shorter.length);
  });

  it("uses an existing complete file", async () => {
    const filename = join(folder, "clip.mp4");
    await writeFile(filename, Buffer.alloc(FILE.length, 7));
    const long = new Date("2020-01-01T00:00:00Z");
    await utimes(filename, long, long);
    assert.deepEqual(await download(whole), { filename, bytes: FILE.length });
    assert.equal((await stat(filename)).mtime.getTime(), long.getTime());
  });

  describe("does not replace", () => {
    const OTHER = Buffer.from("another program's");

    async function keeps(answer: Answer, there = OTHER): Promise<void> {
      const filename = join(folder, "clip.mp4");
      await writeFile(filename, there);
      const error = await failure(download(answer));
      assert.equal(error.code, "DESTINATION_REFUSED");
      assert.ok(error.message.includes(filename));
      assert.ok(there.equals(await readFile(filename)));
      assert.deepEqual(await readdir(folder), ["clip.mp4"]);
    }

    it("a file of another length", () => keeps(whole));

    it("a file of the same length with other bytes if no length is declared", () =>
      keeps(
        (_request, response) => {
          response.write(FILE.subarray(0, 1000));
          response.end(FILE.subarray(1000));
        },
        Buffer.alloc(FILE.length, 7),
      ));

    it("a file that is created during the download", async () => {
      const filename = join(folder, "clip.mp4");
      const onProgress = (): void => writeFileSync(filename, OTHER);
      assert.equal((await failure(download(whole, { onProgress }))).code, "DESTINATION_REFUSED");
      assert.ok(OTHER.equals(await readFile(filename)));
      assert.deepEqual(await readdir(folder), ["clip.mp4"]);
    });

    it("a link, and does not use its target as the video", async () => {
      const elsewhere = join(folder, "secret");
      await writeFile(elsewhere, Buffer.alloc(FILE.length, 7));
      await symlink(elsewhere, join(folder, "clip.mp4"));
      assert.equal((await failure(download(whole))).code, "DESTINATION_REFUSED");
      assert.ok(Buffer.alloc(FILE.length, 7).equals(await readFile(elsewhere)));
    });

    it("a broken link", async () => {
      await symlink(join(folder, "new"), join(folder, "clip.mp4"));
      assert.equal((await failure(download(whole))).code, "DESTINATION_REFUSED");
      assert.deepEqual(await readdir(folder), ["clip.mp4"]);
    });

    it("a folder, and leaves no partial file", async () => {
      await mkdir(join(folder, "clip.mp4", "inner"), { recursive: true });
      const error = await failure(download(whole));
      assert.equal(error.code, "DESTINATION_REFUSED");
      assert.deepEqual(await readdir(folder), ["clip.mp4"]);
    });
  });

  it("uses a file with the same bytes if no length is declared", async () => {
    const filename = join(folder, "clip.mp4");
    await writeFile(filename, FILE);
    const answer: Answer = (_request, response) => {
      response.write(FILE.subarray(0, 1000));
      response.end(FILE.subarray(1000));
    };
    assert.deepEqual(await download(answer), { filename, bytes: FILE.length });
    assert.deepEqual(await readdir(folder), ["clip.mp4"]);
  });

  for (const name of ["clip.mp4.step-1.part", "clip.mp4.step-1.version.part"]) {
    it(`does not write through a link with the name of ${name}`, async () => {
      const elsewhere = join(folder, "secret");
      await writeFile(elsewhere, "kept");
      await symlink(elsewhere, join(folder, name));
      assert.equal((await failure(download(whole, { token: "step-1" }))).code, "DESTINATION_REFUSED");
      assert.equal(await readFile(elsewhere, "utf8"), "kept");
    });

    it(`does not truncate a file with a hard link ${name}`, async () => {
      const elsewhere = join(folder, "secret");
      await writeFile(elsewhere, "kept");
      await link(elsewhere, join(folder, name));
      assert.equal((await failure(download(whole, { token: "step-1" }))).code, "DESTINATION_REFUSED");
      assert.equal(await readFile(elsewhere, "utf8"), "kept");
    });
  }

  it("does not wait for the writer of a pipe", async () => {
    execFileSync("mkfifo", [join(folder, "clip.mp4.step-1.part")]);
    assert.equal((await failure(download(whole, { token: "step-1" }))).code, "DESTINATION_REFUSED");
  });

  it("does not follow a link out of the chosen folder, and creates no folder behind it", async () => {
    const outside = temporaryFolder();
    await symlink(outside, join(folder, "cam"));
    for (const inner of ["cam", "cam/new/deep"]) {
      const error = await failure(download(whole, { root: folder, folder: join(folder, inner) }));
      assert.equal(error.code, "DESTINATION_REFUSED");
      await server?.close();
    }
    assert.deepEqual(await readdir(outside), []);
  });

  it("follows a link inside of the folder, and a chosen folder that is a link itself", async () => {
    await mkdir(join(folder, "real"));
    await symlink(join(folder, "real"), join(folder, "inner"));
    const { filename } = await download(whole, { root: folder, folder: join(folder, "inner", "new") });
    assert.ok(FILE.equals(await readFile(filename)));
    await server?.close();
    await download(whole, { folder: join(folder, "inner") });
    assert.ok(FILE.equals(await readFile(join(folder, "real", "clip.mp4"))));
  });

  it("detects a folder that has become a link during the download", async () => {
    const outside = temporaryFolder();
    const inner = join(folder, "cam");
    const onProgress = (): void => {
      renameSync(inner, join(folder, "moved"));
      symlinkSync(outside, inner);
    };
    let isDone = false;
    const once = (): void => {
      if (!isDone) {
        isDone = true;
        onProgress();
      }
    };
    const error = await failure(download(whole, { root: folder, folder: inner, onProgress: once }));
    assert.equal(error.code, "DESTINATION_REFUSED");
    assert.deepEqual(await readdir(outside), []);
  });

  for (const [limit, code] of [
    [{ maxBytes: FILE.length - 1 }, "SOURCE_TOO_LARGE"],
    [{ addresses: { allow: [] }, url: "http://169.254.169.254/clip.mp4" }, "SOURCE_ADDRESS_REFUSED"],
  ] as const) {
    it(`reports ${code}, and leaves nothing`, async () => {
      assert.equal((await failure(download(whole, limit))).code, code);
      assert.deepEqual(await readdir(folder), []);
    });
  }

  it("keeps two downloads of one video apart", async () => {
    server = await serve(whole);
    const both = await Promise.all([downloadVideo(request()), downloadVideo(request())]);
    assert.deepEqual(both[0], both[1]);
    assert.ok(FILE.equals(await readFile(both[0].filename)));
    assert.deepEqual(await readdir(folder), ["clip.mp4"]);
  });

  for (const [name, answer, reason] of [
    ["is not there", (_request, response) => response.writeHead(404).end(), "SOURCE_NOT_FOUND"],
    [
      "is a web page",
      (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("x"),
      "SOURCE_NOT_MEDIA",
    ],
    ["always breaks off", (request, response) => sendUntil(request, response, FILE, 1000), "SOURCE_INCOMPLETE"],
    [
      "redirects for ever",
      (_request, response) => response.writeHead(302, { location: "/" }).end(),
      "SOURCE_REDIRECTS",
    ],
  ] satisfies Array<[string, Answer, string]>) {
    it(`leaves nothing on disk if the file ${name}`, async () => {
      const error = await failure(download(answer));
      assert.equal(error.code, "DOWNLOAD_FAILED");
      assert.equal(error.details.reason, reason);
      assert.deepEqual(await readdir(folder), []);
    });
  }

  it("reports that the folder can't be created", async () => {
    await writeFile(join(folder, "file"), "x");
    const error = await failure(download(whole, { folder: join(folder, "file", "videos") }));
    assert.equal(error.code, "DISK_WRITE_FAILED");
    assert.match(error.message, /ENOTDIR/);
  });

  it("reports a full disk", () => {
    const cause = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const error = diskError("/videos/clip.mp4", cause);
    assert.equal(error.code, "DISK_WRITE_FAILED");
    assert.match(error.message, /\/videos\/clip\.mp4.*ENOSPC.*space/);
  });

  it("does nothing if it was aborted before", async () => {
    const error = await failure(download(whole, { signal: AbortSignal.abort(new Error("too late")) }));
    assert.equal(error.code, "ABORTED");
    assert.equal(server?.requests.length, 0);
  });

  for (const basename of [
    "",
    "..",
    "a/b.mp4",
    "a\\b.mp4",
    "/etc/passwd",
    ".bashrc",
    "a\0.mp4",
    "a\n.mp4",
    "a\u0085.mp4",
    "a\ud800.mp4",
    "con.mp4",
    "LPT1",
    "a.mp4.",
    "a.mp4 ",
    `${"a".repeat(200)}.mp4`,
  ]) {
    it(`refuses the name ${JSON.stringify(basename)}`, async () => {
      assert.equal((await failure(download(whole, { basename }))).code, "INPUT_INVALID");
    });
  }
});

describe("videoBasename", () => {
  it("contains the video's id and size", () => {
    const rendition = { id: 1, url: "https://videos.example/1.mp4", width: 1280, height: 720, fileType: "video/mp4" };
    const video = { id: 42, pageUrl: "", author: "", authorUrl: "", durationSeconds: 1, width: 3840, height: 2160 };
    assert.equal(videoBasename({ ...video, rendition }), "pexels-42-1280x720.mp4");
  });
});
