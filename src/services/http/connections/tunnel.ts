import type { ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import type { Trust } from "./http-agents.ts";
import { proxyRefused, proxyUnreachable } from "./proxy-error.ts";
import type { ProxyServer } from "./proxy-route.ts";

/** The host of a request, as an agent of the library `agent-base` gets it. */
export type ConnectOptions = import("agent-base", { with: { "resolution-mode": "import" }}).AgentConnectOpts;

/** What a connection through a proxy needs to know. */
export interface ProxyOptions {
  readonly trust: Trust;
  /** How long the proxy may take to connect, in milliseconds. */
  readonly limitMs: number;
}

/**
 * Opens a tunnel through a proxy to an https host (`CONNECT`).
 *
 * @throws ProxyError if the proxy refuses, or is not reached within the limit
 */
export async function openTunnel(
  proxy: ProxyServer,
  request: ClientRequest,
  options: ConnectOptions,
  { trust, limitMs }: ProxyOptions,
): Promise<Duplex> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  // Without a limit, the connection to a silent proxy would stay open.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  let status: number | undefined;
  request.once("proxyConnect", ({ statusCode }: { statusCode?: number }) => {
    status = statusCode;
  });
  try {
    const connector = new HttpsProxyAgent(proxy.url, { keepAlive: true, signal: limit.signal, ...trust() });
    const socket = await connector.connect(request, { ...options, ...trust() });
    if (status === undefined || status === 200) {
      return socket;
    }
    socket.destroy();
  } catch (error) {
    throw proxyUnreachable(proxy, error, limitMs);
  } finally {
    clearTimeout(timer);
  }
  throw proxyRefused(proxy, status, `${options.host}:${options.port}`);
}
