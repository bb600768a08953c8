import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline, Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { ownEntry } from "../../../errors/own-entry.ts";
import type { Agents } from "./http-agents.ts";

/** Status codes of responses without a body. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** Some servers and proxies compress although the request accepts only "identity". */
const DECODERS = { gzip: createGunzip, "x-gzip": createGunzip, deflate: createInflate, br: createBrotliDecompress };

/**
 * `fetch` with agents of node:http, which the `fetch` of Node.js does not support. It does not follow redirects, and does not ask for
 * compressed responses.
 *
 * @returns the response with an unread body
 * @throws the error of node:http, of the proxy, or the reason of the signal
 */
export async function fetchThrough(agents: Agents, ...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const request = new Request(input, init);
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
  const url = new URL(request.url);
  const [send, agent] = url.protocol === "https:" ? [httpsRequest, agents.httpsAgent] : [httpRequest, agents.httpAgent];
  const { method, signal } = request;
  const headers = {
    ...Object.fromEntries(request.headers),
    "accept-encoding": "identity",
    ...(body !== undefined && { "content-length": body.length }),
  };
  signal.throwIfAborted();
  return await new Promise<Response>((resolve, reject) => {
    const sent = send(url, { method, headers, agent }, (response) => resolve(toResponse(response)));
    const abort = (): void => {
      reject(signal.reason);
      sent.destroy();
    };
    signal.addEventListener("abort", abort, { once: true });
    sent.once("close", () => signal.removeEventListener("abort", abort));
    sent.on("error", reject);
    sent.end(body);
  });
}

function toResponse(response: IncomingMessage): Response {
  const { statusCode: status = 500, headers: received } = response;
  const headers = Object.entries(received).flatMap(([name, value]): [string, string][] =>
    (Array.isArray(value) ? value : [value ?? ""]).map((one) => [name, one]),
  );
  if (WITHOUT_BODY.has(status)) {
    response.resume();
    return new Response(null, { status, headers });
  }
  const createDecoder = ownEntry(DECODERS, received["content-encoding"]?.toLowerCase() ?? "");
  // A pipeline destroys the connection when the decoder fails or its reader has had enough.
  const content = createDecoder === undefined ? response : pipeline(response, createDecoder(), () => undefined);
  return new Response(Readable.toWeb(content) as ReadableStream, { status, headers });
}
