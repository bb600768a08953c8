import { AwsFault } from "../aws/aws-fault.ts";
import { childElements, childText, group, text, type XmlElement, xmlDocument } from "./s3-xml.ts";

type Tags = Readonly<Record<string, string>>;

const MAX_TAGS = 10;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Tags in the format of the `x-amz-tagging` header, `a=1&b=2`. */
export function readTagHeader(header: string | undefined): Tags {
  return checkTags([...new URLSearchParams(header ?? "")]);
}

/** Tags of a `<Tagging>` element. */
export function readTagging(tagging: XmlElement): Tags {
  const tags = childElements(tagging, "TagSet").flatMap((set) => childElements(set, "Tag"));
  return checkTags(tags.map((tag) => [childText(tag, "Key") ?? "", childText(tag, "Value") ?? ""] as const));
}

export function writeTagging(tags: Tags): string {
  const set = Object.entries(tags).map(([key, value]) => group("Tag", text("Key", key), text("Value", value)));
  return xmlDocument("Tagging", group("TagSet", ...set));
}

function checkTags(tags: readonly (readonly [key: string, value: string])[]): Tags {
  if (tags.length > MAX_TAGS) {
    throw new AwsFault("BadRequest", 400, `Object tags cannot be greater than ${MAX_TAGS}`);
  }
  for (const [key, value] of tags) {
    if (key === "" || key.length > MAX_KEY_LENGTH || key.startsWith("aws:") || !ALLOWED.test(key)) {
      throw new AwsFault("InvalidTag", 400, "The TagKey you have provided is invalid", { TagKey: key });
    }
    if (value.length > MAX_VALUE_LENGTH || !ALLOWED.test(value)) {
      throw new AwsFault("InvalidTag", 400, "The TagValue you have provided is invalid", { TagKey: key });
    }
  }
  const record = Object.fromEntries(tags);
  if (Object.keys(record).length < tags.length) {
    throw new AwsFault("InvalidTag", 400, "Cannot provide multiple Tags with the same key");
  }
  return record;
}
