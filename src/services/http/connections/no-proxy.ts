import { isIP } from "node:net";
import { isWithin } from "../guard/address-class.ts";

/**
 * Whether `NO_PROXY` excludes a target from the proxy. Its entries are separated by commas or spaces: a domain, which includes its
 * subdomains (with or without a leading dot or `*.`), an address, or a network such as `10.0.0.0/8`, each with an optional port; `*` for
 * all. This is how curl, Go and the AWS CLI read it. The library `proxy-from-env` includes subdomains only after a leading dot, and does
 * not support networks.
 */
export function matchesNoProxy(
  { host, port }: { readonly host: string; readonly port: number },
  entries: string,
): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return entries
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, name, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === "*") {
    return true;
  }
  const [, network = "", bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (bits !== undefined) {
    return isIP(host) !== 0 && isIP(network) !== 0 && isInNetwork(host, network, Number(bits));
  }
  const [plain, ofPort] = withoutPort(entry);
  if (ofPort !== undefined && ofPort !== port) {
    return false;
  }
  if (isIP(plain) !== 0 && isIP(host) !== 0) {
    return isWithin(host, plain, isIP(plain) === 4 ? 32 : 128);
  }
  const domain = plain.replace(/^\*?\./, "").replace(/\.$/, "");
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}

/** Host and port of `host:port`, `[::1]:port`, `host` or `::1`. */
function withoutPort(entry: string): [host: string, port: number | undefined] {
  if (isIP(entry) !== 0) {
    return [entry, undefined];
  }
  const [, bracketed, host = entry, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  return [bracketed ?? host, port === undefined ? undefined : Number(port)];
}

function isInNetwork(host: string, network: string, bits: number): boolean {
  return bits <= (isIP(network) === 4 ? 32 : 128) && isWithin(host, network, bits);
}
