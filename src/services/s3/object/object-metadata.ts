import { PipelineError } from "../../../errors/pipeline-error.ts";

const METADATA_LIMIT_BYTES = 2048;
/** An encoded word has at most 75 characters (RFC 2047, section 2), 12 of them its frame: 63 of base64 are 45 bytes. */
const WORD_BYTES = 45;

/**
 * Makes user metadata fit for S3, which takes it as HTTP headers. Values that are not plain ASCII become RFC 2047 encoded words
 * (`=?UTF-8?B?...?=`), the form in which S3 itself gives such values back. Empty values are left out.
 *
 * @returns names in lower case with their encoded values
 * @throws PipelineError `INPUT_INVALID` for a name that can't be a header, or more than 2 KB in all
 */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const encoded: [string, string][] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[\w.-]+$/.test(name)) {
      throw new PipelineError(
        "INPUT_INVALID",
        `"${name}" can't be the name of S3 metadata: letters, digits, ".", "_" and "-".`,
      );
    }
    const text = encodeValue(value.trim());
    if (text !== "") {
      encoded.push([name.toLowerCase(), text]);
      bytes += name.length + text.length;
    }
  }
  if (bytes > METADATA_LIMIT_BYTES) {
    throw new PipelineError("INPUT_INVALID", `The S3 metadata has ${bytes} bytes; 2 KB are allowed. Shorten it.`);
  }
  return Object.fromEntries(encoded);
}

function encodeValue(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value) && !value.includes("=?")) {
    return value;
  }
  const words: string[] = [];
  let word = "";
  for (const character of value) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((text) => `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`).join(" ");
}
