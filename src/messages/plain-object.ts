/** Returns the class name of an object. It may be any string, because an own member `constructor` takes precedence. */
export function classOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && /^[\w$]{1,60}$/.test(name) ? name : "not a plain object";
}

/** Function nodes run in their own realm, so the prototype of an object may be the `Object.prototype` of that realm. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}

/** The same as `toJSON`, but without calling a method that the object may have overridden. */
export function isoDate(date: Date): string | null {
  const at = Date.prototype.getTime.call(date);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
