import type { IncomingMessage } from "node:http";

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK.has(address);
}

/**
 * Whether a request was sent to this machine: its `Host` names it, and so does its `Origin` if it has one. A web
 * page on another host whose name resolves to 127.0.0.1 (DNS rebinding) has another `Host`.
 */
export function isLocalHost(message: IncomingMessage): boolean {
  const { host, origin } = message.headers;
  return isLocalName(host ?? "", message.socket.localPort) && (origin === undefined || isLocalOrigin(origin));
}

function isLocalName(host: string, port: number | undefined): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

function isLocalOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  return url !== null && (url.hostname === "127.0.0.1" || url.hostname === "localhost");
}
