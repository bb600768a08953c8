/**
 * Codes with which EC2 says that there is no machine for an instance just now, as a refusal or as the reason of its state: of the
 * type in the zone, of a Capacity Reservation, of a Dedicated Host, for a spot request. From EC2's list of error codes.
 */
const NO_CAPACITY = new Set(["ReservationCapacityExceeded", "UnfulfillableCapacity", "UnavailableHostRequirements"]);

/** Whether a code, with or without `Server.` or `Client.` before it, means a lack of capacity. */
export function isCapacityCode(code: string): boolean {
  const name = code.replace(/^(?:Server|Client)\./, "");
  const isInsufficient = name.startsWith("Insufficient") && !name.startsWith("InsufficientAddress");
  return NO_CAPACITY.has(name) || (isInsufficient && name.includes("Capacity"));
}

/** What there is no room in, as it reads in a sentence. */
export function describeCapacity(code: string): string {
  const name = code.replace(/^(?:Server|Client)\./, "");
  if (name === "ReservationCapacityExceeded" || name.startsWith("InsufficientReserved")) {
    return `the capacity reservation that it uses is full now (${code})`;
  }
  if (/Host/.test(name)) {
    return `no dedicated host has room for it now (${code})`;
  }
  return `AWS has no machine of its type free in its zone now (${code})`;
}
