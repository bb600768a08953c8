import type { ErrorCode } from "../../errors/error-codes.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { redact } from "../../errors/redact.ts";
import { PROXY_REQUIRES_LOGIN } from "../http/connections/connection-fault.ts";
import { describeWebPage, isWebPage } from "../http/web-page.ts";
import type { RateLimit } from "./rate-limit.ts";

/** A response with an error status. */
export interface RefusedResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Without the key. */
  readonly body: string;
}

/** Words of a refusal that concerns the key, or that does not say what it concerns. */
const ABOUT_THE_KEY = /key|token|credential|authori[sz]|authenticat/i;

/** Maps an error status of Pexels. */
export function refusedError(url: URL, response: RefusedResponse, rateLimit: RateLimit): PipelineError {
  const { status, headers, body } = response;
  const details = { path: url.pathname, status };
  const isPage = isWebPage(headers.get("content-type"), body);
  const error = (code: ErrorCode, message: string, retryable = false): PipelineError =>
    new PipelineError(code, `${url.host} ${message}`, { retryable, details });

  if (isPage && (status === 401 || status === 403 || status === 429)) {
    return error(
      "PEXELS_REQUEST_REFUSED",
      `returned HTTP ${status} with ${describeWebPage(headers, body)} instead of its API: a protection of the site or a proxy has refused the request, whatever the key. Try again later or from another network, and check the server URL of the Pexels account.`,
    );
  }
  switch (status) {
    case 401:
    case 403: {
      const reason = wordsOf(body);
      const said = `(HTTP ${status}${quoted(reason)})`;
      return isAboutTheKey(reason)
        ? error(
            "PEXELS_UNAUTHORIZED",
            `does not accept the API key ${said}. Check it in the Pexels account node, or PEXELS_API_KEY.`,
          )
        : error("PEXELS_REQUEST_REFUSED", `refused the request ${said}. Correct what it names.`);
    }
    case 404: {
      const { pathname } = url;
      return pathname.includes("/videos/videos/")
        ? error("PEXELS_VIDEO_NOT_FOUND", `has no video with the id ${pathname.split("/").at(-1)}. Check the id.`)
        : error("PEXELS_REQUEST_REFUSED", `has nothing at ${pathname}. Check the server URL of the Pexels account.`);
    }
    case 407:
      return error("PEXELS_UNREACHABLE", `was not reached: ${PROXY_REQUIRES_LOGIN}.`);
    case 429:
      return new PipelineError("PEXELS_RATE_LIMITED", rateLimitMessage(rateLimit), {
        details: { ...details, ...rateLimit },
      });
  }
  if (status >= 300 && status < 400) {
    return error(
      "PEXELS_REQUEST_REFUSED",
      `redirects${targetOf(headers, url)} (HTTP ${status}), which is not followed. Check the server URL of the Pexels account.`,
    );
  }
  const page = isPage ? ` with ${describeWebPage(headers, body)}` : "";
  return status >= 500
    ? error("PEXELS_UNREACHABLE", `failed (HTTP ${status}${page}) in all retries. Try again later.`, true)
    : error("PEXELS_REQUEST_REFUSED", `returned HTTP ${status}${isPage ? page : quoted(wordsOf(body))}.`);
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
