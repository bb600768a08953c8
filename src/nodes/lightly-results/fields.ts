import { account, anything, choice, hours, text } from "../../fields/kinds.ts";
import { stepFields } from "../../fields/retries.ts";
import { bucket, keyPrefix } from "../../fields/rules/s3.ts";

const withLinks = { format: ["labelStudio", "urls"] };
const toS3 = { destination: ["s3"] };

export const fields = stepFields({
  account: account("lightly-account", { required: false, hint: true }),
  awsAccount: account("lightly-aws-account", { required: false, hint: true }),
  datasetId: text({ icon: "database", value: "lightly.datasetId", typed: "str", from: "msg", required: true }),
  tag: anything({ icon: "bookmark-o", value: "lightly.tag", placeholder: true, typed: "str", from: "msg" }),
  format: choice(["list", "csv", "labelStudio", "coco", "urls"], { icon: "sign-out" }),
  links: choice({ s3: "s3Links", signed: "signedLinks" }, { icon: "link", when: { format: ["labelStudio"] } }),
  // The maximum lifetime of a signed URL of S3 is seven days.
  linkExpiryHours: hours({ value: 24, min: 0.1, max: 168, icon: "clock-o", when: withLinks, hint: true }),
  destination: choice(["none", "folder", "s3"], { icon: "truck" }),
  folder: text({ icon: "folder-o", placeholder: true, typed: "str", when: { destination: ["folder"] } }),
  bucket: text({ icon: "archive", placeholder: "my-bucket", typed: "str", required: true, rule: bucket, when: toS3 }),
  prefix: text({ icon: "folder-o", placeholder: "frames", typed: "str", rule: keyPrefix, when: toS3 }),
});
