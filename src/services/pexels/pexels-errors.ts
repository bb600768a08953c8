import { PipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { PROXY_REQUIRES_LOGIN } from "../http/connections/connection-fault.ts";
import { describeWebPage, isWebPage } from "../http/web-page.ts";
import type { RateLimit } from "./rate-limit.ts";

/** A response with an error status. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Without the key. */
  readonly body: string;
}

/** Words of a refusal that concerns the key, or that does not say what it concerns. */
const ABOUT_THE_KEY = /key|token|credential|authori[sz]|authenticat/i;

/** Maps an error status of Pexels. */
export function refusedError(url: URL, answer: RefusedAnswer, rateLimit: RateLimit): PipelineError {
  const { status, headers, body } = answer;
  const details = { path: url.pathname, status };
  const isPage = isWebPage(headers.get("content-type"), body);
  if (isPage && (status === 401 || status === 403 || status === 429)) {
    return new PipelineError(
      "PEXELS_REQUEST_REFUSED",
      `${url.host} answered HTTP ${status} with ${describeWebPage(headers, body)} instead of its API: a protection of the site or a proxy has refused the request, whatever the key. Try again later or from another network, and check the server URL of the Pexels account.`,
      { details },
    );
  }
  switch (status) {
    case 401:
    case 403: {
      const reason = wordsOf(body);
      return isAboutTheKey(reason)
        ? new PipelineError(
            "PEXELS_UNAUTHORIZED",
            `${url.host} does not accept the API key (HTTP ${status}${quoted(reason)}). Check it in the Pexels account node, or PEXELS_API_KEY.`,
            { details },
          )
        : new PipelineError(
            "PEXELS_REQUEST_REFUSED",
            `${url.host} refused the request (HTTP ${status}${quoted(reason)}). Correct what it names.`,
            { details },
          );
    }
    case 404:
      return url.pathname.includes("/videos/videos/")
        ? new PipelineError(
            "PEXELS_VIDEO_NOT_FOUND",
            `${url.host} has no video with the id ${url.pathname.split("/").at(-1)}. Check the id.`,
            { details },
          )
        : new PipelineError(
            "PEXELS_REQUEST_REFUSED",
            `${url.host} has nothing at ${url.pathname}. Check the server URL of the Pexels account.`,
            { details },
          );
    case 407:
      return new PipelineError("PEXELS_UNREACHABLE", `${url.host} was not reached: ${PROXY_REQUIRES_LOGIN}.`, {
        details,
      });
    case 429:
      return new PipelineError("PEXELS_RATE_LIMITED", rateLimitMessage(rateLimit), {
        details: { ...details, ...rateLimit },
      });
    default:
      if (status >= 300 && status < 400) {
        return new PipelineError(
          "PEXELS_REQUEST_REFUSED",
          `${url.host} redirects${targetOf(headers, url)} (HTTP ${status}), which is not followed. Check the server URL of the Pexels account.`,
          { details },
        );
      }
      return status >= 500
        ? new PipelineError(
            "PEXELS_UNREACHABLE",
            `${url.host} failed (HTTP ${status}${isPage ? ` with ${describeWebPage(headers, body)}` : ""}) in all retries. Try again later.`,
            { retryable: true, details },
          )
        : new PipelineError(
            "PEXELS_REQUEST_REFUSED",
            `${url.host} answered HTTP ${status}${isPage ? ` with ${describeWebPage(headers, body)}` : quoted(wordsOf(body))}.`,
            { details },
          );
  }
}

function targetOf(headers: Headers, from: URL): string {
  const to = URL.parse(headers.get("location") ?? "", from.href);
  return to === null ? "" : ` to ${to.origin}`;
}

/** Not retryable: the period is an hour or a month, and further requests count too. */
function rateLimitMessage({ limit, resetAt }: RateLimit): string {
  const quota = limit === undefined ? "The Pexels key's quota" : `The Pexels key's quota of ${limit} requests`;
  const until = resetAt === undefined ? "for now" : `until ${resetAt.slice(0, 16).replace("T", " ")} UTC`;
  return `${quota} is used up ${until}. Wait until then, or use another key.`;
}

/** What a response says about itself: a member of its JSON, or a short text. */
function wordsOf(body: string): string {
  const member = /"(?:error|message|code|reason|detail)"\s*:\s*"([^"]{1,200})"/.exec(body)?.[1];
  const text = body.trim();
  return redact(member ?? (/^[{[<]/.test(text) ? "" : text.slice(0, 200)));
}

/** A single word such as "Forbidden" says nothing else. */
function isAboutTheKey(reason: string): boolean {
  return ABOUT_THE_KEY.test(reason) || !/\s/.test(reason);
}

function quoted(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}
