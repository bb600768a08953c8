import { hasCredentials, type SharedProfile } from "../configuration/shared-files.ts";

/** The sources of the default provider chain, in its order. */
export type CredentialOrigin = "environment" | "profile" | "web identity" | "container" | "instance";

/**
 * Returns the first configured source of the default provider chain. If a configured source fails, such as a `credential_process`, the
 * chain of the SDK continues with the next source, and finally reports that there are no credentials.
 *
 * Keys in the environment have precedence over `AWS_PROFILE`, as in the AWS CLI.
 */
export function originOf(profile: SharedProfile, environment: NodeJS.ProcessEnv = process.env): CredentialOrigin {
  const isSet = (...names: readonly string[]): boolean => names.some((name) => Boolean(environment[name]));
  if (isSet("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")) {
    return "environment";
  }
  const isNamed = isSet("AWS_PROFILE");
  if (hasCredentials(profile) || (isNamed && !profile.exists)) {
    return "profile";
  }
  if (isSet("AWS_WEB_IDENTITY_TOKEN_FILE")) {
    return "web identity";
  }
  return isSet("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
    ? "container"
    : "instance";
}
