import type { BatchCore } from "../batch-core.ts";
import { clientError, type JsonObject, textMap } from "./fields.ts";
import { checkTags } from "./names.ts";

/** Something with tags that can be replaced. */
interface Tagged {
  tags: Readonly<Record<string, string>>;
}

type TagAction = (core: BatchCore, arn: string, from: JsonObject, query: URLSearchParams) => JsonObject;

/** The operations below `/v1/tags/`. */
export const TAG_ACTIONS = {
  TagResource(core, arn, from) {
    change(core, arn, (tags) => checkTags({ ...tags, ...textMap(from, "tags") }));
    return {};
  },
  UntagResource(core, arn, _from, query) {
    const names = query.getAll("tagKeys");
    change(core, arn, (tags) => Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name))));
    return {};
  },
  ListTagsForResource: (core, arn) => ({ tags: { ...find(core, arn).tags } }),
} satisfies Readonly<Record<string, TagAction>>;

function change(core: BatchCore, arn: string, edit: (tags: Tagged["tags"]) => Tagged["tags"]): void {
  const found = find(core, arn);
  found.tags = edit(found.tags);
  const job = jobOf(core, arn);
  if (job === undefined) {
    core.resources.save();
  } else {
    core.book.save(job);
  }
}

/** @throws AwsFault `ClientException`, including for the child of an array, which can't have tags */
function find(core: BatchCore, arn: string): Tagged {
  const { resources } = core;
  const found: Tagged | undefined =
    jobOf(core, arn) ?? resources.queue(arn) ?? resources.environment(arn) ?? resources.definition(arn);
  if (found === undefined || !arn.startsWith("arn:")) {
    throw clientError(`The resource ${arn} does not exist, or can't have tags.`);
  }
  return found;
}

function jobOf({ book }: BatchCore, arn: string) {
  const job = book.find(/^arn:[^/]*:job\/(.*)$/.exec(arn)?.[1] ?? "");
  return job?.parentId === undefined ? job : undefined;
}
