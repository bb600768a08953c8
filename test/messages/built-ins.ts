/** The objects that a name in a message must never reach. */
const BUILT_INS: Readonly<Record<string, object>> = {
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  RegExp,
  Date,
  Error,
  Map,
  Set,
  WeakMap,
  Promise,
  Uint8Array,
  Buffer,
  JSON,
  Reflect,
  globalThis,
};

/** All members of the built-in objects and their prototypes, to compare them before and after. */
export function builtInMembers(): string[] {
  return Object.entries(BUILT_INS).flatMap(([name, object]) => {
    const prototype = (object as { prototype?: object }).prototype;
    const keys = (of: object | undefined, label: string): string[] =>
      of ? Reflect.ownKeys(of).map((key) => `${label}.${String(key)}`) : [];
    return [...keys(object, name), ...keys(prototype, `${name}.prototype`)];
  });
}
