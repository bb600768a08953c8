import { PipelineError } from "../../../errors/pipeline-error.ts";

const TAG_LIMIT = 10;
/** S3 returns InvalidTag for anything else (S3 API reference, type Tag). */
const TAG_CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Encodes tags for the `x-amz-tagging` header, which sets them when the object is created, without a second request.
 *
 * @returns the header's value; `undefined` without tags
 * @throws PipelineError `INPUT_INVALID` for more than 10 tags, a key of more than 128 or a value of more than 256 characters,
 *   or characters that S3 does not allow in tags
 */
export function encodeTags(tags: Readonly<Record<string, string>>): string | undefined {
  const entries = Object.entries(tags);
  if (entries.length > TAG_LIMIT) {
    throw new PipelineError(
      "INPUT_INVALID",
      `There are ${entries.length} tags, and S3 allows ${TAG_LIMIT} for an object. Remove some.`,
    );
  }
  for (const [key, value] of entries) {
    if (key === "" || key.length > 128 || value.length > 256) {
      throw new PipelineError(
        "INPUT_INVALID",
        `The tag "${key.slice(0, 128)}" is not valid: its key must have 1 to 128 characters, and its value up to 256.`,
      );
    }
    if (!TAG_CHARACTERS.test(key) || !TAG_CHARACTERS.test(value)) {
      throw new PipelineError(
        "INPUT_INVALID",
        `The tag "${key}" has a character that S3 does not allow: use letters, digits, spaces and _ . : / = + - @.`,
      );
    }
  }
  return entries.length === 0 ? undefined : new URLSearchParams(entries).toString();
}
