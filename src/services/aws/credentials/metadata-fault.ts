import type { ErrorCode } from "../../../errors/error-codes.ts";
import type { SharedProfile } from "../configuration/shared-files.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";

const SET_UP =
  "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of Node-RED, or choose a profile, keys or a role in the account node";
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html */
const HOP_LIMIT =
  "In a container on EC2, the hop limit of the instance must be 2: `aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2 --http-endpoint enabled`";

/** Explains why the metadata service, the last source of the default provider chain, returned no credentials. */
export function metadataFault(
  thrown: Error,
  profile: SharedProfile,
): { readonly code: ErrorCode; readonly message: string } {
  const { systemCode, message } = readAwsError(thrown);
  const { statusCode } = thrown as { statusCode?: unknown };
  const code = "AWS_CREDENTIALS_MISSING";
  const nothing = `No credentials were found: none in the environment, none in the profile "${profile.name}" of ${profile.files}, and`;
  if (message === "AWS_EC2_METADATA_DISABLED") {
    return { code, message: `${nothing} the metadata service is switched off (AWS_EC2_METADATA_DISABLED). ${SET_UP}.` };
  }
  if (statusCode === 404) {
    return {
      code,
      message: `${nothing} the EC2 instance of Node-RED has no role. Attach an instance profile to it. ${SET_UP}.`,
    };
  }
  if (statusCode === 401 || statusCode === 403) {
    return {
      code,
      message: `${nothing} the metadata service of the machine returned HTTP ${statusCode}, because no token had arrived. ${HOP_LIMIT}. ${SET_UP}.`,
    };
  }
  if (/Timeout/i.test(message)) {
    return {
      code,
      message: `${nothing} the metadata service of the machine did not respond to the request for a token. ${HOP_LIMIT}. ${SET_UP}.`,
    };
  }
  return { code, message: `${nothing} there is no metadata service (${systemCode ?? message}). ${SET_UP}.` };
}
