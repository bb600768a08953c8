/**
 * Codes of EC2 for a temporary lack of capacity, as an error or as the reason of an instance's state: for the type in the zone, a
 * Capacity Reservation, a Dedicated Host, or a spot request. From EC2's list of error codes.
 */
const NO_CAPACITY = new Set(["ReservationCapacityExceeded", "UnfulfillableCapacity", "UnavailableHostRequirements"]);

/** Whether a code, with or without the prefix `Server.` or `Client.`, means a lack of capacity. */
export function isCapacityCode(code: string): boolean {
  const name = code.replace(/^(?:Server|Client)\./, "");
  const isInsufficient = name.startsWith("Insufficient") && !name.startsWith("InsufficientAddress");
  return NO_CAPACITY.has(name) || (isInsufficient && name.includes("Capacity"));
}

/** The kind of capacity that is missing, as part of a sentence. */
export function describeCapacity(code: string): string {
  const name = code.replace(/^(?:Server|Client)\./, "");
  if (name === "ReservationCapacityExceeded" || name.startsWith("InsufficientReserved")) {
    return `its capacity reservation is currently full (${code})`;
  }
  if (/Host/.test(name)) {
    return `no dedicated host currently has capacity for it (${code})`;
  }
  return `AWS currently has no capacity for its type in its zone (${code})`;
}
