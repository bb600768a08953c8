import { matching, type TextRule } from "./rule.ts";
import { webAddress } from "./web-address.ts";

/** The URL of an HTTP proxy, or `none`. */
export const proxyAddress: TextRule = (text) =>
  /^none$/i.test(text) || webAddress(text) === undefined ? undefined : { key: "proxyAddress" };

/** The absolute path of a file, on Windows as well. */
export const filePath = matching(/^(?:\/|\\\\|[A-Za-z]:[\\/])/, "absolutePath");
