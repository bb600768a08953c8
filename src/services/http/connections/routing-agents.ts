import type { ClientRequest, Agent as HttpAgent } from "node:http";
import type { Duplex } from "node:stream";
import { loadForwardingAgent } from "./forwarding-agent.ts";
import type { Agents } from "./http-agents.ts";
import type { FindProxy } from "./proxy-route.ts";
import { type ConnectOptions, openTunnel, type ProxyOptions } from "./tunnel.ts";

interface RoutingOptions extends ProxyOptions {
  readonly findProxy: FindProxy;
  /** For hosts without a proxy. */
  readonly direct: Agents;
}

/**
 * Creates agents that select the proxy of each request by its host: S3 has one host per bucket, and a redirect can lead to another host.
 * Requests to https hosts use a tunnel through the proxy; requests to http hosts are forwarded by the proxy.
 *
 * The libraries are loaded here, so that they are not loaded without a proxy.
 */
export async function createRoutingAgents(routing: RoutingOptions): Promise<Agents> {
  const [{ Agent }, ForwardingAgent] = await Promise.all([import("agent-base"), loadForwardingAgent()]);

  class RoutingAgent extends Agent {
    readonly #isSecure: boolean;
    #forwarding: HttpAgent | undefined;

    constructor(isSecure: boolean) {
      super({ keepAlive: true });
      this.#isSecure = isSecure;
    }

    override isSecureEndpoint(): boolean {
      return this.#isSecure;
    }

    override connect(request: ClientRequest, options: ConnectOptions): Promise<Duplex> | HttpAgent {
      const isSecure = this.#isSecure;
      const proxy = routing.findProxy({ isSecure, host: options.host ?? "", port: Number(options.port) });
      if (proxy === undefined) {
        return isSecure ? routing.direct.httpsAgent : routing.direct.httpAgent;
      }
      if (isSecure) {
        return openTunnel(proxy, request, options, routing);
      }
      this.#forwarding ??= new ForwardingAgent(proxy, routing);
      return this.#forwarding;
    }

    override destroy(): void {
      this.#forwarding?.destroy();
      super.destroy();
    }
  }

  return { httpAgent: new RoutingAgent(false), httpsAgent: new RoutingAgent(true) };
}
