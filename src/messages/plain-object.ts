/** The name may be anything: the object's own `constructor` comes first. */
export function classOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && /^[\w$]{1,60}$/.test(name) ? name : "no plain object";
}

/** Function nodes run in a realm of their own, so an object's prototype may be another `Object.prototype` than ours. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}

/** As `toJSON` gives it, but not by a method that the object may bring along. */
export function isoDate(date: Date): string | null {
  const at = Date.prototype.getTime.call(date);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
