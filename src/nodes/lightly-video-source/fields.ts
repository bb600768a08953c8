import { account, choice, flag, list, text, whole } from "../../fields/kinds.ts";
import { prefixesOf } from "../../fields/look-up.ts";
import { stepFields } from "../../fields/retries.ts";
import { bucket, keyPrefix } from "../../fields/rules/s3.ts";

const inFolder = { kind: ["folder"] };
const inS3 = { kind: ["s3"] };
const inList = { kind: ["list"] };
const listed = { kind: ["folder", "s3"] };

export const fields = stepFields({
  kind: choice(["folder", "s3", "list"], { icon: "film" }),
  folder: text({ icon: "folder-open-o", placeholder: "/data/videos", typed: "str", required: true, when: inFolder }),
  account: account("lightly-aws-account", { when: inS3 }),
  bucket: text({
    icon: "archive",
    placeholder: "my-bucket",
    typed: "str",
    required: true,
    rule: bucket,
    when: inS3,
    lookUp: { what: "buckets", account: "account" },
  }),
  prefix: text({
    icon: "folder-o",
    placeholder: "videos",
    typed: "str",
    rule: keyPrefix,
    when: inS3,
    lookUp: prefixesOf("account"),
  }),
  list: list({
    icon: "list-ol",
    value: "payload",
    placeholder: "/data/a.mp4, s3://my-bucket/b.mp4",
    typed: "str",
    from: "msg",
    // A name or a URL may contain commas.
    separator: /,(?=\s*(?:\/|[a-z]:[\\/]|s3:\/\/|https?:\/\/))|[\r\n]+/i,
    when: inList,
    hint: true,
  }),
  pattern: text({ icon: "filter", placeholder: true, typed: "str", when: listed, hint: true }),
  recursive: flag({ value: true, when: listed }),
  maxVideos: whole({ icon: "hashtag", placeholder: true, typed: "num", min: 1, max: 10_000 }),
  runs: choice(["one", "each"], {
    icon: "random",
    hint: [
      { key: "one", when: { runs: ["one"] } },
      { key: "each", when: { runs: ["each"] } },
    ],
  }),
  maxConcurrency: whole({ value: 4, min: 1, max: 100, icon: "tasks", hint: true }),
  maxFailures: whole({ value: 10, min: 0, max: 10_000, icon: "exclamation-triangle", hint: true }),
});
