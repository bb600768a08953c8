import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { link, mkdir, open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { requireInside } from "../../../../src/services/s3/source/file-location.ts";
import { openFile } from "../../../../src/services/s3/source/file-source.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

describe("a file to upload", () => {
  let base = "";
  let inner = "";
  beforeEach(async () => {
    base = temporaryFolder();
    inner = join(base, "inner");
    await mkdir(join(inner, "deep"), { recursive: true });
    await writeFile(join(base, "out.mp4"), "outside");
    await writeFile(join(inner, "in.mp4"), "inside");
  });

  async function codeOf(path: string, ...folders: string[]): Promise<string> {
    try {
      const source = await openFile(path, new AbortController().signal, folders);
      await source.close();
      return "opened";
    } catch (error) {
      assert.ok(error instanceof PipelineError, String(error));
      assert.ok(error.message.includes(path));
      return error.code;
    }
  }

  it("may be anywhere if no folder is set", async () => {
    assert.equal(await codeOf(join(base, "out.mp4")), "opened");
  });

  it("is accepted in its folder, at any depth, through links inside of it, and by relative paths", async () => {
    await symlink(join(inner, "in.mp4"), join(inner, "deep", "link.mp4"));
    await symlink(inner, join(base, "alias"));
    for (const path of [join(inner, "in.mp4"), join(inner, "deep", "link.mp4"), join(base, "alias", "in.mp4")]) {
      assert.equal(await codeOf(path, inner), "opened");
      assert.equal(await codeOf(path, join(base, "alias")), "opened");
    }
  });

  it("must be in each of several folders", async () => {
    await writeFile(join(inner, "deep", "a.mp4"), "a");
    assert.equal(await codeOf(join(inner, "deep", "a.mp4"), inner, join(inner, "deep")), "opened");
    assert.equal(await codeOf(join(inner, "in.mp4"), inner, join(inner, "deep")), "SOURCE_OUTSIDE_FOLDER");
  });

  it("is refused outside of its folder, through links and in folders with a similar name", async () => {
    await mkdir(join(base, "inner-2"));
    await writeFile(join(base, "inner-2", "a.mp4"), "a");
    await symlink(base, join(inner, "up"));
    await symlink("../out.mp4", join(inner, "link.mp4"));
    for (const path of [
      "../out.mp4",
      "up/out.mp4",
      "link.mp4",
      "up/missing.mp4",
      "../missing.mp4",
      "../inner-2/a.mp4",
      "..",
    ]) {
      assert.equal(
        await codeOf(`${inner}/${path}`, inner),
        path === "up/missing.mp4" ? "SOURCE_NOT_FOUND" : "SOURCE_OUTSIDE_FOLDER",
      );
    }
  });

  it("is refused if its folder is missing", async () => {
    assert.equal(await codeOf(join(inner, "in.mp4"), join(base, "missing")), "SOURCE_OUTSIDE_FOLDER");
  });

  if (process.platform === "linux") {
    it("is the opened file, even if its folder has become a link since", async () => {
      const outside = await open(join(base, "out.mp4"));
      await assert.rejects(requireInside(join(inner, "in.mp4"), [inner], outside.fd), {
        code: "SOURCE_OUTSIDE_FOLDER",
      });
      await outside.close();
    });
  }

  for (const path of [
    "/proc/self/environ",
    "/proc/version",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/dev/zero",
  ]) {
    it(`is never ${path}`, async () => {
      assert.match(await codeOf(path), /SOURCE_UNREADABLE|SOURCE_NOT_FOUND/);
    });
  }

  it("is never a folder or a pipe, and does not wait for a pipe's writer", async () => {
    execFileSync("mkfifo", [join(inner, "pipe")]);
    assert.equal(await codeOf(join(inner, "pipe")), "SOURCE_UNREADABLE");
    assert.equal(await codeOf(inner), "SOURCE_UNREADABLE");
  });

  it("may have a hard link in another folder", async () => {
    await link(join(base, "out.mp4"), join(inner, "hard.mp4"));
    assert.equal(await codeOf(join(inner, "hard.mp4"), inner), "opened");
  });
});
