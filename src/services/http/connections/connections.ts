import { Agent as HttpAgent } from "node:http";
import { fetchThrough } from "./fetch-through.ts";
import { type Agents, type Trust, TrustingAgent } from "./http-agents.ts";
import { type FindProxy, type ProxyServer, readProxies } from "./proxy-route.ts";
import { createReadingAgent } from "./reading-agent.ts";
import { createRoutingAgents } from "./routing-agents.ts";
import { type CaFile, trustCertificates } from "./trusted-certificates.ts";

/** How long a proxy may take to connect, in milliseconds. */
const PROXY_LIMIT_MS = 10_000;

/** The proxy and the certificates for the connections of an account. */
export interface ConnectionSettings {
  /** The URL of a proxy, or `none`; default: the environment variables. */
  readonly proxy?: string | undefined;
  /** Trusted certificates in addition to those of Node.js. */
  readonly caFile?: CaFile | undefined;
  /** How long a proxy may take to connect, in milliseconds; default {@link PROXY_LIMIT_MS}. */
  readonly proxyLimitMs?: number;
}

/** The connections of an account: direct or through a proxy. */
export class Connections {
  readonly #settings: ConnectionSettings;
  #findProxy: FindProxy | "none" | undefined;
  #agents: Promise<Agents | undefined> | undefined;
  #trust: Promise<Trust | undefined> | undefined;

  constructor(settings: ConnectionSettings = {}) {
    this.#settings = settings;
  }

  /**
   * Returns the proxy for requests to a URL.
   *
   * @throws PipelineError `INPUT_INVALID` for the URL of the proxy
   */
  proxyOf(url: URL): ProxyServer | undefined {
    const isSecure = url.protocol === "https:";
    const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
    return this.#find()?.({ isSecure, host: url.hostname.replace(/^\[|\]$/g, ""), port });
  }

  /**
   * Returns the agents for requests.
   *
   * @returns undefined without a proxy and a CA file: the default agents can be used
   * @throws PipelineError `INPUT_INVALID` for the URL of the proxy, or the CA file
   */
  agents(): Promise<Agents | undefined> {
    this.#agents ??= this.#create();
    this.#agents.catch(() => {
      this.#agents = undefined;
    });
    return this.#agents;
  }

  /**
   * Returns an agent for one direct request for a large file.
   *
   * @throws PipelineError `INPUT_INVALID` for the CA file
   */
  async readingAgent(isSecure: boolean): Promise<HttpAgent> {
    return createReadingAgent(isSecure, (await this.#trusted())?.() ?? {});
  }

  /** `fetch` with these connections; redirects are not followed. */
  readonly fetch: typeof fetch = async (input, init) => {
    const agents = await this.agents();
    return await (agents === undefined ? fetch(input, init) : fetchThrough(agents, input, init));
  };

  /** Closes all connections. Never rejects. */
  async destroy(): Promise<void> {
    const agents = await this.#agents?.catch(() => undefined);
    agents?.httpAgent.destroy();
    agents?.httpsAgent.destroy();
  }

  #find(): FindProxy | undefined {
    this.#findProxy ??= readProxies(this.#settings.proxy) ?? "none";
    return this.#findProxy === "none" ? undefined : this.#findProxy;
  }

  async #create(): Promise<Agents | undefined> {
    const { proxyLimitMs: limitMs = PROXY_LIMIT_MS } = this.#settings;
    const findProxy = this.#find();
    const trusted = await this.#trusted();
    const trust = trusted ?? (() => ({}));
    const direct = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new TrustingAgent(trust) };
    if (findProxy !== undefined) {
      return await createRoutingAgents({ findProxy, trust, direct, limitMs });
    }
    return trusted === undefined ? undefined : direct;
  }

  /** The CA file as options of TLS; undefined without one. It may be corrected after a failure. */
  #trusted(): Promise<Trust | undefined> {
    const { caFile } = this.#settings;
    this.#trust ??= (async () => {
      const secureContext = caFile && (await trustCertificates(caFile));
      return secureContext && (() => ({ secureContext: secureContext() }));
    })();
    this.#trust.catch(() => {
      this.#trust = undefined;
    });
    return this.#trust;
  }
}

let ofEnvironment: { readonly key: string; readonly connections: Connections } | undefined;

/** The connections for requests without an account. */
export function environmentConnections(): Connections {
  const key = JSON.stringify(Object.entries(process.env).filter(([name]) => /^(?:https?|all|no)_proxy$/i.test(name)));
  if (ofEnvironment?.key !== key) {
    void ofEnvironment?.connections.destroy();
    ofEnvironment = { key, connections: new Connections() };
  }
  return ofEnvironment.connections;
}
