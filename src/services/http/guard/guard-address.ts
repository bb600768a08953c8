import { type LookupAddress, lookup as systemLookup } from "node:dns";
import type { ClientRequest } from "node:http";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type AddressClass, addressClass } from "./address-class.ts";
import {
  ALLOWED_HOSTS_SETTING,
  ALLOWED_HOSTS_VARIABLE,
  isAllowed,
  type RequestTarget,
  targetOf,
  unreadableEntries,
} from "./host-allowlist.ts";

/** Finds the addresses of a name, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true; readonly family?: number | "IPv4" | "IPv6"; readonly hints?: number },
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Which addresses a download may reach, apart from those of the public Internet and of the administrator's list. */
export interface AddressRules {
  /** Entries as in the administrator's list: the account's own server. */
  readonly allow?: readonly string[];
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

/**
 * Refuses a URL whose host is written as an address that may not be reached: node:net asks for no lookup then. `URL` has brought all
 * spellings (decimal, octal, hexadecimal, short) into one.
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
 * A lookup that finds only addresses which may be reached. The socket connects to what this very lookup has found, so that a name
 * which leads elsewhere a moment later gains nothing.
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
 * Ends a request whose socket leads to an address that may not be reached. A socket that was kept alive has been connected by
 * other code, perhaps under other rules, and is not looked up again.
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

function refusedClass(target: RequestTarget, address: string, { allow }: AddressRules): AddressClass | undefined {
  const found = addressClass(address);
  return found === undefined || isAllowed(target, address, allow) ? undefined : found;
}

/** Names no address: who may read this error has perhaps no business with the names of the network. */
function refusedError(url: URL, found: AddressClass): PipelineError {
  const unread = unreadableEntries();
  const hint = unread.length === 0 ? "" : ` These entries of the list can't be read: ${unread.join(", ")}.`;
  return new PipelineError(
    "SOURCE_ADDRESS_REFUSED",
    `${url.host} is or leads to a ${found} address, which downloads do not reach by default. To allow it, add ${url.host} to ${ALLOWED_HOSTS_SETTING} in Node-RED's settings.js or to the environment variable ${ALLOWED_HOSTS_VARIABLE}.${hint}`,
    { details: { host: url.host, addressClass: found } },
  );
}
