import { deepEqual, equal, ok } from "node:assert/strict";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import { recordError, safeError } from "../../src/messages/recorded-error.ts";

describe("a failure in a run's record", () => {
  it("is plain JSON, for any parts of a message in its details", () => {
    const circle: Record<string, unknown> = { name: "loop" };
    circle.self = circle;
    const details = { field: "parts", value: circle, big: 10n, call: () => 1, token: "t0p", instanceIds: ["i-1"] };
    const record = recordError(new PipelineError("INPUT_INVALID", "It is odd.", { details }));
    deepEqual(JSON.parse(JSON.stringify(record)), record);
    deepEqual(record.details, { field: "parts", value: { name: "loop" }, token: "***", instanceIds: ["i-1"] });
  });

  it("has a limited length, for any response of a service", () => {
    const record = recordError(
      new PipelineError("INTERNAL", "x".repeat(1_000_000), { details: { y: "y".repeat(1_000_000) } }),
    );
    equal(record.message.length, 4000);
    ok(JSON.stringify(record).length < 70_000);
  });

  it("has no secret on disk", () => {
    const text = "refused: {'x-amz-security-token': 'IQoJt0p', 'Cookie': 'sid=t0p'} --token t0p-abcdef";
    const record = safeError(recordError(new PipelineError("AWS_REQUEST_REFUSED", text, { details: { text } })));
    ok(!JSON.stringify(record).includes("t0p"), JSON.stringify(record));
  });
});
