import { AwsFault } from "../aws/aws-fault.ts";

/** Reads EC2's form bodies: `InstanceId.1=..&Filter.1.Name=..&Filter.1.Value.2=..&DryRun=true`. */
export interface Query {
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** A whole number, or `MissingParameter` / `InvalidParameterValue`. */
  number(name: string): number | undefined;
  /** `Name.1`, `Name.2`, ... in order. */
  list(name: string): string[];
  /** The members of a list of structures, each readable like the whole. */
  structures(name: string): Query[];
}

/** A reader of one form body. */
export function parseQuery(body: string): Query {
  return queryOver(new Map(new URLSearchParams(body)), "");
}

/** The value of a parameter that must be there. */
export function required(query: Query, name: string): string {
  const value = query.text(name);
  if (value === undefined || value === "") {
    throw new AwsFault("MissingParameter", 400, `The request must contain the parameter ${name}`);
  }
  return value;
}

function queryOver(values: ReadonlyMap<string, string>, prefix: string): Query {
  const text = (name: string): string | undefined => values.get(prefix + name);
  const indexesBelow = (name: string): string[] => {
    const start = `${prefix}${name}.`;
    const found = new Set<string>();
    for (const key of values.keys()) {
      const index = key.startsWith(start) ? /^\d+/.exec(key.slice(start.length))?.[0] : undefined;
      if (index !== undefined) {
        found.add(index);
      }
    }
    return [...found].sort((a, b) => Number(a) - Number(b));
  };
  return {
    text,
    flag: (name) => text(name)?.toLowerCase() === "true",
    number(name) {
      const value = text(name);
      if (value === undefined) {
        return undefined;
      }
      if (!/^-?\d+$/.test(value)) {
        throw new AwsFault("InvalidParameterValue", 400, `Value (${value}) for parameter ${name} is invalid.`);
      }
      return Number(value);
    },
    list: (name) => indexesBelow(name).flatMap((index) => text(`${name}.${index}`) ?? []),
    structures: (name) => indexesBelow(name).map((index) => queryOver(values, `${prefix}${name}.${index}.`)),
  };
}
