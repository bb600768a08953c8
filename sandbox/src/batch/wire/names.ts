import { clientError } from "./fields.ts";

/** Checks the name of a job, definition, queue or environment. */
export function checkName(name: string, what: string): string {
  if (!/^[A-Za-z0-9][\w-]{0,127}$/.test(name)) {
    throw clientError(
      `${what} should match valid pattern: 1 to 128 letters, digits, hyphens and underscores, the first one a letter or a digit.`,
    );
  }
  return name;
}

const MAX_TAGS = 50;

/** Checks the tags of a resource. */
export function checkTags(tags: Record<string, string>): Record<string, string> {
  const names = Object.keys(tags);
  const wrong = names.find(
    (name) => name === "" || name.length > 128 || (tags[name] ?? "").length > 256 || /^aws:/i.test(name),
  );
  if (names.length > MAX_TAGS || wrong !== undefined) {
    throw clientError(
      wrong === undefined ? `A resource can have at most ${MAX_TAGS} tags.` : `The tag '${wrong}' is not valid.`,
    );
  }
  return tags;
}
