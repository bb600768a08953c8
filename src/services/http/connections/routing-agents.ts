import type { ClientRequest, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import { type ProxyError, proxyRefused, proxyUnreachable } from "./proxy-error.ts";
import type { FindProxy, ProxyServer } from "./proxy-route.ts";

/** Agents of node:http and node:https, as the AWS SDK takes them. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpAgent;
}

/** The trusted certificates as TLS options; empty for those of Node.js. */
export type Trust = () => { readonly secureContext?: SecureContext };

/** How long a proxy may take to connect, in milliseconds. */
export const PROXY_LIMIT_MS = 10_000;

/** An agent for direct https connections with additional trusted certificates. */
export class TrustingAgent extends HttpsAgent {
  readonly #trust: Trust;

  constructor(trust: Trust) {
    super({ keepAlive: true });
    this.#trust = trust;
  }

  override createConnection(...[options, callback]: Parameters<HttpsAgent["createConnection"]>) {
    return super.createConnection({ ...options, ...this.#trust() }, callback);
  }
}

/**
 * Creates agents that select the proxy of each request by its host: S3 has one host per bucket, and a redirect can lead to another host.
 * Requests to https hosts use a tunnel through the proxy (`CONNECT`); requests to http hosts are forwarded by the proxy.
 *
 * The libraries are loaded here, so that they are not loaded without a proxy.
 *
 * @param o.direct - for hosts without a proxy
 */
export async function createRoutingAgents(o: {
  readonly findProxy: FindProxy;
  readonly trust: Trust;
  readonly direct: Agents;
  readonly limitMs: number;
}): Promise<Agents> {
  const [{ Agent }, { HttpsProxyAgent }, { HttpProxyAgent }] = await Promise.all([
    import("agent-base"),
    import("https-proxy-agent"),
    import("http-proxy-agent"),
  ]);
  type Connect = InstanceType<typeof HttpsProxyAgent>["connect"];
  type Forward = InstanceType<typeof HttpProxyAgent>["connect"];
  type ConnectOptions = Parameters<Connect>[1];

  async function tunnel(proxy: ProxyServer, request: ClientRequest, options: ConnectOptions): Promise<Duplex> {
    // Without a limit, the connection to a silent proxy would stay open.
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), o.limitMs);
    let status: number | undefined;
    request.once("proxyConnect", ({ statusCode }: { statusCode?: number }) => {
      status = statusCode;
    });
    try {
      const connector = new HttpsProxyAgent(proxy.url, { keepAlive: true, signal: limit.signal, ...o.trust() });
      const socket = await connector.connect(request, { ...options, ...o.trust() });
      if (status === undefined || status === 200) {
        return socket;
      }
      socket.destroy();
    } catch (error) {
      throw proxyUnreachable(proxy, error, o.limitMs);
    } finally {
      clearTimeout(timer);
    }
    throw proxyRefused(proxy, status, `${options.host}:${options.port}`);
  }

  class ForwardingAgent extends HttpProxyAgent<string> {
    readonly #proxy: ProxyServer;

    constructor(proxy: ProxyServer) {
      // The library inserts the absolute URL into the written request only for a new connection.
      super(proxy.url, { keepAlive: false, ...o.trust() });
      this.#proxy = proxy;
    }

    override async connect(...args: Parameters<Forward>) {
      withoutExpectation(args[0]);
      try {
        return await super.connect(...args);
      } catch (error) {
        throw proxyUnreachable(this.#proxy, error, o.limitMs) satisfies ProxyError;
      }
    }
  }

  class RoutingAgent extends Agent {
    readonly #isSecure: boolean;
    #forwarding: ForwardingAgent | undefined;

    constructor(isSecure: boolean) {
      super({ keepAlive: true });
      this.#isSecure = isSecure;
    }

    override isSecureEndpoint(): boolean {
      return this.#isSecure;
    }

    override connect(request: ClientRequest, options: ConnectOptions): Promise<Duplex> | Duplex | HttpAgent {
      const isSecure = this.#isSecure;
      const proxy = o.findProxy({ isSecure, host: options.host ?? "", port: Number(options.port) });
      if (proxy === undefined) {
        return isSecure ? o.direct.httpsAgent : o.direct.httpAgent;
      }
      if (isSecure) {
        return tunnel(proxy, request, options);
      }
      this.#forwarding ??= new ForwardingAgent(proxy);
      return this.#forwarding;
    }

    override destroy(): void {
      this.#forwarding?.destroy();
      super.destroy();
    }
  }

  return { httpAgent: new RoutingAgent(false), httpsAgent: new RoutingAgent(true) };
}

/**
 * Removes `Expect: 100-continue` from a request. The AWS SDK does not wait for the response to it if the agent is not its own, and the library
 * that replaces the written header would write the header a second time, after the body. The signature does not include this header.
 */
function withoutExpectation(request: ClientRequest): void {
  if (request.hasHeader("expect")) {
    // A header that is written can't be changed; the library replaces it in the same way.
    Reflect.set(request, "_header", null);
    request.removeHeader("expect");
  }
}
