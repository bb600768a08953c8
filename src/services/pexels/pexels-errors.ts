import { PipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import type { RateLimit } from "./rate-limit.ts";

/** Maps an error status of Pexels. `body` does not contain the key. */
export function refusedError(url: URL, status: number, body: string, rateLimit: RateLimit): PipelineError {
  const details = { path: url.pathname, status };
  switch (status) {
    case 401:
    case 403:
      return new PipelineError(
        "PEXELS_UNAUTHORIZED",
        `${url.host} does not accept the API key (HTTP ${status}). Check it in the Pexels account node, or PEXELS_API_KEY.`,
        { details },
      );
    case 404:
      return url.pathname.includes("/videos/videos/")
        ? new PipelineError(
            "PEXELS_VIDEO_NOT_FOUND",
            `${url.host} has no video with the id ${url.pathname.split("/").at(-1)}. Check the id.`,
            { details },
          )
        : new PipelineError(
            "PEXELS_REQUEST_REFUSED",
            `${url.host} has nothing at ${url.pathname}. Check the base URL of the Pexels account.`,
            { details },
          );
    case 429:
      return new PipelineError("PEXELS_RATE_LIMITED", rateLimitMessage(rateLimit), {
        details: { ...details, ...rateLimit },
      });
    default:
      if (status >= 300 && status < 400) {
        return new PipelineError(
          "PEXELS_REQUEST_REFUSED",
          `${url.host} redirects (HTTP ${status}), which is not followed. Check the base URL of the Pexels account.`,
          { details },
        );
      }
      return status >= 500
        ? new PipelineError(
            "PEXELS_UNREACHABLE",
            `${url.host} failed (HTTP ${status}) in all retries. Try again later.`,
            { retryable: true, details },
          )
        : new PipelineError("PEXELS_REQUEST_REFUSED", `${url.host} answered HTTP ${status}${quoted(body)}.`, {
            details,
          });
  }
}

/** Not retryable: the period is an hour or a month, and further requests count too. */
function rateLimitMessage({ limit, resetAt }: RateLimit): string {
  const quota = limit === undefined ? "The Pexels key's quota" : `The Pexels key's quota of ${limit} requests`;
  const until = resetAt === undefined ? "for now" : `until ${resetAt.slice(0, 16).replace("T", " ")} UTC`;
  return `${quota} is used up ${until}. Wait until then, or use another key.`;
}

function quoted(body: string): string {
  const text = /"(?:error|message|code)"\s*:\s*"([^"]{1,200})"/.exec(body)?.[1];
  return text === undefined ? "" : `: ${redact(text)}`;
}
