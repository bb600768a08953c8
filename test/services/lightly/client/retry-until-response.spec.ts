import assert from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { retryUntilResponse } from "../../../../src/services/lightly/client/retry-until-response.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const failing = (code: "LIGHTLY_UNAUTHORIZED" | "LIGHTLY_RESPONSE_INVALID" | "INTERNAL", retryable = false) =>
  new PipelineError(code, "No.", { retryable });

describe("retryUntilResponse", () => {
  const ask = (answers: unknown[], o: { clock?: FakeClock; pauseMs?: number } = {}) => {
    const { clock = new FakeClock(), pauseMs = 2000 } = o;
    const next = async (): Promise<unknown> => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    };
    const signal = new AbortController().signal;
    return retryUntilResponse({ goal: "Lightly to answer", request: next, clock, pauseMs, timeoutMs: 900_000, signal });
  };

  it("repeats a request after an unexpected response, a refused token and a transient failure", async () => {
    const troubles = [failing("LIGHTLY_RESPONSE_INVALID"), failing("LIGHTLY_UNAUTHORIZED"), failing("INTERNAL", true)];
    assert.equal(await ask([...troubles, "tag"]), "tag");
  });

  it("fails with a lasting error, and reports its duration", async () => {
    await assert.rejects(ask([failing("LIGHTLY_UNAUTHORIZED")]), {
      code: "LIGHTLY_UNAUTHORIZED",
      message: "No. This has lasted 2 min, for 61 consecutive checks.",
    });
    const clock = new FakeClock();
    await assert.rejects(ask([failing("LIGHTLY_RESPONSE_INVALID")], { clock, pauseMs: 3_600_000 }), {
      code: "LIGHTLY_RESPONSE_INVALID",
    });
    assert.deepEqual(clock.slept, Array(20).fill(30_000));
  });

  it("fails immediately with a permanent error", async () => {
    const clock = new FakeClock();
    await assert.rejects(ask([failing("INTERNAL")], { clock }), { code: "INTERNAL", message: "No." });
    assert.deepEqual(clock.slept, []);
  });
});
