import { equal } from "node:assert/strict";
import { nodeLabel } from "../../src/editor/node-label.ts";

describe("the label of a node", () => {
  const label = (node: Readonly<Record<string, unknown>>): string => nodeLabel(node, "s3 upload", "bucket");

  it("is its name", () => {
    equal(label({ name: "store the video", bucket: "videos" }), "store the video");
  });

  it("is what it does without a name, with the value that was entered", () => {
    equal(label({ name: "", bucket: "videos", bucketType: "str" }), "s3 upload videos");
    equal(label({ bucket: " videos " }), "s3 upload videos");
    equal(nodeLabel({ videoId: "7", videoIdType: "num" }, "pexels download", "videoId"), "pexels download 7");
  });

  it("names an environment variable", () => {
    equal(label({ bucket: "INPUT_BUCKET", bucketType: "env" }), `s3 upload \${INPUT_BUCKET}`);
    equal(label({ bucket: `\${A}-\${B}`, bucketType: "env" }), `s3 upload \${A}-\${B}`);
  });

  it("leaves out a value that only a message has, and an empty one", () => {
    equal(label({ bucket: "payload.bucket", bucketType: "msg" }), "s3 upload");
    equal(label({ bucket: "", bucketType: "str" }), "s3 upload");
    equal(nodeLabel({ bucket: "videos" }, "ec2 stop"), "ec2 stop");
  });

  it("shows the end of a long value", () => {
    equal(label({ bucket: `${"x".repeat(40)}-end` }), `s3 upload …${"x".repeat(25)}-end`);
  });
});
