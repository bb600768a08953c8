import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { invalid } from "./api-fault.ts";
import type { Schema } from "./body-schema.ts";
import type { QueryFields, QueryValues } from "./query-parameters.ts";

type Method = "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
type Operation = `${Method} /${string}`;
type ParamNames<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | ParamNames<Rest> : never;

export interface RouteResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

export interface Call<Params extends string, Q, B> {
  readonly params: { readonly [K in Params]: string };
  readonly query: Q;
  readonly body: B;
  /** For routes that take raw bytes. */
  readonly message: IncomingMessage;
}

export interface RouteOptions<Q extends QueryFields, B> {
  readonly query?: Q;
  readonly body?: Schema<B>;
  /** The error code of an invalid body; `MALFORMED_REQUEST` by default. */
  readonly invalid?: string;
  /**
   * `token` (default): the API token. `public`: a signed public token, or the API token. `open`: no token.
   * `raw` bodies are read by the handler.
   */
  readonly access?: "token" | "public" | "open";
  readonly raw?: boolean;
}

export interface Route {
  readonly operation: Operation;
  readonly options: RouteOptions<QueryFields, unknown>;
  readonly handle: (call: Call<string, never, never>) => RouteResponse | Promise<RouteResponse>;
}

/** One row of the routing table; `operation` is also the name by which faults are injected. */
export function route<const O extends Operation, Q extends QueryFields = Record<never, never>, B = undefined>(
  operation: O,
  options: RouteOptions<Q, B>,
  handle: (call: Call<ParamNames<O>, QueryValues<Q>, B>) => RouteResponse | Promise<RouteResponse>,
): Route {
  return { operation, options, handle: handle as unknown as Route["handle"] };
}

const json = (status: number, value: unknown): RouteResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(value),
});

export const ok = (value: unknown): RouteResponse => json(200, value);
export const created = (value: unknown): RouteResponse => json(201, value);
export const done = (): RouteResponse => ({ status: 204 });
export const plain = (body: string): RouteResponse => ({
  status: 200,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
});
export const redirect = (location: string): RouteResponse => ({ status: 302, headers: { location } });
export const refusal = (status: number, code: string, error: string): RouteResponse => json(status, { code, error });

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request; of several matches, the one with the most literal segments (`/default` over `/{id}`). */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const table = routes.map((row) => {
    const [method, pattern] = row.operation.split(" ") as [string, string];
    const segments = pattern.split("/").slice(1);
    return { row, method, segments, literals: segments.filter((segment) => !segment.startsWith("{")).length };
  });
  table.sort((a, b) => b.literals - a.literals);
  return (method, path) => {
    const given = path.split("/").slice(1);
    const found = table.find(
      (entry) =>
        entry.method === method &&
        entry.segments.length === given.length &&
        entry.segments.every((segment, index) => segment.startsWith("{") || segment === given[index]),
    );
    if (found === undefined) {
      return undefined;
    }
    const params: Record<string, string> = {};
    found.segments.forEach((segment, index) => {
      if (segment.startsWith("{")) {
        params[segment.slice(1, -1)] = decodeSegment(given[index] ?? "");
      }
    });
    return { route: found.row, params };
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid("BAD_REQUEST", "The path contains a malformed percent code.");
  }
}
