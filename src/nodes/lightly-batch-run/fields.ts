import { account, choice, hours, list, minutes, pairs, seconds, text, whole } from "../../fields/kinds.ts";
import { bucketOfUri } from "../../fields/look-up.ts";
import { stepFields } from "../../fields/retries.ts";
import { batchName, jobPrefix, shareIdentifier } from "../../fields/rules/batch.ts";
import { VARIABLE_NAME } from "../../fields/rules/command-line.ts";
import { s3Uri } from "../../fields/rules/s3.ts";

const ofItems = { children: ["items"] };

export const fields = stepFields({
  account: account("lightly-aws-account"),
  queue: text({
    icon: "align-justify",
    placeholder: "my-queue",
    typed: "str",
    required: true,
    rule: batchName,
    lookUp: { what: "batchQueues", account: "account" },
  }),
  definition: text({
    icon: "file-text-o",
    placeholder: "my-definition",
    typed: "str",
    required: true,
    rule: batchName,
    lookUp: { what: "batchDefinitions", account: "account" },
  }),
  command: list({ icon: "terminal", value: "[]", typed: "json", hint: true }),
  children: choice(["one", "count", "items"], {
    icon: "clone",
    hint: [
      { key: "count", when: { children: ["count"] } },
      { key: "items", when: ofItems },
    ],
  }),
  arraySize: whole({ value: 2, min: 1, max: 10_000, icon: "hashtag", typed: "num", when: { children: ["count"] } }),
  items: list({
    icon: "list-ol",
    value: "payload",
    placeholder: "s3://my-bucket/a.mp4, s3://my-bucket/b.mp4",
    typed: "str",
    from: "msg",
    required: true,
    // A key may contain commas.
    separator: /,(?=\s*s3:\/\/)|[\r\n]+/,
    when: ofItems,
  }),
  itemsFolder: text({
    icon: "folder-o",
    placeholder: "s3://my-bucket/batch",
    typed: "str",
    rule: s3Uri,
    when: ofItems,
    hint: true,
    lookUp: bucketOfUri("account"),
  }),
  afterChildren: choice(["end", "final"], {
    icon: "compress",
    when: ofItems,
    hint: [{ key: "final", when: { afterChildren: ["final"] } }],
  }),
  waitFor: choice(["ended", "submitted"], {
    icon: "hourglass-half",
    hint: [
      { key: "ended", when: { waitFor: ["ended"] } },
      { key: "submitted", when: { waitFor: ["submitted"] } },
    ],
  }),
  capacityTimeoutMinutes: minutes({ value: 60, min: 0.01, max: 10_080, icon: "hourglass-start", hint: true }),
  timeoutHours: hours({ value: 48, min: 0.01, max: 8760, icon: "clock-o" }),
  environment: pairs("name", { icon: "dollar", keyPattern: VARIABLE_NAME, advanced: true }),
  vcpus: whole({ min: 1, max: 1024, icon: "microchip", placeholder: true, advanced: true }),
  memoryMib: whole({ min: 4, max: 10_000_000, icon: "database", placeholder: true, advanced: true }),
  gpus: whole({ min: 1, max: 64, icon: "bolt", placeholder: true, advanced: true }),
  attempts: whole({ min: 1, max: 10, icon: "repeat", placeholder: true, advanced: true }),
  startTimeoutMinutes: minutes({ value: 30, min: 0.01, max: 10_080, icon: "cube", hint: true, advanced: true }),
  attemptTimeoutMinutes: minutes({ min: 1, max: 525_600, icon: "clock-o", placeholder: true, advanced: true }),
  shareIdentifier: text({ icon: "users", placeholder: true, typed: "str", rule: shareIdentifier, advanced: true }),
  jobPrefix: text({
    icon: "tag",
    value: "lightly",
    placeholder: "lightly",
    required: true,
    rule: jobPrefix,
    advanced: true,
  }),
  pollSeconds: seconds({ value: 5, min: 0.1, max: 600, icon: "refresh", advanced: true }),
});
