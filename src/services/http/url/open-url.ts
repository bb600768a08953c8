import { type ClientRequest, get as httpGet, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";
import { abortedError, PipelineError } from "../../../errors/pipeline-error.ts";
import { environmentConnections } from "../connections/connections.ts";
import { type AddressRules, checkProxied, guardedLookup, guardSocket, refuseAddress } from "../guard/guard-address.ts";
import { USER_AGENT } from "../user-agent.ts";
import { isWebPage } from "../web-page.ts";
import { displayUrl } from "./source-url.ts";
import { changedError, connectionError, statusError, wrongPartError } from "./url-errors.ts";

const REDIRECT_LIMIT = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const COMPRESSED = /\b(gzip|br|deflate|zstd|compress)\b/i;

/** The part of a file to read. */
export interface ReadFrom {
  readonly offset: number;
  /** Where the part ends, as the offset of the byte after it; absent for the end of the file. */
  readonly until?: number | undefined;
  /** Identifies the version of the file that other parts came from; absent for the first part. */
  readonly validator?: string | undefined;
}

type OpenedResponse = Omit<OpenedUrl, "hasOwnSocket">;

export interface OpenUrlOptions {
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly from?: ReadFrom | undefined;
  readonly rules?: AddressRules | undefined;
  /** Whether to use a connection of its own that is made for large files. */
  readonly isLarge?: boolean | undefined;
}

/** A response with an unread body. */
export interface OpenedUrl {
  /** Where the body starts in the file: the requested offset, or 0 if the server sends everything. */
  readonly offset: number;
  /** Whether the response is the requested part of the file. */
  readonly isPart: boolean;
  /** Length of the whole file, if the server announces it. */
  readonly totalBytes: number | undefined;
  /** A strong ETag or a modification date, for `If-Range`; absent if an interrupted read can't be resumed. */
  readonly validator: string | undefined;
  readonly contentType: string | undefined;
  readonly body: IncomingMessage;
  /** Whether the socket is one of the agent for large files. */
  readonly hasOwnSocket: boolean;
}

/**
 * Requests a file once, following up to {@link REDIRECT_LIMIT} redirects. Uses node:http rather than fetch, because web streams reduce
 * the rate by a fifth at 1 GiB. Each hop may connect to public addresses and those that `rules` or the administrator's list allow. Through a proxy, which resolves names
 * itself, names are checked as far as they can be resolved here ({@link checkProxied}).
 *
 * @throws PipelineError `SOURCE_ADDRESS_REFUSED`, `SOURCE_REDIRECTS`, `SOURCE_URL_INVALID` (a redirect to something that is not http), `SOURCE_NOT_MEDIA`,
 * `SOURCE_EMPTY`, `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`, `SOURCE_REFUSED`, `SOURCE_UNREACHABLE`, `SOURCE_CHANGED`,
 * `INPUT_INVALID` for a proxy or a file of certificates that can't be used
 */
export async function openUrl(options: OpenUrlOptions): Promise<OpenedUrl> {
  const { url, from } = options;
  let target = url;
  for (let redirects = 0; redirects <= REDIRECT_LIMIT; redirects += 1) {
    const { response, hasOwnSocket } = await request({ ...options, url: target });
    const location = REDIRECTS.has(response.statusCode ?? 0) ? response.headers.location : undefined;
    if (location === undefined) {
      return { ...accept(target, response, from), hasOwnSocket };
    }
    response.destroy();
    target = redirectTarget(target, location);
  }
  throw new PipelineError(
    "SOURCE_REDIRECTS",
    `${displayUrl(url)} redirects more than ${REDIRECT_LIMIT} times. Use the address of the file itself.`,
    { details: { url: displayUrl(url), limit: REDIRECT_LIMIT } },
  );
}

async function request({ url, signal, from, rules = {}, isLarge = false }: OpenUrlOptions) {
  const headers: Record<string, string> = {
    accept: "*/*",
    // With compression, the announced length would not be that of the file.
    "accept-encoding": "identity",
    "user-agent": USER_AGENT,
    ...rangeOf(from),
  };
  refuseAddress(url, rules);
  const { through = environmentConnections() } = rules;
  const isProxied = through.proxyOf(url) !== undefined;
  if (isProxied) {
    await checkProxied(url, rules);
  }
  const isSecure = url.protocol === "https:";
  const get = isSecure ? httpsGet : httpGet;
  const hasOwnSocket = isLarge && !isProxied;
  const agent = hasOwnSocket
    ? await through.readingAgent(isSecure)
    : (await through.agents())?.[isSecure ? "httpsAgent" : "httpAgent"];
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = get(url, { headers, lookup: guardedLookup(url, rules), ...(agent && { agent }) }, resolve);
    if (!isProxied) {
      // The socket of a proxy is connected to the proxy.
      guardSocket(sent, url, rules);
    }
    endWith(sent, signal);
    sent.on("error", (error) => {
      const failure = error instanceof PipelineError ? error : connectionError(url, error);
      reject(signal.aborted ? abortOrStall(signal.reason) : failure);
    });
  });
  return { response, hasOwnSocket };
}

