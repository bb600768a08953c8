import type { Response } from "express";
import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { toPipelineError } from "../../errors/pipeline-error.ts";

const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  INPUT_INVALID: 400,
  RUN_NOT_FOUND: 404,
  JOURNAL_WRITE_FAILED: 507,
};

/** Responds with the result of `act`, or with its error as `{ code, message }`. Never rejects. */
export async function respond(response: Response, act: () => object | Promise<object>): Promise<void> {
  try {
    response.json(await act());
  } catch (thrown) {
    const { code, message, details } = toPipelineError(thrown);
    // A rerun that could not be saved has started nevertheless, so the response contains the id of the new run.
    const runId = code === "JOURNAL_WRITE_FAILED" ? { runId: details.runId } : {};
    response.status(ownEntry(STATUSES, code) ?? 409).json({ code, message, ...runId });
  }
}
