import { text } from "../../host/host.ts";

/** The meaning of an error code in the user's language; empty if this version does not know it, because another one has written the journal. */
export function meaningOf(code = ""): string {
  const key = `errors.${code}`;
  const meaning = code === "" ? key : text(key);
  return meaning.endsWith(key) ? "" : meaning;
}
