import { type LookupAddress, lookup as systemLookup } from "node:dns";
import type { ClientRequest } from "node:http";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Connections } from "../connections/connections.ts";
import { type AddressClass, addressClass } from "./address-class.ts";
import {
  ALLOWED_HOSTS_SETTING,
  ALLOWED_HOSTS_VARIABLE,
  invalidEntries,
  isAllowed,
  type RequestTarget,
  targetOf,
} from "./host-allowlist.ts";

/** Resolves a name, like `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true; readonly family?: number | "IPv4" | "IPv6"; readonly hints?: number },
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The addresses that downloads may use besides public ones and the administrator's list, and how they are reached. */
export interface AddressRules {
  /** Entries in the format of the administrator's list, such as the account's own server. */
  readonly allow?: readonly string[];
  /** The proxy and the certificates; default: those of the environment. */
  readonly through?: Connections;
  /** Default: the resolver of the system. */
  readonly resolve?: Resolve;
  /** How long a name may take to be resolved before it is left to the proxy, in milliseconds; default 3 s. */
  readonly resolveLimitMs?: number;
}

/**
 * Refuses a URL whose host is an address that is not allowed: for such a host, node:net does no lookup. `URL` has normalized all
 * spellings (decimal, octal, hexadecimal, short).
 *
 * @throws PipelineError `SOURCE_ADDRESS_REFUSED`
 */
export function refuseAddress(url: URL, rules: AddressRules = {}): void {
  const target = targetOf(url);
  const refused = isIP(target.host) === 0 ? undefined : refusedClass(target, target.host, rules);
  if (refused !== undefined) {
    throw refusedError(url, refused);
  }
}

/**
 * A lookup that returns only allowed addresses. The socket connects to an address from this lookup, so a name that resolves to another
 * address a moment later (DNS rebinding) does not help an attacker.
 */
export function guardedLookup(url: URL, { resolve = systemLookup, ...rules }: AddressRules = {}): LookupFunction {
  const target = targetOf(url);
  return (hostname, { all, family, hints }, callback) => {
    const options = {
      all: true,
      family,
      hints,
    } as const;
    resolve(hostname, options, (error, found) => {
      if (error) {
        callback(error, "");
        return;
      }
      const classes = found.map(({ address }) => refusedClass(target, address, rules));
      const [refused] = classes.filter((one) => one !== undefined);
      const reachable = found.filter((_, index) => classes[index] === undefined);
      const [first] = reachable;
      if (first === undefined) {
        callback(refusedError(url, refused ?? "reserved"), "");
      } else if (all) {
        callback(null, reachable);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

/**
 * Ends a request whose socket is connected to an address that is not allowed. A kept-alive socket may have been connected by other
 * code, under other rules, and is not looked up again.
 */
export function guardSocket(request: ClientRequest, url: URL, rules: AddressRules = {}): void {
  const target = targetOf(url);
  request.once("socket", (socket: Socket) => {
    const check = (): void => {
      const { remoteAddress } = socket;
      const refused = remoteAddress === undefined ? undefined : refusedClass(target, remoteAddress, rules);
      if (refused !== undefined) {
        request.destroy(refusedError(url, refused));
      }
    };
    if (socket.connecting) {
      socket.once("connect", check);
    } else {
      check();
    }
  });
}

const RESOLVE_LIMIT_MS = 3000;
/** Names that are not of the public Internet (RFC 6761, 6762, 8375, 9476, and those in wide use), or have no dot. */
const INTERNAL_NAME = /^[^.]+$|\.(?:internal|intranet|local|localdomain|localhost|private|corp|home|lan|home\.arpa)$/;

/**
 * Checks the host of a request through a proxy, which resolves names itself. The name is also resolved here, and all of its addresses
 * must be allowed. If it can't be resolved here, as in networks without public DNS, only names that look internal are refused, and the
 * proxy has to check the address.
 *
 * @throws PipelineError `SOURCE_ADDRESS_REFUSED`
 */
export async function checkProxied(url: URL, rules: AddressRules = {}): Promise<void> {
  const target = targetOf(url);
  if (isIP(target.host) !== 0 || isAllowed(target, undefined, rules.allow)) {
    return;
  }
  const found = await resolveWithin(
    target.host,
    rules.resolve ?? systemLookup,
    rules.resolveLimitMs ?? RESOLVE_LIMIT_MS,
  );
  const refused =
    found.length === 0 && INTERNAL_NAME.test(target.host)
      ? "private"
      : found.map(({ address }) => refusedClass(target, address, rules)).find((one) => one !== undefined);
  if (refused !== undefined) {
    throw refusedError(url, refused);
  }
}

async function resolveWithin(host: string, resolve: Resolve, limitMs: number): Promise<readonly LookupAddress[]> {
  return await new Promise((settle) => {
    const timer = setTimeout(settle, limitMs, []);
    resolve(host, { all: true }, (_error, found) => {
      clearTimeout(timer);
      settle(found ?? []);
    });
  });
}

function refusedClass(target: RequestTarget, address: string, { allow }: AddressRules): AddressClass | undefined {
  const found = addressClass(address);
  return found === undefined || isAllowed(target, address, allow) ? undefined : found;
}

/** Does not name the address: the reader of this error may not be allowed to know internal addresses. */
function refusedError(url: URL, found: AddressClass): PipelineError {
  const invalid = invalidEntries();
  const hint = invalid.length === 0 ? "" : ` These entries of the list are not valid: ${invalid.join(", ")}.`;
  return new PipelineError(
    "SOURCE_ADDRESS_REFUSED",
    `${url.host} is, or resolves to, a ${found} address, to which downloads do not connect by default. To allow it, add ${url.host} to ${ALLOWED_HOSTS_SETTING} in Node-RED's settings.js, or to the environment variable ${ALLOWED_HOSTS_VARIABLE}.${hint}`,
    { details: { host: url.host, addressClass: found } },
  );
}
