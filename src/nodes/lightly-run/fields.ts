import { suggestFrom } from "../../fields/aws-regions.ts";
import { account, choice, flag, hours, json, list, minutes, secret, text } from "../../fields/kinds.ts";
import { bucketOfUri, bucketsIn } from "../../fields/look-up.ts";
import { stepFields } from "../../fields/retries.ts";
import { jsonObject } from "../../fields/rules/json.ts";
import {
  datasetName,
  LIGHTLY_REGIONS,
  lightlyExternalId,
  lightlyKmsKey,
  lightlyRegion,
  lightlyRoleArn,
} from "../../fields/rules/lightly.ts";
import type { ReadProperty } from "../../fields/rules/rule.ts";
import { datasourceUri, isWithinFolder } from "../../fields/rules/s3.ts";
import { selectionFields } from "../../fields/selection.ts";

/** This form has no AWS account, so buckets and roles are looked up with any AWS account in the editor. */
const anyAwsAccount = { anyOf: "lightly-aws-account" };
const lookUpBucket = bucketOfUri(anyAwsAccount);

const setsBuckets = { access: ["role", "keys"] };
const byRole = { access: ["role"] };
const byKeys = { access: ["keys"] };
const missingCode = "LIGHTLY_DATASOURCE_INVALID";

/** Whether the Lightly folder is in the input folder. Those of a message or variable are not known in the form. */
function isOutputInInput(read: ReadProperty): boolean {
  const [input = "", output = ""] = ["inputUri", "lightlyUri"].map((field) =>
    read(`${field}Type`) === "str" ? String(read(field) ?? "") : "",
  );
  return isWithinFolder(output, input);
}

export const fields = stepFields({
  account: account("lightly-account"),
  datasetName: text({
    icon: "database",
    placeholder: "my-dataset",
    typed: "str",
    required: true,
    rule: datasetName,
    lookUp: { what: "datasets", account: "account" },
  }),
  inputType: choice({ Videos: "videos", Images: "images" }, { icon: "film" }),
  access: choice(["role", "keys", "existing"], {
    icon: "key",
    heading: "buckets",
    hint: [{ key: "existing", when: { access: ["existing"] } }],
  }),
  inputUri: text({
    icon: "sign-in",
    placeholder: "s3://my-bucket/videos",
    typed: "str",
    required: true,
    rule: datasourceUri,
    when: setsBuckets,
    lookUp: lookUpBucket,
  }),
  lightlyUri: text({
    icon: "sign-out",
    placeholder: "s3://my-bucket/lightly",
    typed: "str",
    required: true,
    rule: datasourceUri,
    when: setsBuckets,
    lookUp: lookUpBucket,
    warning: { key: "outputInInput", applies: isOutputInInput },
  }),
  region: text({
    icon: "globe",
    placeholder: "eu-central-1",
    typed: "str",
    required: true,
    rule: lightlyRegion,
    when: setsBuckets,
    suggest: suggestFrom(LIGHTLY_REGIONS),
    lookUp: {
      what: "bucketRegions",
      account: anyAwsAccount,
      query: (read) => bucketsIn(read, "inputUri", "lightlyUri"),
      needs: "bucket",
      known: LIGHTLY_REGIONS,
    },
  }),
  roleArn: text({
    icon: "user-secret",
    placeholder: "arn:aws:iam::123456789012:role/name",
    typed: "str",
    required: true,
    rule: lightlyRoleArn,
    when: byRole,
    lookUp: { what: "roles", account: anyAwsAccount },
  }),
  externalId: text({
    icon: "shield",
    placeholder: true,
    typed: "str",
    required: true,
    rule: lightlyExternalId,
    confidential: true,
    when: byRole,
    generated: true,
  }),
  accessKeyId: secret({ icon: "user", shown: true, required: true, missingCode, when: byKeys }),
  secretAccessKey: secret({
    icon: "lock",
    required: true,
    missingCode,
    when: byKeys,
    hint: [{ key: "keys" }],
  }),
  ...selectionFields,
  timeoutHours: hours({ value: 48, min: 0.01, max: 8760, icon: "clock-o", heading: "waiting" }),
  workerTimeoutMinutes: minutes({ value: 15, min: 0, max: 10_080, icon: "hourglass-half", hint: true }),
  useDatapool: flag({ value: true, hint: true, advanced: true }),
  shutdownWhenJobFinished: flag({ value: true, hint: true, advanced: true }),
  kmsKeyArn: text({
    icon: "lock",
    placeholder: true,
    typed: "str",
    rule: lightlyKmsKey,
    when: setsBuckets,
    hint: true,
    advanced: true,
  }),
  priority: choice(
    { LOW: "low", MID: "mid", HIGH: "high", CRITICAL: "critical" },
    { value: "MID", icon: "sort-amount-desc", advanced: true },
  ),
  runsOn: list({
    icon: "tags",
    placeholder: true,
    lookUp: { what: "labels", account: "account", several: true },
    advanced: true,
  }),
  workerConfig: json({ icon: "code", rule: jsonObject("LIGHTLY_WORKER_CONFIG_INVALID"), advanced: true }),
});
