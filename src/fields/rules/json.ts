import type { ErrorCode } from "../../errors/error-codes.ts";
import { faultOfJson } from "../../errors/json-fault.ts";
import type { TextRule } from "./rule.ts";

/** JSON text of an object. */
export function jsonObject(code?: ErrorCode): TextRule {
  return jsonThat((value) => typeof value === "object" && value !== null && !Array.isArray(value), "jsonObject", code);
}

/** JSON text of strings, numbers and booleans, in an array or alone, or of `null`. */
export const jsonStrings = jsonThat(
  (value) => value === null || [value].flat().every((item) => ["string", "number", "boolean"].includes(typeof item)),
  "jsonTexts",
);

/** JSON text whose value satisfies `fits`; otherwise `key` is the reason. */
function jsonThat(fits: (value: unknown) => boolean, key: string, code?: ErrorCode): TextRule {
  return (text) => {
    const parsed = parseJson(text);
    if ("fault" in parsed) {
      return { key: "json", values: { fault: parsed.fault }, code };
    }
    return fits(parsed.value) ? undefined : { key, code };
  };
}

function parseJson(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: faultOfJson(error) };
  }
}
