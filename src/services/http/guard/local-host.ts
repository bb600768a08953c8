import { isIP } from "node:net";
import { addressClass } from "./address-class.ts";

/** Returns whether requests to a host stay on this machine: a loopback address, or a name that never leaves it (RFC 6761). */
export function isLocalHost(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, "");
  return isIP(plain) === 0 ? /(?:^|\.)localhost\.?$/i.test(plain) : addressClass(plain) === "loopback";
}
