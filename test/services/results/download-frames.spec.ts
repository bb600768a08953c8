import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { downloadFrames } from "../../../src/services/results/download-frames.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { type FileServer, patterned, sendFile, serve } from "../http/file-server.ts";

const FILE = patterned(3000);

describe("downloadFrames", () => {
  let server: FileServer;
  let base = "";
  let folder = "";
  beforeEach(async () => {
    base = temporaryFolder();
    folder = join(base, "frames");
    server = await serve((request, response) => sendFile(request, response, FILE));
  });
  afterEach(() => server.close());

  const bring = (...names: string[]): Promise<PipelineError | undefined> => bringOf(names.length, names);

  async function bringOf(total: number, names: readonly string[]): Promise<PipelineError | undefined> {
    async function* frames() {
      yield* names.map((fileName) => ({ fileName, readUrl: server.url("/frame.png").href }));
    }
    const request = { frames: frames(), total, signal: new AbortController().signal };
    const error = await downloadFrames({ ...request, folder, token: "step-1" }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error === undefined || error instanceof PipelineError, String(error));
    return error;
  }

  it("saves pictures in the folders of their videos", async () => {
    const names = ["a-001-mp4.png", "cam 1/12:30/b.JPG", "c.jpeg", "d.webp", "e.bmp", "f.tif", "ü/日本.gif"];
    assert.equal(await bring(...names), undefined);
    for (const name of names) {
      assert.ok(FILE.equals(await readFile(join(folder, name))), name);
    }
  });

  it("refuses a duplicate name, and a list that ends before the last frame", async () => {
    const twice = await bring("a.png", "b.png", "a.png");
    assert.equal(twice?.code, "LIGHTLY_RESPONSE_INVALID");
    assert.match(twice?.message ?? "", /"a\.png" twice/);
    const early = await bringOf(4, ["c.png"]);
    assert.equal(early?.code, "LIGHTLY_RESPONSE_INVALID");
    assert.match(early?.message ?? "", /has 4 frames, but the list of their names ended after 1/);
  });

  for (const name of [
    "settings.js",
    ".bashrc",
    ".png",
    ".ssh/authorized_keys",
    ".ssh/key.png",
    "cam/.hidden.png",
    "cam/..png/a.png",
    "../a.png",
    "cam/../../a.png",
    "cam/./a.png",
    "/etc/cron.d/a.png",
    "cam//a.png",
    "..\\a.png",
    "C:/a.png",
    "c:a.png",
    "a.png\0.js",
    "a.png\n",
    "a.png.",
    "a.png ",
    "a.png/",
    "con.png",
    "cam/NUL.png",
    "aux/a.png",
    "flows_cred.json",
    "a.png.js",
    "index.html",
    "drawing.svg",
    "a.step-1.part",
    "cam",
    "",
    `${"a/".repeat(40)}a.png`,
    `${"a".repeat(250)}.png`,
  ]) {
    it(`does not write ${JSON.stringify(name.slice(0, 60))}`, async () => {
      const error = await bring(name);
      assert.equal(error?.code, "FRAME_NAME_INVALID");
      assert.deepEqual(await readdir(base), []);
      assert.equal(server.requests.length, 0);
    });
  }

  it("does not replace other pictures", async () => {
    await mkdir(join(folder, "cam"), { recursive: true });
    await writeFile(join(folder, "cam", "a.png"), "mine");
    const error = await bring("cam/a.png");
    assert.equal(error?.code, "DESTINATION_REFUSED");
    assert.match(error?.message ?? "", /The frame "cam\/a\.png" was not transferred/);
    assert.equal(await readFile(join(folder, "cam", "a.png"), "utf8"), "mine");
    assert.deepEqual(await readdir(join(folder, "cam")), ["a.png"]);
  });

  it("does not download an existing picture again", async () => {
    assert.equal(await bring("cam/a.png"), undefined);
    assert.equal(await bring("cam/a.png"), undefined);
    assert.ok(FILE.equals(await readFile(join(folder, "cam", "a.png"))));
  });

  it("does not follow a link out of the folder, at any depth", async () => {
    const outside = join(base, "outside");
    await mkdir(outside);
    await mkdir(join(folder, "cam"), { recursive: true });
    await symlink(outside, join(folder, "out"));
    await symlink("../../outside", join(folder, "cam", "out"));
    await symlink(join(outside, "new.png"), join(folder, "link.png"));
    for (const name of ["out/a.png", "out/deep/a.png", "cam/out/a.png", "cam/out/deep/er/a.png", "link.png"]) {
      assert.equal((await bring(name))?.code, "DESTINATION_REFUSED", name);
    }
    assert.deepEqual(await readdir(outside), []);
  });

  it("accepts a chosen folder that is a link itself", async () => {
    await mkdir(join(base, "disk"));
    await symlink(join(base, "disk"), folder);
    assert.equal(await bring("cam/a.png"), undefined);
    assert.ok(FILE.equals(await readFile(join(base, "disk", "cam", "a.png"))));
  });
});
