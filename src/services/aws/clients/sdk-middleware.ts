// biome-ignore lint/suspicious/noExplicitAny: each client has its own input and output types, which are not used here
export type Handler = (args: any) => Promise<any>;

/** A middleware of an SDK client: https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/CLIENTS.md */
export type Middleware = (next: Handler, context: object) => Handler;

/** The part of an SDK client that adds a middleware to its outermost step. */
export interface MiddlewareClient {
  readonly middlewareStack: {
    add(
      middleware: Middleware,
      options: { readonly name: string; readonly step: "initialize"; readonly priority?: "high" },
    ): void;
  };
}

/** Adds a middleware around each attempt of a request, inside of the SDK's retry loop. */
export function addToAttempts(client: MiddlewareClient, name: string, middleware: Middleware): void {
  const stack = client.middlewareStack as unknown as {
    add(middleware: Middleware, options: { name: string; step: "finalizeRequest"; priority: "low" }): void;
  };
  stack.add(middleware, { name, step: "finalizeRequest", priority: "low" });
}
