import type { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { SecureContext } from "node:tls";

/** Agents of node:http and node:https, as the AWS SDK takes them. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpAgent;
}

/** The trusted certificates as TLS options; empty for those of Node.js. */
export type Trust = () => { readonly secureContext?: SecureContext };

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
