import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { ownEntry } from "../../../errors/own-entry.ts";

/** The class of an address that does not belong to the public Internet; completes the sentence "it is a ... address". */
export type AddressClass =
  | "loopback"
  | "private"
  | "link-local"
  | "unspecified"
  | "multicast"
  | "carrier-grade NAT"
  | "unique local"
  | "cloud metadata"
  | "reserved";

const CLASSES: Readonly<Record<string, AddressClass>> = {
  loopback: "loopback",
  private: "private",
  linkLocal: "link-local",
  deprecatedSiteLocal: "private",
  unspecified: "unspecified",
  broadcast: "multicast",
  multicast: "multicast",
  carrierGradeNat: "carrier-grade NAT",
  uniqueLocal: "unique local",
};

/** The metadata service of Azure, although it is a public address: it serves keys and certificates of the virtual machine. */
const AZURE_METADATA = "168.63.129.16";
/** IANA has assigned no other addresses to the public Internet (RFC 4291, section 2.4). */
const GLOBAL_UNICAST = [ipaddr.IPv6.parse("2000::"), 3] as const;
/** RFC 6052: the well-known prefix by which a network without IPv4 reaches an IPv4 address. */
const NAT64 = [ipaddr.IPv6.parse("64:ff9b::"), 96] as const;

/**
 * Classifies an address. An address with an embedded IPv4 address (mapped, NAT64) is classified as the IPv4 address.
 *
 * @param address - an IPv4 address in dotted notation or an IPv6 address, as from sockets and `dns.lookup`; a zone id is ignored
 * @returns `undefined` for an address of the public Internet; "reserved" for an address of no known range
 */
export function addressClass(address: string): AddressClass | undefined {
  const plain = address.split("%", 1)[0] ?? "";
  if (isIP(plain) === 0) {
    return "reserved";
  }
  const parsed = ipaddr.process(plain);
  return parsed instanceof ipaddr.IPv4 ? classOfIPv4(parsed) : classOfIPv6(parsed);
}

function classOfIPv4(address: ipaddr.IPv4): AddressClass | undefined {
  if (address.toString() === AZURE_METADATA) {
    return "cloud metadata";
  }
  const range = address.range();
  return range === "unicast" ? undefined : (ownEntry(CLASSES, range) ?? "reserved");
}

function classOfIPv6(address: ipaddr.IPv6): AddressClass | undefined {
  if (address.match(NAT64[0], NAT64[1])) {
    return addressClass(address.toByteArray().slice(-4).join("."));
  }
  const range = address.range();
  if (range !== "unicast") {
    return ownEntry(CLASSES, range) ?? "reserved";
  }
  return address.match(GLOBAL_UNICAST[0], GLOBAL_UNICAST[1]) ? undefined : "reserved";
}

/** Whether an address is within `prefixLength` bits of `network`; a mapped IPv4 address is compared as the IPv4 address. */
export function isWithin(address: string, network: string, prefixLength: number): boolean {
  const [one, other] = [ipaddr.process(address.split("%", 1)[0] ?? ""), ipaddr.parse(network)];
  return one.kind() === other.kind() && one.match(other, prefixLength);
}
