/** A problem at one position of a value. */
export interface Fault {
  /** `strategies[0].input.type`; empty for the value itself. */
  readonly path: string;
  /** Completes the sentence that starts with the path: "must be ...". */
  readonly problem: string;
}

/** Describes valid values. `T` is the type of a value without faults. */
export interface Rule<T> {
  /** Yields the faults of a value one by one, so that the caller can stop early. */
  check(value: unknown, path: string): Iterable<Fault>;
  /** Never set; only for {@link Infer}. */
  readonly type?: T;
}

/** The type of the values that a rule accepts. */
export type Infer<R> = R extends Rule<infer T> ? T : never;

/** Without a limit, an array of a million invalid items would have a million faults. */
const MAX_FAULTS = 1000;

/** Returns the faults of a value in the order of the rule, at most a thousand. */
export function findFaults(rule: Rule<unknown>, value: unknown): Fault[] {
  const faults: Fault[] = [];
  for (const fault of rule.check(value, "")) {
    faults.push(fault);
    if (faults.length === MAX_FAULTS) {
      break;
    }
  }
  return faults;
}

/** Adds a condition to a rule. */
export function withCondition<T>(rule: Rule<T>, refine: (value: unknown, path: string) => Iterable<Fault>): Rule<T> {
  return {
    *check(value, path) {
      yield* rule.check(value, path);
      yield* refine(value, path);
    },
  };
}

/** Formats a value for a fault. */
export function quote(value: unknown): string {
  if (value === null || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "string") {
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
