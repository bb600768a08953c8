import { AwsFault } from "../aws/aws-fault.ts";
import type { Query } from "./form-query.ts";

/** One page of a list, and the token for the next one. The caller decides whether `MaxResults` is allowed. */
export function page<T>(
  all: readonly T[],
  query: Query,
  options: { least: number; most: number },
): { items: T[]; nextToken?: string } {
  const size = query.number("MaxResults");
  if (size !== undefined && (size < options.least || size > options.most)) {
    throw new AwsFault(
      "InvalidParameterValue",
      400,
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between ${options.least} and ${options.most}.`,
    );
  }
  const start = startOf(query.text("NextToken"));
  const end = size === undefined ? all.length : start + size;
  return { items: all.slice(start, end), ...(end < all.length ? { nextToken: tokenFor(end) } : {}) };
}

function tokenFor(start: number): string {
  return Buffer.from(`from:${start}`).toString("base64url");
}

function startOf(token: string | undefined): number {
  if (token === undefined || token === "") {
    return 0;
  }
  const match = /^from:(\d+)$/.exec(Buffer.from(token, "base64url").toString());
  if (match === null) {
    throw new AwsFault("InvalidParameterValue", 400, "Unable to parse pagination token");
  }
  return Number(match[1]);
}
