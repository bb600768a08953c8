import assert from "node:assert/strict";
import { bestContentType, contentTypeOf } from "../../../../src/services/s3/object/content-type.ts";
import { encodeMetadata } from "../../../../src/services/s3/object/object-metadata.ts";
import { encodeTags } from "../../../../src/services/s3/object/object-tags.ts";
import { partSize, partsInFlight } from "../../../../src/services/s3/upload/part-size.ts";

const MIB = 1024 * 1024;
const INVALID = { name: "PipelineError", code: "INPUT_INVALID" };

describe("encodeMetadata", () => {
  it("does not change plain text, with a name in lower case", () => {
    assert.deepEqual(encodeMetadata({ Author: " Ann Lee ", page: "https://example.com/?a=b" }), {
      author: "Ann Lee",
      page: "https://example.com/?a=b",
    });
  });

  for (const value of ["Zoë", "日本語の長い名前".repeat(12), "two\r\nlines", "=?UTF-8?B?eA==?=", "🎬".repeat(40)]) {
    it(`encodes ${JSON.stringify(value.slice(0, 20))} so that it can be read back`, () => {
      const { text = "" } = encodeMetadata({ text: value });
      const words = text.split(" ");
      assert.ok(words.every((word) => /^=\?UTF-8\?B\?[\w+/=]+\?=$/.test(word) && word.length <= 75));
      const bytes = words.map((word) => Buffer.from(word.slice(10, -2), "base64"));
      assert.ok(bytes.every((part) => part.toString().isWellFormed() && !part.toString().includes("\ufffd")));
      assert.equal(Buffer.concat(bytes).toString(), value);
    });
  }

  it("omits empty values", () => {
    assert.deepEqual(encodeMetadata({ author: "", page: "  " }), {});
  });

  it("refuses more than 2 KB, and names that can't be headers", () => {
    assert.throws(() => encodeMetadata({ a: "x".repeat(2048) }), INVALID);
    assert.throws(() => encodeMetadata({ a: "é".repeat(1000) }), INVALID);
    assert.throws(() => encodeMetadata({ "a b": "x" }), INVALID);
    assert.throws(() => encodeMetadata({ "": "x" }), INVALID);
    assert.equal(encodeMetadata({ a: "x".repeat(2047) }).a?.length, 2047);
  });
});

describe("encodeTags", () => {
  it("writes a query", () => {
    assert.equal(encodeTags({ project: "a b", "x=y": "1+ü" }), "project=a+b&x%3Dy=1%2B%C3%BC");
  });

  it("returns undefined without tags", () => {
    assert.equal(encodeTags({}), undefined);
  });

  it("applies S3's limits", () => {
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`key${index}`, "v".repeat(256)]));
    assert.ok(encodeTags(ten));
    assert.throws(() => encodeTags({ ...ten, eleventh: "" }), INVALID);
    assert.throws(() => encodeTags({ ["k".repeat(129)]: "" }), INVALID);
    assert.throws(() => encodeTags({ key: "v".repeat(257) }), INVALID);
    for (const text of ["a&b", "a,b", "<a>", "a\nb"]) {
      assert.throws(() => encodeTags({ [text]: "" }), INVALID);
      assert.throws(() => encodeTags({ key: text }), INVALID);
    }
  });
});

describe("content types", () => {
  it("depend on the extension, in any case", () => {
    const types = {
      "video/mp4": ["a.mp4", "a.MP4", "a.b.mp4"],
      "video/quicktime": ["a.MOV"],
      "video/x-msvideo": ["a.avi"],
      "video/x-matroska": ["a.mkv"],
      "video/webm": ["a.webm"],
      "video/mpeg": ["a.mpg", "a.mpeg"],
      // An ending that is also that of a programming language.
      "video/mp2t": ["a.ts", "a.mts", "a.m2ts"],
      "video/x-ms-wmv": ["a.wmv"],
      "video/3gpp": ["a.3gp"],
      "image/webp": ["a.webp"],
      "image/bmp": ["a.bmp"],
      "image/tiff": ["a.tif", "a.tiff"],
      "image/gif": ["a.gif"],
      "image/jpeg": ["a.jpg", "a.jpeg"],
      "image/png": ["a.png"],
      "application/json": ["a.json"],
      "text/csv": ["a.csv"],
    };
    for (const [type, names] of Object.entries(types)) {
      assert.deepEqual(
        names.map(contentTypeOf),
        names.map(() => type),
      );
    }
  });

  it("are unknown without an ending, or with an unknown one", () => {
    assert.deepEqual(
      ["a", "mp4", "", "a.", "a.nothing", "a.__proto__", "a.constructor"].map(contentTypeOf),
      Array.from({ length: 7 }, () => undefined),
    );
  });

  it("prefer a specific type", () => {
    assert.equal(bestContentType(undefined, "binary/octet-stream", "video/mp4"), "video/mp4");
    assert.equal(bestContentType("", "application/octet-stream; x=1"), "application/octet-stream");
  });
});

describe("partSize", () => {
  it("allows at most 10,000 parts for any length", () => {
    for (const totalBytes of [1, 100 * 1024 * MIB, 5 * 1024 * 1024 * MIB]) {
      assert.ok(Math.ceil(totalBytes / partSize(totalBytes)) <= 10_000);
    }
  });

  it("is between S3's 5 MiB and 5 GiB", () => {
    assert.equal(partSize(100, 1000), 5 * MIB);
    assert.equal(partSize(100, 6 * 1024 * MIB), 5 * 1024 * MIB);
    assert.equal(partSize(undefined, 16 * MIB), 16 * MIB);
  });

  it("is 5.25 MiB by default, and grows with a file that needs larger parts", () => {
    assert.equal(partSize(undefined), 5.25 * MIB);
    assert.equal(partSize(50 * 1024 * MIB), 5.25 * MIB);
    assert.equal(partSize(100_000 * MIB), 10 * MIB);
  });
});

describe("partsInFlight", () => {
  it("keeps the buffers of automatic sizes within 24 MiB, and sends two larger parts at the same time", () => {
    for (const size of [5 * MIB, 5.25 * MIB, 6 * MIB, 8 * MIB]) {
      assert.ok((partsInFlight(size) + 1) * size <= 24 * MIB);
    }
    assert.deepEqual(
      [5, 6, 8, 64, 5120].map((mib) => partsInFlight(mib * MIB)),
      [3, 3, 2, 2, 2],
    );
  });
});
