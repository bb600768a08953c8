// biome-ignore lint/suspicious/noExplicitAny: each client has input and output types of its own, which are of no concern here
export type Handler = (args: any) => Promise<any>;

/** A middleware of an SDK client: https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/CLIENTS.md */
export type Middleware = (next: Handler, context: object) => Handler;

/** An SDK client, as far as a middleware for its outermost step is added to it. */
export interface MiddlewareClient {
  readonly middlewareStack: {
    add(
      middleware: Middleware,
      options: { readonly name: string; readonly step: "initialize"; readonly priority?: "high" },
    ): void;
  };
}
