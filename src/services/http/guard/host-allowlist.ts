import { isIP } from "node:net";
import { isWithin } from "./address-class.ts";
import { allEntries } from "./host-settings.ts";

export { ALLOWED_HOSTS_SETTING, ALLOWED_HOSTS_VARIABLE, allowHosts } from "./host-settings.ts";

/** The destination of a request. */
export interface RequestTarget {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
}

type Entry =
  | { readonly name: string; readonly port: number | undefined }
  | { readonly network: string; readonly prefixLength: number; readonly port: number | undefined };

/**
 * Whether the administrator's list, or `further`, allows a target.
 *
 * An entry is a host name, an address or a network (`10.0.0.0/8`). A name or address can have a port, which limits the entry to it.
 * A name allows every address that it resolves to.
 *
 * @param address - the address that the host resolved to, if it is known
 */
export function isAllowed(
  target: RequestTarget,
  address: string | undefined,
  further: readonly string[] = [],
): boolean {
  return allEntries(further).some((text) => {
    const entry = parseEntry(text);
    return entry !== undefined && matches(entry, target, address);
  });
}

/** The entries that are not a host, address or network: they allow nothing, and error messages name them. */
export function invalidEntries(): string[] {
  return allEntries([]).filter((text) => parseEntry(text) === undefined);
}

/** Host and port of a URL. */
export function targetOf(url: URL): RequestTarget {
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { host: plainHost(url.hostname), port };
}

/** The entry that allows only the host and port of an account's own server. */
export function hostEntry(server: string): string[] {
  const url = URL.parse(server);
  if (url === null) {
    return [];
  }
  const { host, port } = targetOf(url);
  return [isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`];
}

function parseEntry(text: string): Entry | undefined {
  const [, network = "", bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text) ?? [];
  if (bits !== undefined) {
    const maxBits = { 0: -1, 4: 32, 6: 128 }[isIP(network)] ?? -1;
    return Number(bits) <= maxBits ? { network, prefixLength: Number(bits), port: undefined } : undefined;
  }
  if (isIP(text) !== 0) {
    return single(text, undefined);
  }
  const [, host = "", port] = /^(\[[^\]]+\]|[^:[\]/\s@#?*\\]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  // Parsed as a URL, so that entries and hosts are compared in the same spelling.
  const url = host === "" ? null : URL.parse(`http://${host}/`);
  return url === null ? undefined : single(plainHost(url.hostname), port === undefined ? undefined : Number(port));
}

function single(host: string, port: number | undefined): Entry {
  const version = isIP(host);
  return version === 0 ? { name: host, port } : { network: host, prefixLength: version === 4 ? 32 : 128, port };
}

function matches(entry: Entry, { host, port }: RequestTarget, address: string | undefined): boolean {
  if (entry.port !== undefined && entry.port !== port) {
    return false;
  }
  if ("name" in entry) {
    return entry.name === host;
  }
  const known = address ?? (isIP(host) === 0 ? undefined : host);
  return known !== undefined && isWithin(known, entry.network, entry.prefixLength);
}

function plainHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
}
