import type { Field, Fields } from "./field.ts";

/** The name under which the runtime reads a field: `timeoutMinutes` as `timeoutMs`, if that is its unit. */
type ReadName<K extends string, F> =
  F extends Field<unknown, infer U>
    ? [U] extends [{ readonly suffix: infer S extends string; readonly readAs: infer R extends string }]
      ? K extends `${infer Base}${S}`
        ? `${Base}${R}`
        : K
      : K
    : K;

/** The values that the runtime reads from a table of fields. */
export type Values<F extends Fields> = {
  readonly [K in keyof F & string as ReadName<K, F[K]>]: F[K] extends Field<infer T> ? T : never;
};

/** The name under which the runtime reads a field. */
export function readName(name: string, { unit }: Field): string {
  return unit ? `${name.slice(0, -unit.suffix.length)}${unit.readAs}` : name;
}
