import assert from "node:assert/strict";
import { displayUrl, parseSourceUrl } from "../../../../src/services/http/url/source-url.ts";

describe("parseSourceUrl", () => {
  for (const text of ["http://example.com/a.mp4", "https://example.com/a.mp4?x=1", "HTTPS://EXAMPLE.COM/"]) {
    it(`takes ${text}`, () => assert.equal(parseSourceUrl(text).href, new URL(text).href));
  }

  for (const text of [
    "",
    "clip.mp4",
    "/videos/clip.mp4",
    "//example.com/a",
    "ftp://example.com/a",
    "file:///etc/passwd",
    "s3://bucket/key",
    "data:,x",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseSourceUrl(text), { name: "PipelineError", code: "SOURCE_URL_INVALID" }));
  }

  it("does not repeat a URL that may contain a password", () => {
    assert.throws(
      () => parseSourceUrl("ftp://user:s3cr3t@example.com/"),
      (error: Error) => !error.message.includes("s3cr3t"),
    );
  });
});

describe("displayUrl", () => {
  it("omits possible secrets", () => {
    assert.equal(displayUrl(new URL("https://u:p@example.com/a/b.mp4?sig=1#f")), "https://example.com/a/b.mp4");
  });
});
