import type { Response } from "express";
import { toPipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";

const MAX_MS = 60_000;

/**
 * Lets `work` respond to a request, and aborts it when the client disconnects. An error becomes `{ code, message }`.
 *
 * @param download.log - for a download, which has no time limit: called with the reason why it has ended too early
 */
export function respondOrAbort(
  response: Response,
  work: (signal: AbortSignal) => Promise<void>,
  download?: { readonly log: (text: string) => void },
): void {
  const disconnected = new AbortController();
  response.on("close", () => disconnected.abort());
  const limits = download ? [disconnected.signal] : [disconnected.signal, AbortSignal.timeout(MAX_MS)];
  work(AbortSignal.any(limits)).catch((thrown: unknown) => {
    const { code, message } = toPipelineError(thrown);
    if (response.headersSent) {
      if (!disconnected.signal.aborted) {
        download?.log(`A download of frames has ended too early: ${redact(message)}`);
      }
      response.destroy();
      return;
    }
    response.status(statusOf(code)).json({ code, message: redact(message) });
  });
}

function statusOf(code: string): number {
  switch (code) {
    case "RUN_NOT_FOUND":
    case "RUN_WITHOUT_SELECTION":
      return 404;
    case "ACCOUNT_MISSING":
      return 409;
    case "INTERNAL":
      return 500;
    case "TIMED_OUT":
      return 504;
    default:
      return 502;
  }
}
