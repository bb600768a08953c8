import assert from "node:assert/strict";
import { commandError } from "../../../src/services/ssm/command-error.ts";
import { type CommandReport, isFinal } from "../../../src/services/ssm/command-report.ts";

const ended = (status: CommandReport["status"], more: Partial<CommandReport> = {}): CommandReport => ({
  instanceId: "i-0123456789abcdef0",
  status,
  statusDetails: status,
  exitCode: null,
  stdout: "",
  stderr: "",
  stdoutTruncated: false,
  stderrTruncated: false,
  ...more,
});

describe("commandError", () => {
  for (const [code, report] of [
    ["SSM_COMMAND_FAILED", ended("Failed", { exitCode: 1 })],
    ["SSM_COMMAND_FAILED", ended("Failed")],
    ["SSM_COMMAND_TIMED_OUT", ended("TimedOut", { statusDetails: "ExecutionTimedOut", exitCode: 137 })],
    ["SSM_COMMAND_CANCELED", ended("Cancelled", { exitCode: 137 })],
    ["SSM_COMMAND_UNDELIVERABLE", ended("TimedOut", { statusDetails: "DeliveryTimedOut" })],
    ["SSM_COMMAND_UNDELIVERABLE", ended("Failed", { statusDetails: "Undeliverable" })],
    ["SSM_COMMAND_UNDELIVERABLE", ended("Failed", { statusDetails: "InvalidPlatform" })],
    ["SSM_COMMAND_UNDELIVERABLE", ended("Failed", { statusDetails: "AccessDenied" })],
    ["SSM_COMMAND_UNDELIVERABLE", ended("Failed", { statusDetails: "Terminated" })],
  ] as const) {
    it(`is ${code} for ${report.status} (${report.statusDetails}), exit code ${report.exitCode}`, () => {
      const error = commandError(report, "/home/ubuntu/run.sh");
      assert.equal(error.code, code);
      assert.match(error.message, /^\/home\/ubuntu\/run\.sh on instance i-0123456789abcdef0 \w/);
      assert.equal(error.details.exitCode, report.exitCode);
    });
  }

  for (const [exitCode, meaning] of [
    [125, /docker itself failed/],
    [126, /can't be executed/],
    [127, /not found/],
    [137, /killed/],
    [143, /terminated/],
    [194, /reboot/],
  ] as const) {
    it(`explains exit code ${exitCode}`, () => {
      const { message } = commandError(ended("Failed", { exitCode }), "/run.sh");
      assert.match(message, new RegExp(`exit code ${exitCode} \\(`));
      assert.match(message, meaning);
    });
  }

  it("quotes only the last lines of stderr", () => {
    const stderr = `${Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\n")}\n\n`;
    const { message } = commandError(ended("Failed", { exitCode: 1, stderr }), "/run.sh");
    assert.ok(message.endsWith("The end of its stderr:\nline 95\nline 96\nline 97\nline 98\nline 99"), message);
  });

  it("truncates a stderr of one very long line", () => {
    const { message } = commandError(ended("Failed", { exitCode: 1, stderr: "x".repeat(8000) }), "/run.sh");
    assert.ok(message.length < 1000);
  });

  it("reports that AWS has truncated the output, and where all of it is", () => {
    const cut = { exitCode: 1, stderr: "first words\n--output truncated--", stderrTruncated: true };
    const { message } = commandError(ended("Failed", cut), "/run.sh");
    assert.match(message, /AWS has cut off its stderr\. To keep all of it, set an output bucket or a log group/);
    assert.ok(message.endsWith("The last lines before the cut:\nfirst words"), message);
    const kept = commandError(
      ended("Failed", {
        ...cut,
        stderrUri: "s3://my-bucket/ssm/c-1/stderr",
        logGroup: "/my/group",
        stdoutLogStream: "c-1/i-1/aws-runShellScript/stdout",
        stderrLogStream: "c-1/i-1/aws-runShellScript/stderr",
      }),
      "/run.sh",
    );
    assert.match(
      kept.message,
      /All of it is in s3:\/\/my-bucket\/ssm\/c-1\/stderr and in the CloudWatch log group \/my\/group, stream c-1\/i-1\/aws-runShellScript\/stderr\./,
    );
    assert.deepEqual(
      [kept.details.stderrTruncated, kept.details.stderrUri, kept.details.logGroup],
      [true, "s3://my-bucket/ssm/c-1/stderr", "/my/group"],
    );
  });

  it("removes the token from a traced docker command", () => {
    const stderr =
      "+ docker run -e LIGHTLY_TOKEN=6f1e0a lightly/worker:latest\n+ curl 'https://x.test/?token=6f1e0a'\n";
    const { message } = commandError(ended("Failed", { exitCode: 125, stderr }), "/run.sh");
    assert.match(message, /lightly\/worker/);
    assert.doesNotMatch(message, /6f1e0a/);
  });
});

describe("isFinal", () => {
  it("identifies the final statuses", () => {
    const all = [
      "Pending",
      "InProgress",
      "Delayed",
      "Cancelling",
      "Success",
      "Failed",
      "TimedOut",
      "Cancelled",
    ] as const;
    assert.deepEqual(all.filter(isFinal), ["Success", "Failed", "TimedOut", "Cancelled"]);
  });
});
