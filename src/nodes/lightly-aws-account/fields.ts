import { AWS_REGIONS, suggestFrom } from "../../fields/aws-regions.ts";
import { connectionFields } from "../../fields/connection.ts";
import { choice, flag, secret, text } from "../../fields/kinds.ts";
import { externalId, region, roleArn } from "../../fields/rules/aws.ts";
import { webAddress } from "../../fields/rules/web-address.ts";

const withKeys = { credentialSource: ["keys"] };
const missingCode = "AWS_CREDENTIALS_MISSING";

export const fields = {
  region: text({
    icon: "globe",
    placeholder: true,
    rule: region,
    suggest: suggestFrom(AWS_REGIONS),
    lookUp: { what: "regions", account: { form: { without: [] } }, known: AWS_REGIONS },
  }),
  credentialSource: choice(["chain", "profile", "keys"], {
    icon: "key",
    hint: [{ key: "chain", when: { credentialSource: ["chain"] } }],
  }),
  profile: text({ icon: "id-card-o", placeholder: "default", when: { credentialSource: ["profile"] } }),
  accessKeyId: secret({ icon: "user", shown: true, required: true, missingCode, when: withKeys }),
  secretAccessKey: secret({ icon: "lock", required: true, missingCode, when: withKeys }),
  sessionToken: secret({ icon: "ticket", placeholder: true, when: withKeys }),
  roleArn: text({
    icon: "user-secret",
    placeholder: true,
    rule: roleArn,
    // The role is chosen with the credentials that will assume it.
    lookUp: { what: "roles", account: { form: { without: ["roleArn", "externalId"] } } },
  }),
  externalId: text({ icon: "shield", placeholder: true, rule: externalId, confidential: true, generated: true }),
  s3Endpoint: text({ icon: "database", placeholder: "AWS_ENDPOINT_URL_S3", rule: webAddress, advanced: true }),
  endpoint: text({ icon: "server", placeholder: "AWS_ENDPOINT_URL", rule: webAddress, advanced: true }),
  forcePathStyle: flag({ value: false, advanced: true }),
  // Blank leaves it to the SDK: AWS_REQUEST_CHECKSUM_CALCULATION, the profile, else "when supported".
  requestChecksums: choice(
    { "": "checksumsDefault", WHEN_SUPPORTED: "checksumsWhenSupported", WHEN_REQUIRED: "checksumsWhenRequired" },
    { icon: "check-square-o", advanced: true },
  ),
  ...connectionFields,
};
