import { PipelineError } from "../../../errors/pipeline-error.ts";
import { addressClass } from "../guard/address-class.ts";
import { isLocalHost } from "../guard/local-host.ts";
import { matchesNoProxy } from "./no-proxy.ts";

/** An HTTP proxy. */
export interface ProxyServer {
  /** With user name and password: must not be shown. */
  readonly url: URL;
  /** The URL for messages, without user name and password. */
  readonly name: string;
  /** Where the proxy is set, as part of a sentence: `HTTPS_PROXY`, `the field "Proxy" of the account`. */
  readonly setBy: string;
}

/** The destination of a request. */
export interface ProxyTarget {
  readonly isSecure: boolean;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Returns the proxy for a target; undefined for a direct connection.
 *
 * @throws PipelineError `INPUT_INVALID` for a variable that is not the URL of an HTTP proxy
 */
export type FindProxy = (target: ProxyTarget) => ProxyServer | undefined;

/** The value of the field for a direct connection, although the environment has a proxy. */
const NO_PROXY_WORD = "none";

/** The IPv6 address of the metadata service of EC2; the IPv4 address is link-local. */
const METADATA_IPV6 = "fd00:ec2::254";

/**
 * Reads the proxy of an account, or the environment variables: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, `ALL_PROXY` for both, in
 * lower or upper case. `NO_PROXY` applies to all of them. Connections to this machine and its metadata services are always direct.
 *
 * @param ofAccount - the URL of a proxy, `none`, or undefined for the environment variables
 * @returns undefined if there is no proxy at all
 * @throws PipelineError `INPUT_INVALID` for a value of the account that is not the URL of an HTTP proxy. A variable is only checked for a
 *   target that needs it: `ALL_PROXY` is often a SOCKS proxy for other programs, beside `HTTPS_PROXY`
 */
export function readProxies(ofAccount: string | undefined, environment = process.env): FindProxy | undefined {
  if (ofAccount?.toLowerCase() === NO_PROXY_WORD) {
    return undefined;
  }
  const ofForm = ofAccount === undefined ? undefined : parse(ofAccount, 'the field "Proxy" of the account');
  const given = ofForm && (() => ofForm);
  const all = variable("ALL_PROXY", environment);
  const secure = given ?? variable("HTTPS_PROXY", environment) ?? all;
  const plain = given ?? variable("HTTP_PROXY", environment) ?? all;
  if (secure === undefined && plain === undefined) {
    return undefined;
  }
  const exceptions = environment.no_proxy || environment.NO_PROXY || "";
  return (target) => {
    const proxy = target.isSecure ? secure : plain;
    return proxy === undefined || isOfMachine(target.host) || matchesNoProxy(target, exceptions) ? undefined : proxy();
  };
}

/** Whether a host is this machine, or a metadata service that only this machine can reach. */
function isOfMachine(host: string): boolean {
  return isLocalHost(host) || host === METADATA_IPV6 || /^(?:link-local|unspecified)$/.test(addressClass(host) ?? "");
}

/** The proxy in a variable, which is parsed when it is needed; undefined if it is not set. */
function variable(name: string, environment: NodeJS.ProcessEnv): (() => ProxyServer) | undefined {
  const found = [name.toLowerCase(), name].find((one) => environment[one]);
  if (found === undefined) {
    return undefined;
  }
  const value = environment[found] ?? "";
  let parsed: ProxyServer | undefined;
  return () => {
    parsed ??= parse(value, found);
    return parsed;
  };
}

function parse(text: string, setBy: string): ProxyServer {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  // Such a character ends the host of a URL, so the name before it would be used as the host.
  if (text.includes("@") && (url === null || url.username === "")) {
    throw new PipelineError(
      "INPUT_INVALID",
      `The user name or password of the proxy in ${setBy} contains a special character. Percent-encode it: %5C for \\, %23 for #, %2F for /, %3F for ?, %40 for @.`,
    );
  }
  if (url === null || url.hostname === "" || !/^https?:$/.test(url.protocol)) {
    const kind = /^socks/.test(url?.protocol ?? "")
      ? "a SOCKS proxy, which is not supported"
      : "not an address of a proxy";
    throw new PipelineError(
      "INPUT_INVALID",
      `The proxy in ${setBy} is ${kind}. Use an address such as http://proxy.example.com:3128, or set NO_PROXY for the hosts that are reached directly.`,
    );
  }
  return { url, name: url.origin, setBy };
}
