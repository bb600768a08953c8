import { PipelineError } from "../../errors/pipeline-error.ts";

const TAG_LIMIT = 10;

/**
 * Writes tags in the form of the `x-amz-tagging` header, with which an object is born tagged: no second request, no second
 * failure.
 *
 * @returns the header's value; `undefined` without tags
 * @throws PipelineError `INPUT_INVALID` for more than 10 tags, a key of more than 128 or a value of more than 256 characters
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
  }
  return entries.length === 0 ? undefined : new URLSearchParams(entries).toString();
}
