import { readBounded } from "../../http/bounded-text.ts";
import { isWebPage } from "../../http/web-page.ts";
import { addMiddleware, type MiddlewareClient } from "./sdk-middleware.ts";

/** The part of a response that is used here. */
interface PageResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Parameters<typeof readBounded>[0];
}

/** The part of a page that an error quotes is at its start. */
const PAGE_BYTES = 64 * 2 ** 10;

/**
 * Makes a client refuse web pages, such as those of a gateway, a login, or the console of a store. The SDK reads a page that is well-formed
 * XML as a response without data, such as an empty list.
 *
 * @returns the same client
 */
export function refusePages<T extends MiddlewareClient>(client: T): T {
  addMiddleware(
    client,
    { name: "refusePages", step: "deserialize", priority: "low" },
    (next, context) => async (args) => {
      const output: { readonly response: PageResponse } = await next(args);
      const { response } = output;
      const { commandName } = context as { readonly commandName?: string };
      // The metadata and the bytes of an object may be those of a page.
      const isObject =
        args.request?.method === "HEAD" || (commandName === "GetObjectCommand" && response.statusCode < 300);
      // Some stores name this type for a response without content.
      const isEmpty = response.headers["content-length"] === "0";
      if (isObject || isEmpty || !isWebPage(response.headers["content-type"])) {
        return output;
      }
      throw Object.assign(new Error("Deserialization error: the response is a web page."), {
        $metadata: { httpStatusCode: response.statusCode },
        $response: response,
        $responseBodyText: (await readBounded(response.body, PAGE_BYTES)) ?? "",
      });
    },
  );
  return client;
}
