import { deepEqual, equal, match, ok } from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";

const require = createRequire(import.meta.url);
const BUNDLE = resolve("dist/sdk");

/** Modules that register themselves, and export nothing. */
const SILENT = ["signature-v4a"];

describe("the bundle of the AWS SDK", () => {
  const names = globSync("src/sdk/*.ts").map((path) => basename(path, ".ts"));

  for (const name of names) {
    it(`exports what src/sdk/${name}.ts exports`, async () => {
      const source = (await import(resolve(`src/sdk/${name}.ts`))) as object;
      deepEqual(Object.keys(require(join(BUNDLE, name)) as object).sort(), Object.keys(source).sort());
      equal(Object.keys(source).length === 0, SILENT.includes(name));
    });
  }

  it("has parts that can be loaded each", () => {
    const parts = globSync(join(BUNDLE, "parts/*.js"));
    ok(parts.length > 10);
    for (const part of parts) {
      ok(require(part));
    }
  });

  it("contains only the operations that are used", () => {
    const bytes = globSync(join(BUNDLE, "**/*.js")).map((path) => statSync(path).size);
    ok(bytes.reduce((sum, size) => sum + size, 0) < 2 * 2 ** 20);
  });

  it("names each package in it, with its version and license", () => {
    const notices = readFileSync(join(BUNDLE, "THIRD-PARTY-NOTICES.txt"), "utf8");
    const [list = ""] = notices.split(`\n${"-".repeat(80)}\n`);
    for (const name of ["@aws-sdk/client-s3", "@aws-sdk/client-ec2", "@aws-sdk/client-ssm", "@smithy/core", "bowser"]) {
      const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
      ok(list.includes(`\n${name} ${version}, ${license}, https://`), name);
    }
    match(notices, /\nApache License\n/);
    match(notices, /\nbowser [\d.]+\n\nCopyright/);
  });

  it("signs requests to a multi-region access point with the part that is loaded for it", async () => {
    require(join(BUNDLE, "signature-v4a"));
    const { S3Client, HeadObjectCommand } = require(join(BUNDLE, "s3")) as typeof import("../../src/sdk/s3.ts");
    let authorization = "";
    const s3 = new S3Client({
      region: "eu-central-1",
      credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" },
      requestHandler: {
        handle: async ({ headers }: { headers: Record<string, string> }) => {
          authorization = headers.authorization ?? "";
          return { response: { statusCode: 200, headers: {}, body: undefined } };
        },
      } as never,
    });
    await s3.send(
      new HeadObjectCommand({ Bucket: "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap", Key: "a.mp4" }),
    );
    match(authorization, /^AWS4-ECDSA-P256-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\//);
  });
});
