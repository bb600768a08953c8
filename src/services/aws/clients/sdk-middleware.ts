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

/** Where a middleware is added: the later the step, and the lower the priority in it, the nearer to the connection. */
export interface MiddlewareOptions {
  readonly name: string;
  readonly step: "initialize" | "build" | "finalizeRequest" | "deserialize";
  readonly priority?: "high" | "low";
  /** Whether it replaces one of the same name. */
  readonly override?: boolean;
}

/** Adds a middleware to any step of a client or of a command. Their stacks have other types for each step. */
export function addMiddleware(
  { middlewareStack }: { readonly middlewareStack: object },
  options: MiddlewareOptions,
  middleware: Middleware,
): void {
  const stack = middlewareStack as { add(middleware: Middleware, options: MiddlewareOptions): void };
  stack.add(middleware, options);
}

/** Adds a middleware around each attempt of a request, inside of the SDK's retry loop. */
export function addToAttempts(client: MiddlewareClient, name: string, middleware: Middleware): void {
  addMiddleware(client, { name, step: "finalizeRequest", priority: "low" }, middleware);
}
