import { PipelineError } from "../../../errors/pipeline-error.ts";

const TAG_LIMIT = 10;
/** S3 answers InvalidTag to anything else (S3 API reference, type Tag). */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Writes tags in the form of the `x-amz-tagging` header, with which an object is born tagged: no second request, no second
 * failure.
 *
 * @returns the header's value; `undefined` without tags
 * @throws PipelineError `INPUT_INVALID` for more than 10 tags, a key of more than 128 or a value of more than 256 characters,
 *   or characters that S3 takes in no tag
 */
export function encodeTags(tags: Readonly<Record<string, string>>): string | undefined {
  const entries = Object.entries(tags);
  if (entries.length > TAG_LIMIT) {
    throw new PipelineError("INPUT_INVALID", `${entries.length} tags are given; an S3 object takes ${TAG_LIMIT}.`);
  }
  for (const [key, value] of entries) {
    if (key === "" || key.length > 128 || value.length > 256) {
      throw new PipelineError(
        "INPUT_INVALID",
        `The tag "${key.slice(0, 128)}" is not a legal one: 1 to 128 characters for the key, up to 256 for the value.`,
      );
    }
    if (!TAG_TEXT.test(key) || !TAG_TEXT.test(value)) {
      throw new PipelineError(
        "INPUT_INVALID",
        `The tag "${key}" has a character that S3 takes in no tag: letters, digits, spaces and _ . : / = + - @ are allowed.`,
      );
    }
  }
  return entries.length === 0 ? undefined : new URLSearchParams(entries).toString();
}