function rangeOf(from: ReadFrom | undefined): Record<string, string> {
  if (from === undefined) {
    return {};
  }
  const { offset, until, validator } = from;
  const range = `bytes=${offset}-${until === undefined ? "" : until - 1}`;
  return { range, ...(validator !== undefined && { "if-range": validator }) };
}

/**
 * Ends a request at an abort without an error. The `signal` option of node:http emits the error on the socket, which has no listener and
 * so ends the process if the response is complete but not read to its end.
 */
function endWith(sent: ClientRequest, signal: AbortSignal): void {
  const end = (): void => {
    sent.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
  sent.once("close", () => signal.removeEventListener("abort", end));
  if (signal.aborted) {
    end();
  }
}

/** The signal of a connection is aborted by the caller, or by the stall watch with its own error. */
function abortOrStall(reason: unknown): PipelineError {
  return reason instanceof PipelineError ? reason : abortedError(reason);
}

function redirectTarget(from: URL, location: string): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (target?.protocol !== "http:" && target?.protocol !== "https:") {
    throw new PipelineError(
      "SOURCE_URL_INVALID",
      `${displayUrl(from)} redirects to a URL that is not http or https. Use the address of the file itself.`,
      { details: { url: displayUrl(from) } },
    );
  }
  return target;
}

function accept(url: URL, response: IncomingMessage, from: ReadFrom | undefined): OpenedResponse {
  try {
    return describe(url, response, from);
  } catch (error) {
    response.destroy();
    throw error;
  }
}

function describe(url: URL, response: IncomingMessage, from: ReadFrom | undefined): OpenedResponse {
  const { statusCode = 0, headers } = response;
  if (statusCode === 416 && from !== undefined) {
    throw changedError(url);
  }
  if (statusCode !== 200 && !(statusCode === 206 && from !== undefined)) {
    throw statusCode === 204 ? emptyError(url) : statusError(url, statusCode, isWebPage(headers["content-type"]));
  }
  const contentType = headers["content-type"];
  if (isWebPage(contentType)) {
    throw new PipelineError(
      "SOURCE_NOT_MEDIA",
      `${displayUrl(url)} returned a web page instead of a file. Use the address of the file itself; a login may be required.`,
      { details: { url: displayUrl(url), contentType } },
    );
  }
  if (COMPRESSED.test(headers["content-encoding"] ?? "")) {
    throw new PipelineError(
      "SOURCE_REFUSED",
      `${displayUrl(url)} returned content encoding ${headers["content-encoding"]} although only "identity" was accepted. Check the server, or a proxy in between.`,
      { details: { url: displayUrl(url) } },
    );
  }
  const range = statusCode === 206 ? contentRange(headers["content-range"]) : undefined;
  if (statusCode === 206 && isOtherVersion(headers, from?.validator)) {
    throw changedError(url);
  }
  if (from !== undefined && statusCode === 206 && range?.offset !== from.offset) {
    throw wrongPartError(url, from.offset, headers["content-range"]);
  }
  const totalBytes = range ? range.totalBytes : length(headers["content-length"]);
  if (totalBytes === 0) {
    throw emptyError(url);
  }
  const { etag } = headers;
  return {
    offset: range?.offset ?? 0,
    isPart: range !== undefined,
    totalBytes,
    validator: etag?.startsWith('"') ? etag : strongDate(headers),
    contentType,
    body: response,
  };
}

/**
 * The modification date if it identifies a version: dates have seconds, so a file may be written again in the second in which it is sent
 * (RFC 9110, 8.8.2.2).
 */
function strongDate({ date, "last-modified": modified }: IncomingHttpHeaders): string | undefined {
  const isInSameSecond = Date.parse(date ?? "") - Date.parse(modified ?? "") < 1000;
  return isInSameSecond ? undefined : modified;
}

/** Whether a part is of another version than those before it: many servers ignore `If-Range`. */
function isOtherVersion({ etag, "last-modified": date }: IncomingHttpHeaders, validator: string | undefined): boolean {
  if (validator === undefined) {
    return false;
  }
  const found = validator.startsWith('"') ? etag?.replace(/^W\//, "") : date;
  return found !== undefined && found !== validator;
}

/** The error for an empty file: `SOURCE_EMPTY`. */
export function emptyError(url: URL): PipelineError {
  return new PipelineError("SOURCE_EMPTY", `${displayUrl(url)} is empty. Check the address.`, {
    details: { url: displayUrl(url) },
  });
}

function contentRange(value: string | undefined): { offset: number; totalBytes: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(value ?? "");
  return match ? { offset: Number(match[1]), totalBytes: length(match[2]) } : undefined;
}

function length(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
