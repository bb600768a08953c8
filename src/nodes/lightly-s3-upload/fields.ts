import { account, anything, choice, flag, gib, mib, minutes, pairs, text, whole } from "../../fields/kinds.ts";
import { prefixesOf } from "../../fields/look-up.ts";
import { stepFields } from "../../fields/retries.ts";
import { bucket, headerValue, keyPrefix, keyTemplate, METADATA_NAME, mediaType } from "../../fields/rules/s3.ts";

const fromUrl = { sourceKind: ["url", "object"] };

export const fields = stepFields({
  account: account("lightly-aws-account"),
  bucket: text({
    icon: "archive",
    placeholder: "my-bucket",
    typed: "str",
    required: true,
    rule: bucket,
    lookUp: { what: "buckets", account: "account" },
  }),
  prefix: text({
    icon: "folder-o",
    placeholder: "videos",
    typed: "str",
    rule: keyPrefix,
    lookUp: prefixesOf("account"),
  }),
  key: text({
    icon: "file-o",
    placeholder: "{prefix}/{random}/{basename}",
    typed: "str",
    rule: keyTemplate,
    hint: true,
  }),
  sourceKind: choice(["file", "url", "object", "buffer"], { icon: "upload" }),
  source: anything({ icon: "sign-in", value: "filename", typed: "str", from: "msg", required: true }),
  sourceFolder: text({ icon: "folder-open-o", placeholder: true, when: { sourceKind: ["file"] } }),
  ifExists: choice(["refuse", "check", "overwrite"], { icon: "clone" }),
  maxSizeGib: gib({ value: 50, min: 0.001, max: 50_000, when: fromUrl, icon: "hdd-o", advanced: true }),
  timeoutMinutes: minutes({ value: 1440, min: 0.1, max: 10_080, when: fromUrl, icon: "clock-o", advanced: true }),
  parallelReads: whole({ value: 1, min: 1, max: 16, when: fromUrl, icon: "exchange", advanced: true }),
  storageClass: choice(
    {
      "": "bucketDefault",
      STANDARD: null,
      INTELLIGENT_TIERING: null,
      STANDARD_IA: null,
      ONEZONE_IA: null,
      GLACIER_IR: null,
    },
    { icon: "database", advanced: true },
  ),
  encryption: choice({ "": "bucketDefault", AES256: "aes256", "aws:kms": "kms" }, { icon: "lock", advanced: true }),
  kmsKeyId: text({ icon: "key", placeholder: true, when: { encryption: ["aws:kms"] }, advanced: true }),
  acl: choice(
    {
      "": "noAcl",
      "bucket-owner-full-control": null,
      "bucket-owner-read": null,
      private: null,
      "public-read": null,
      "authenticated-read": null,
      "aws-exec-read": null,
    },
    { icon: "users", advanced: true },
  ),
  requestPayer: flag({ value: false, advanced: true }),
  contentType: text({ icon: "file-video-o", placeholder: true, rule: mediaType, advanced: true }),
  cacheControl: text({ icon: "hourglass-o", placeholder: "max-age=86400", rule: headerValue, advanced: true }),
  contentDisposition: text({
    icon: "download",
    placeholder: 'attachment; filename="clip.mp4"',
    rule: headerValue,
    advanced: true,
  }),
  // Parts in S3 have 5 MiB to 5 GiB.
  partSizeMib: mib({ placeholder: true, min: 5, max: 5120, icon: "puzzle-piece", advanced: true }),
  tags: pairs("key", { icon: "tags", max: 10, advanced: true }),
  metadata: pairs("name", { icon: "list-ul", keyPattern: METADATA_NAME, advanced: true }),
});
