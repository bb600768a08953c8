import assert from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";

/** Rejects unless `work` fails with a `PipelineError` with the code. */
export async function endsWith(code: string, work: Promise<unknown>): Promise<PipelineError> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof PipelineError)) {
      throw error;
    }
    assert.equal(error.code, code, `${error.code}: ${error.message}`);
    return error;
  }
  assert.fail(`it succeeded instead of ending with ${code}`);
}
