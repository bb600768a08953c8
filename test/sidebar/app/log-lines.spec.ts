import { deepEqual } from "node:assert/strict";
import { filterLines, logLines } from "../../../src/sidebar/app/log-lines.ts";
import { run, step } from "../../records/a-run.ts";

const error = { code: "S3_ACCESS_DENIED", message: "No.", details: {} };
const record = run([
  step("lightly-s3-upload", 0, 9, {
    name: "upload",
    state: "failed",
    error,
    log: [
      { at: 3, text: "uploading" },
      { at: 5, text: "retrying: slow", level: "warning" },
    ],
  }),
  step("lightly-run", 0, 9, { name: "select", state: "aborted", error, log: [{ at: 4, text: "OPEN" }] }),
]);
const texts = (lines: readonly { text: string }[]): string[] => lines.map(({ text }) => text);

describe("the log of a run", () => {
  const lines = logLines(record);

  it("has the lines of all steps by time, and the error of a failed step last", () => {
    deepEqual(texts(lines), ["uploading", "OPEN", "retrying: slow", "S3_ACCESS_DENIED: No."]);
    deepEqual(
      lines.map(({ step, level }) => [step, level]),
      [
        ["upload", "info"],
        ["select", "info"],
        ["upload", "warning"],
        ["upload", "error"],
      ],
    );
  });

  it("is filtered by the least level, and by words of the text and of the step's name", () => {
    deepEqual(texts(filterLines(lines, "warning", "")), ["retrying: slow", "S3_ACCESS_DENIED: No."]);
    deepEqual(texts(filterLines(lines, "error", "")), ["S3_ACCESS_DENIED: No."]);
    deepEqual(texts(filterLines(lines, "info", "UPLOAD retry")), ["retrying: slow"]);
    deepEqual(texts(filterLines(lines, "info", "select slow")), []);
  });
});
