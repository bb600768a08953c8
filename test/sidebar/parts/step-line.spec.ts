import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Host, setHost } from "../../../src/sidebar/host/host.ts";
import { progressLine, stepLine } from "../../../src/sidebar/parts/step-line.ts";
import { step } from "../../records/a-run.ts";

const TEXTS = JSON.parse(readFileSync("src/plugins/lightly-aws/locales/en-US/lightly-aws.json", "utf8"));

describe("what a step does or has done, in a few words", () => {
  before(() => {
    const text: Host["text"] = (key, values = {}) => {
      const [group = "", name = ""] = key.split(".");
      return String(TEXTS[group]?.[name] ?? key).replaceAll(/__(\w+?)__/g, (_whole, one) => String(values[one]));
    };
    setHost({ text, language: "en-US" } as Host);
  });

  it("tells how much of a transfer is done, and how fast it is", () => {
    const [half, all] = [2 ** 19, 12 * 2 ** 20];
    equal(progressLine({ state: "uploading", loadedBytes: half }), "0.5 MiB");
    equal(
      progressLine({ state: "uploading", loadedBytes: half, totalBytes: all, bytesPerSecond: 2 ** 23 }),
      "0.5 MiB of 12 MiB, 8.0 MiB/s",
    );
  });

  it("has words for the states of services, and for unknown ones no constants", () => {
    deepEqual(
      [
        { state: "OPEN" },
        { state: "EMBEDDING", message: "3/9" },
        { state: "NEW_STATE" },
        { state: "queued", message: "runs ahead: 2" },
      ].map(progressLine),
      ["waiting for a worker", "computing embeddings", "new state", "queued: runs ahead: 2"],
    );
  });

  it("has words for what a step says that it does, and how much of it is done", () => {
    deepEqual(
      [
        progressLine({ state: "queued", message: "runs ahead: 2", doing: { key: "queued", values: { runs: 2 } } }),
        progressLine({ state: "INDEX", counts: { key: "frames", values: { done: 3, of: 12 } } }),
      ],
      ["waiting for the instance, 2 runs ahead", "index and embed, 3 of 12 frames"],
    );
  });

  it("tells how much a completed download has loaded", () => {
    const progress = { state: "downloading", loadedBytes: 2 ** 19, totalBytes: 2 ** 19 };
    equal(
      stepLine(
        step("lightly-pexels-download", 0, 900, { role: "download", progress, result: { pexels: { id: 1 } } }),
        0,
      ),
      "0.5 MiB",
    );
  });

  it("adds for how long a step has been waiting", () => {
    equal(
      stepLine(step("lightly-run", 0, undefined, { state: "running", progress: { state: "OPEN" } }), 130_000),
      "waiting for a worker, 2:10",
    );
  });

  const CHILDREN = { size: 4, succeeded: 3, failed: 1 };

  it("tells the result of a completed step, otherwise its duration", () => {
    const lightly = { tag: { tagId: "t", name: "t", selectedCount: 24, totalCount: 240 }, datasetId: "d" };
    deepEqual(
      [
        step("lightly-run", 0, 1, { role: "select", result: { lightly } }),
        step("lightly-s3-upload", 0, 1, { role: "upload", result: { s3: { bytes: 3 * 2 ** 20 } } }),
        step("lightly-ssm-run-script", 0, 1, { role: "command", result: { ssm: { exitCode: 0 } } }),
        step("lightly-batch-run", 0, 1, { role: "command", result: { batch: { exitCode: 0 } } }),
        step("lightly-batch-run", 0, 1, { role: "command", result: { batch: { children: CHILDREN } } }),
        step("lightly-ec2-start", 0, 1.25, { role: "start" }),
      ].map((one) => stepLine(one, 0)),
      ["24 frames", "3.0 MiB", "exit code 0", "exit code 0", "4 of 4 children, 1 failed", "completed, 1:15"],
    );
  });

  it("leaves the error to the view below", () => {
    const error = { code: "S3_ACCESS_DENIED", message: "No.", details: {} };
    equal(stepLine(step("lightly-s3-upload", 0, 1, { state: "failed", error }), 0), "failed, 1:00");
  });
});
