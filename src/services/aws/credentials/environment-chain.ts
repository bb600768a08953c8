import { hasCredentials, type SharedProfile } from "../configuration/shared-files.ts";

/** One of the places where the SDK looks for credentials, in its order. */
export type CredentialPlace = "environment" | "profile" | "web identity" | "container" | "instance";

/**
 * Finds the first place of the default provider chain that is set up. The chain of the SDK goes on to the next place when a place that is
 * set up fails, such as a `credential_process`, and reports at its end that there are no credentials.
 *
 * Keys in the environment win over `AWS_PROFILE`, as for the AWS CLI.
 */
export function placeOf(profile: SharedProfile, environment: NodeJS.ProcessEnv = process.env): CredentialPlace {
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
