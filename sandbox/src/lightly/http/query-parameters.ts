import { invalid } from "./api-fault.ts";

/** Reads one query parameter from all of its occurrences. */
export interface QueryField<T> {
  read(values: readonly string[], name: string): T;
}

export type QueryFields = Readonly<Record<string, QueryField<unknown>>>;
export type QueryValues<Q extends QueryFields> = { [K in keyof Q]: Q[K] extends QueryField<infer T> ? T : never };

/** Parameters of every request, which are checked before the route. */
const CREDENTIALS = new Set(["token", "publicToken"]);

const refuse = (name: string, expected: string) =>
  invalid("BAD_REQUEST", `Query parameter ${name} must be ${expected}.`);

export const text: QueryField<string | undefined> = { read: (values) => values[0] };

/** `True` and `False` as Python writes them, in any case. */
export const flag: QueryField<boolean | undefined> = {
  read(values, name) {
    const value = values[0]?.toLowerCase();
    if (value !== undefined && value !== "true" && value !== "false") {
      throw refuse(name, "true or false");
    }
    return value === undefined ? undefined : value === "true";
  },
};

export function count(min: number): QueryField<number | undefined> {
  return {
    read(values, name) {
      const value = values[0];
      if (value === undefined) {
        return undefined;
      }
      if (!/^\d{1,15}$/.test(value) || Number(value) < min) {
        throw refuse(name, `a whole number, at least ${min}`);
      }
      return Number(value);
    },
  };
}

export function oneOf<const T extends string>(...allowed: readonly T[]): QueryField<T | undefined> {
  const many = someOf(...allowed);
  return { read: (values, name) => many.read(values.slice(0, 1), name)[0] };
}

/** A repeated parameter (`states=OPEN&states=LOCKED`). */
export function someOf<const T extends string>(...allowed: readonly T[]): QueryField<T[]> {
  return {
    read: (values, name) =>
      values.map((value) => {
        const found = allowed.find((candidate) => candidate === value);
        if (found === undefined) {
          throw refuse(name, `one of ${allowed.join(", ")}`);
        }
        return found;
      }),
  };
}

export const texts: QueryField<readonly string[]> = { read: (values) => values };

export function required<T>(field: QueryField<T>): QueryField<NonNullable<T>> {
  return {
    read(values, name) {
      const value = field.read(values, name);
      if (value === undefined || value === null) {
        throw invalid("BAD_REQUEST", `Query parameter ${name} is missing.`);
      }
      return value;
    },
  };
}

/** Reads exactly these parameters; any other name is refused, since it is probably misspelled. */
export function readQuery<Q extends QueryFields>(fields: Q, search: URLSearchParams): QueryValues<Q> {
  for (const name of new Set(search.keys())) {
    if (!CREDENTIALS.has(name) && !Object.hasOwn(fields, name)) {
      throw invalid("BAD_REQUEST", `Query parameter ${name} is not known here.`);
    }
  }
  const entries = Object.entries(fields).map(([name, field]) => [name, field.read(search.getAll(name), name)]);
  return Object.fromEntries(entries) as QueryValues<Q>;
}

export const PAGING = { pageSize: count(1), pageOffset: count(0) };
export const TEAM = { getAssetsOfTeam: flag, getAssetsOfTeamInclusiveSelf: flag };

/** The page of a list: `pageOffset` counts items, not pages. */
export function page<T>(
  items: readonly T[],
  query: { pageSize: number | undefined; pageOffset: number | undefined },
  defaultSize = 5000,
): T[] {
  const from = query.pageOffset ?? 0;
  return items.slice(from, from + (query.pageSize ?? defaultSize));
}

/** Whether the request asks for the team's assets without the user's own: the sandbox's only user has no team. */
export const isOfOthers = (query: { getAssetsOfTeam?: boolean | undefined; shared?: boolean | undefined }): boolean =>
  query.getAssetsOfTeam === true || query.shared === true;
