import assert from "node:assert/strict";
import type { CommandReport } from "../../../src/services/ssm/command-report.ts";
import { isStudioDone, studioError } from "../../../src/services/studio/studio-end.ts";

const report = (exitCode: number | null, rest: Partial<CommandReport> = {}): CommandReport =>
  ({
    instanceId: "i-0123456789abcdef0",
    status: exitCode === 0 ? "Success" : "Failed",
    statusDetails: "",
    exitCode,
    stdout: "",
    stderr: "",
    stdoutTruncated: false,
    stderrTruncated: false,
    ...rest,
  }) as CommandReport;

const failed = (message: string): string => `${JSON.stringify({ phase: "failed", code: "X", message })}\n`;

describe("the end of LightlyStudio", () => {
  it("is done with exit code 0, and with 3 when nothing was selected", () => {
    assert.deepEqual(
      [0, 3, 1, 4].map((code) => isStudioDone(report(code))),
      [true, true, false, false],
    );
    assert.equal(isStudioDone(report(null)), false);
  });

  it("has an error code for each exit code, with what the script said last", () => {
    const codes = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11].map((code) => studioError(report(code)).code);
    assert.equal(new Set(codes).size, codes.length);
    const stdout = `{"phase": "index", "done": 1, "of": 3}\n${failed("s3:GetObject of s3://a/b failed: access denied.")}`;
    const error = studioError(report(4, { stdout }));
    assert.equal(error.code, "STUDIO_INPUT_UNREADABLE");
    assert.match(
      error.message,
      /on instance i-0123456789abcdef0 failed: s3:GetObject of s3:\/\/a\/b failed: access denied\.$/,
    );
    assert.match(studioError(report(8)).message, /gave no reason/);
    assert.equal(
      studioError(report(8), "The run b works on the dataset.").message.endsWith("The run b works on the dataset."),
      true,
    );
  });

  it("is worth a retry only while another run works on the dataset", () => {
    assert.deepEqual(
      [8, 4, 6].map((code) => studioError(report(code)).retryable),
      [true, false, false],
    );
  });

  it("explains a process that was killed, and leaves the rest to Run Command", () => {
    assert.match(studioError(report(137)).message, /instance type with more memory/);
    assert.equal(studioError(report(137, { status: "TimedOut" })).code, "SSM_COMMAND_TIMED_OUT");
    assert.equal(studioError(report(143, { status: "Cancelled" })).code, "SSM_COMMAND_CANCELED");
    assert.equal(studioError(report(127)).code, "SSM_COMMAND_FAILED");
  });

  it("has no secret in its message", () => {
    const stdout = failed("https://b.s3.amazonaws.com/k?X-Amz-Signature=abcdef0123456789 was refused");
    assert.doesNotMatch(studioError(report(4, { stdout })).message, /abcdef0123456789/);
  });
});
