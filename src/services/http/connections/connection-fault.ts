import { ProxyError } from "./proxy-error.ts";

/** Why a connection failed because of a proxy or a certificate. */
export interface ConnectionFault {
  /** What happened and what to do, as the end of a sentence. */
  readonly explanation: string;
  /** Whether a retry would fail in the same way. */
  readonly isPermanent: boolean;
}

const TLS_FAULT = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO$|HOSTNAME_MISMATCH)/;

/**
 * Explains an error of a proxy or a certificate.
 *
 * @param error - of node:http, of `fetch` or of the SDK
 * @param host - the destination of the request, as part of a sentence
 * @returns undefined for any other error
 */
export function explainConnection(error: unknown, host: string): ConnectionFault | undefined {
  for (const one of causesOf(error)) {
    if (one instanceof ProxyError) {
      return { explanation: one.message, isPermanent: one.isPermanent };
    }
    const { code } = one as { code?: unknown };
    if (typeof code === "string" && TLS_FAULT.test(code)) {
      return { explanation: explainTls(code, host), isPermanent: true };
    }
  }
  return undefined;
}

/** For status 407: a proxy that needs a password responds to a plain HTTP request itself. */
export const PROXY_REQUIRES_LOGIN =
  "the proxy asks for a user name and password (HTTP 407), or does not accept them. Add them to its address in the field Proxy of the account, or in HTTP_PROXY";

function explainTls(code: string, host: string): string {
  if (code === "CERT_HAS_EXPIRED") {
    return `the certificate of ${host} has expired (${code}). Renew it on the server, and check the date of this machine.`;
  }
  if (code === "CERT_NOT_YET_VALID") {
    return `the certificate of ${host} is not valid yet (${code}). Check the date of this machine.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    return `the certificate of ${host} is for another name (${code}). Check the address.`;
  }
  if (/^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code)) {
    return `the certificate of ${host} is from an authority that is not trusted here (${code}). If a proxy or firewall of your network re-signs TLS connections, or the server has an authority of its own, enter the authority's certificate as the CA file of the account, or set NODE_EXTRA_CA_CERTS for Node-RED.`;
  }
  return `the TLS connection to ${host} failed: no common protocol or cipher (${code}). Check the address and its port, and whether a proxy is in between.`;
}

function causesOf(error: unknown): object[] {
  const chain: object[] = [];
  for (let one = error; typeof one === "object" && one !== null && chain.length < 8; ) {
    chain.push(one);
    one = (one as { cause?: unknown }).cause ?? (one as { errors?: unknown[] }).errors?.[0];
  }
  return chain;
}
