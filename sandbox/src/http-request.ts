import { once } from "node:events";
import type { IncomingMessage } from "node:http";

/** What a request consists of besides its URL. */
export interface HttpRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  /** HTTP status. */
  readonly status: number;
  readonly statusText: string;
  readonly text: string;
}

/**
 * Sends a request, and reads the whole response. For programs that run for a moment: the first `fetch` of a process takes 40 ms of processor
 * time in Node.js 24, half of what such a program takes.
 *
 * @throws an error of the connection, or the signal's reason
 */
export async function httpRequest(url: string, { method, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
  signal?.throwIfAborted();
  const { request } = await import(new URL(url).protocol === "https:" ? "node:https" : "node:http");
  const sent = request(url, { method, headers, signal });
  try {
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const part of response.setEncoding("utf8")) {
      text += part;
    }
    return { status: response.statusCode ?? 0, statusText: response.statusMessage ?? "", text };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
