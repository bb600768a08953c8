import assert from "node:assert/strict";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import { abortedError, PipelineError, toPipelineError } from "../../src/errors/pipeline-error.ts";

describe("PipelineError", () => {
  it("has a code, and is not retryable by default", () => {
    const error = new PipelineError("S3_UPLOAD_FAILED", "It broke.");
    assert.ok(error instanceof Error);
    assert.deepEqual(
      {
        name: error.name,
        code: error.code,
        message: error.message,
        retryable: error.retryable,
        details: error.details,
      },
      { name: "PipelineError", code: "S3_UPLOAD_FAILED", message: "It broke.", retryable: false, details: {} },
    );
    assert.ok(!("cause" in error));
    assert.equal(error.isAbort, false);
  });

  it("keeps its cause", () => {
    const cause = new Error("socket hang up");
    const error = new PipelineError("AWS_UNREACHABLE", "x", { cause, retryable: true, details: { instanceId: "i-1" } });
    assert.equal(error.cause, cause);
    assert.equal(error.retryable, true);
    assert.deepEqual(error.details, { instanceId: "i-1" });
  });
});

describe("ERROR_CODES", () => {
  it("have the same format, each with one sentence", () => {
    for (const [code, meaning] of Object.entries(ERROR_CODES)) {
      assert.match(code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      assert.match(meaning, /^[A-Z].*\.$/);
    }
  });
});

describe("abortedError", () => {
  it("contains any kind of reason", () => {
    assert.equal(abortedError("a redeploy").message, "Stopped: a redeploy");
    assert.equal(abortedError(new Error("another step failed")).message, "Stopped: another step failed");
    assert.equal(abortedError(undefined).message, "Stopped: no reason given");
    assert.equal(abortedError(42).message, "Stopped: no reason given");
  });

  it("is not wrapped a second time", () => {
    const error = abortedError("a redeploy");
    assert.equal(abortedError(error), error);
    assert.equal(error.isAbort, true);
  });

  it("keeps the failed step's error as its cause", () => {
    const failure = new PipelineError("EC2_NO_CAPACITY", "No machine.");
    const error = abortedError(failure);
    assert.deepEqual([error.code, error.message, error.cause], ["ABORTED", "Stopped: No machine.", failure]);
  });
});

describe("toPipelineError", () => {
  it("returns a PipelineError unchanged", () => {
    const error = new PipelineError("INPUT_INVALID", "x");
    assert.equal(toPipelineError(error), error);
  });

  it("converts an AbortError to an abort, with the reason of the signal", async () => {
    const abort = new AbortController();
    abort.abort();
    assert.equal(toPipelineError(abort.signal.reason).code, "ABORTED");
    const withReason = Object.assign(new Error("The operation was aborted"), {
      name: "AbortError",
      cause: "a redeploy",
    });
    assert.equal(toPipelineError(withReason).message, "Stopped: a redeploy");
  });

  it("converts anything else to a defect, and keeps it as the cause", () => {
    const defect = new TypeError("x is undefined");
    const error = toPipelineError(defect);
    assert.deepEqual([error.code, error.message, error.cause], ["INTERNAL", "Unexpected: x is undefined", defect]);
    assert.equal(toPipelineError("text").message, "Unexpected: text");
    assert.equal(toPipelineError(undefined).code, "INTERNAL");
  });
});

describe("a PipelineError as text", () => {
  it("is its message, which Node-RED gives to Catch nodes", () => {
    assert.equal(String(new PipelineError("ABORTED", "You stopped it.")), "You stopped it.");
  });
});
