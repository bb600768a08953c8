import { equal, match, ok, rejects } from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { promisify } from "node:util";
import type { Response } from "express";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import type { RunFrame } from "../../../src/plugins/frames/run-frames.ts";
import { zipFrames } from "../../../src/plugins/frames/zip-frames.ts";
import { HANG_MS } from "../../support/limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const CHUNK = Buffer.alloc(64 * 1024, 7);

/** A response that takes bytes as slowly as its `taken` resolves. */
class FakeResponse extends Writable {
  readonly headers: Record<string, string> = {};
  readonly chunks: Buffer[] = [];
  onChunk: (chunk: Buffer) => Promise<void> = async () => {};

  set(headers: Record<string, string>): this {
    Object.assign(this.headers, headers);
    return this;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.chunks.push(chunk);
    this.onChunk(chunk).then(() => done(), done);
  }
}

/** Frames of pictures with `chunks` times 64 KiB, and how many of them are open or have been read. */
function framesOf(names: readonly string[], chunks = 1) {
  const state = { opened: 0, closed: 0, read: 0 };
  const selection = {
    open: async (frame: { fileName: string }) => {
      if (frame.fileName.startsWith("missing")) {
        throw new PipelineError("SOURCE_NOT_FOUND", `There is no ${frame.fileName}.`);
      }
      state.opened += 1;
      async function* bytes() {
        for (let index = 0; index < chunks; index += 1) {
          state.read += CHUNK.length;
          yield CHUNK;
        }
      }
      return { chunks: bytes(), close: () => (state.closed += 1) };
    },
  };
  const frames = names.map((fileName) => ({ fileName, selection })) as unknown as RunFrame[];
  return { frames, state };
}

const zip = (frames: readonly RunFrame[], response: FakeResponse): Promise<void> =>
  zipFrames({
    frames,
    runId: "a run/1",
    response: response as unknown as Response,
    signal: AbortSignal.timeout(HANG_MS),
  });

describe("the zip file of frames", () => {
  const folder = temporaryFolder();

  it("contains all pictures and the list, with folders, and a number for a name that occurs twice", async () => {
    const { frames, state } = framesOf(["v/a.png", "v/b.png", "v/a.png"]);
    const response = new FakeResponse();
    await zip(frames, response);
    equal(response.headers["content-disposition"], 'attachment; filename="frames-a_run_1.zip"');
    const file = join(folder, "frames.zip");
    await writeFile(file, Buffer.concat(response.chunks));
    const script =
      "import sys, zipfile; f = zipfile.ZipFile(sys.argv[1]); print(f.testzip(), sorted((i.filename, i.file_size) for i in f.infolist()))";
    const { stdout } = await promisify(execFile)("python3", ["-c", script, file]);
    match(
      stdout,
      /^None \[\('frames\.csv', \d+\), \('v\/a \(2\)\.png', 65536\), \('v\/a\.png', 65536\), \('v\/b\.png', 65536\)\]/,
    );
    equal(state.closed, 3);
  });

  it("is read as slowly as the client takes it: the memory does not depend on the number of frames", async () => {
    const { frames, state } = framesOf(
      Array.from({ length: 50 }, (_, index) => `${index}.png`),
      16,
    );
    const response = new FakeResponse();
    let [taken, mostAhead, mostOpen] = [0, 0, 0];
    response.onChunk = async (chunk) => {
      taken += chunk.length;
      mostAhead = Math.max(mostAhead, state.read - taken);
      mostOpen = Math.max(mostOpen, state.opened - state.closed);
    };
    await zip(frames, response);
    ok(taken > 50 * 2 ** 20);
    ok(mostAhead < 2 ** 20, `${mostAhead} bytes`);
    ok(mostOpen <= 5, `${mostOpen} pictures`);
    equal(state.closed, 50);
  });

  it("reports a first picture that can't be read before it has sent anything", async () => {
    const { frames, state } = framesOf(["missing.png", "b.png"]);
    const response = new FakeResponse();
    await rejects(() => zip(frames, response), { code: "SOURCE_NOT_FOUND" });
    equal(response.chunks.length, 0);
    equal(Object.keys(response.headers).length, 0);
    await new Promise(setImmediate);
    equal(state.closed, state.opened);
  });

  it("ends without the end of the archive when a later picture can't be read", async () => {
    const { frames } = framesOf(["a.png", "missing.png"]);
    const response = new FakeResponse();
    await rejects(() => zip(frames, response), /There is no missing/);
    ok(response.destroyed);
    equal(Buffer.concat(response.chunks).includes("PK\x05\x06"), false);
  });

  it("refuses a name that would leave the folder in which the archive is unpacked", async () => {
    for (const name of ["../settings.png", "/etc/a.png", "a.sh"]) {
      await rejects(() => zip(framesOf([name]).frames, new FakeResponse()), { code: "FRAME_NAME_INVALID" }, name);
    }
  });
});
