import type { ClientRequest } from "node:http";
import { proxyUnreachable } from "./proxy-error.ts";
import type { ProxyServer } from "./proxy-route.ts";
import type { ProxyOptions } from "./tunnel.ts";

/** Loads the library, and returns the class of the agents whose requests to http hosts a proxy forwards. */
export async function loadForwardingAgent() {
  const { HttpProxyAgent } = await import("http-proxy-agent");

  return class ForwardingAgent extends HttpProxyAgent<string> {
    readonly #proxy: ProxyServer;
    readonly #limitMs: number;

    constructor(proxy: ProxyServer, { trust, limitMs }: ProxyOptions) {
      // The library inserts the absolute URL into the written request only for a new connection.
      super(proxy.url, { keepAlive: false, ...trust() });
      this.#proxy = proxy;
      this.#limitMs = limitMs;
    }

    override async connect(...args: Parameters<InstanceType<typeof HttpProxyAgent>["connect"]>) {
      withoutExpectation(args[0]);
      try {
        return await super.connect(...args);
      } catch (error) {
        throw proxyUnreachable(this.#proxy, error, this.#limitMs);
      }
    }
  };
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
