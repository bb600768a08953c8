/** What is wrong at one place of a value. */
export interface Fault {
  /** `strategies[0].input.type`; empty for the value itself. */
  readonly path: string;
  /** Completes the sentence that starts with the path: "must be ...". */
  readonly problem: string;
}

/** Describes legal values: reports each fault of a value. `T` is the type of a value without faults. */
export interface Rule<T> {
  check(value: unknown, path: string, faults: Fault[]): void;
  /** Never set: carries `T` for {@link Infer}. */
  readonly type?: T;
}

/** The type of what a rule accepts. */
export type Infer<R> = R extends Rule<infer T> ? T : never;

/** Every fault of `value` under `rule`, in the order of the rule. */
export function faultsOf(rule: Rule<unknown>, value: unknown): Fault[] {
  const faults: Fault[] = [];
  rule.check(value, "", faults);
  return faults;
}

/** A value as a fault quotes it. */
export function shown(value: unknown): string {
  if (value === null || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "string") {
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
