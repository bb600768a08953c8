import assert from "node:assert/strict";
import { commonFolder, objectKey, validateObjectKey } from "../../../src/services/s3/object-key.ts";

const options = { prefix: "videos", basename: "clip.one.mp4", random: () => "r4nd0m" };
const INVALID = { name: "PipelineError", code: "S3_NAME_INVALID" };

describe("objectKey", () => {
  it("is prefix/RANDOM/basename", () => {
    assert.equal(objectKey(options), "videos/r4nd0m/clip.one.mp4");
  });

  it("is different each time", () => {
    const { random: _, ...rest } = options;
    assert.match(objectKey(rest), /^videos\/[0-9a-f]{12}\/clip\.one\.mp4$/);
    assert.notEqual(objectKey(rest), objectKey(rest));
  });

  for (const [prefix, key] of [
    ["", "r4nd0m/clip.one.mp4"],
    ["/videos/raw/", "videos/raw/r4nd0m/clip.one.mp4"],
    [" videos ", "videos/r4nd0m/clip.one.mp4"],
  ] as const) {
    it(`accepts the prefix ${JSON.stringify(prefix)}`, () => assert.equal(objectKey({ ...options, prefix }), key));
  }

  it("fills a template", () => {
    const template = "{prefix}/{date}/{runId}/{name}-{random}.{extension}";
    const key = objectKey({ ...options, template, runId: "run1", now: new Date("2026-02-03T23:59:59Z") });
    assert.equal(key, "videos/2026-02-03/run1/clip.one-r4nd0m.mp4");
  });

  it("does not fill placeholders in values", () => {
    assert.equal(objectKey({ ...options, basename: "{random}.mp4", template: "{basename}" }), "{random}.mp4");
  });

  it("supports names without extension, and hidden files", () => {
    assert.equal(objectKey({ ...options, basename: "clip", template: "{name}|{extension}" }), "clip|");
    assert.equal(objectKey({ ...options, basename: ".clip", template: "{name}|{extension}" }), ".clip|");
  });

  for (const template of ["{prefix}/{nonsense}", "{toString}", "{}", "{runId}/x"]) {
    it(`refuses the template ${template}, which has an unknown placeholder`, () => {
      assert.throws(() => objectKey({ ...options, template }), INVALID);
    });
  }

  for (const basename of ["..", ".", "a/../b.mp4", "a\nb.mp4", "a\u0000.mp4", "folder/"]) {
    it(`refuses the file name ${JSON.stringify(basename)}`, () => {
      assert.throws(() => objectKey({ ...options, basename }), INVALID);
    });
  }
});

describe("validateObjectKey", () => {
  it("counts bytes, not characters", () => {
    assert.equal(validateObjectKey("a".repeat(1024)).length, 1024);
    assert.throws(() => validateObjectKey("a".repeat(1025)), INVALID);
    assert.throws(() => validateObjectKey("é".repeat(513)), INVALID);
    assert.throws(() => validateObjectKey(""), INVALID);
  });

  it("accepts dots in a segment", () => {
    assert.equal(validateObjectKey("a..b/...c/.d"), "a..b/...c/.d");
  });
});

describe("commonFolder", () => {
  for (const [prefix, template, folder] of [
    ["videos", undefined, "videos"],
    ["/videos/raw/", "", "videos/raw"],
    ["", undefined, ""],
    ["videos", "{prefix}/{date}/{name}", "videos"],
    ["videos", "raw/{prefix}-{random}/{basename}", "raw"],
    ["a{b}", "{prefix}/c/{basename}", ""],
    ["videos", "{basename}", ""],
    ["videos", "in/clip.mp4", "in"],
  ] as const) {
    it(`of ${template ?? "no template"} with the prefix "${prefix}" is "${folder}"`, () => {
      assert.equal(commonFolder({ prefix, ...(template !== undefined && { template }) }), folder);
    });
  }
});
