import { PipelineError } from "../../../errors/pipeline-error.ts";

const METADATA_LIMIT_BYTES = 2048;
/** An encoded word has at most 75 characters (RFC 2047, section 2), of which 12 are its frame: the other 63 hold 45 bytes in base64. */
const WORD_BYTES = 45;

/**
 * Encodes user metadata for S3, which takes it as HTTP headers. Values that are not plain ASCII become RFC 2047 encoded words
 * (`=?UTF-8?B?...?=`), the format in which S3 itself returns such values. Empty values are left out.
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
        `"${name}" is not a valid name for S3 metadata: use letters, digits, ".", "_" and "-".`,
      );
    }
    const text = encodeValue(value.trim());
    if (text !== "") {
      encoded.push([name.toLowerCase(), text]);
      bytes += name.length + text.length;
    }
  }
  if (bytes > METADATA_LIMIT_BYTES) {
    throw new PipelineError("INPUT_INVALID", `The S3 metadata has ${bytes} bytes, and S3 allows 2 KB. Shorten it.`);
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
