import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AwsCredentials } from "../aws/aws-service.ts";
import { issueTemporaryCredentials } from "../aws/temporary-credentials.ts";

/** Longer than a sandbox runs; every start writes a new file. */
const VALID_MS = 30 * 24 * 3_600_000;

/**
 * Writes the credentials that the instance's role gives to its programs. They are in a file and not in the environment, so that a script
 * that prints its environment does not print them.
 */
export function writeRoleFile(instanceFolder: string, root: AwsCredentials, instanceId: string): void {
  const caller = { arn: `arn:aws:sts::000000000000:assumed-role/sandbox-instance/${instanceId}`, userId: instanceId };
  const session = issueTemporaryCredentials(root, caller, new Date(Date.now() + VALID_MS));
  const lines = [
    "[default]",
    `aws_access_key_id = ${session.accessKeyId}`,
    `aws_secret_access_key = ${session.secretAccessKey}`,
    `aws_session_token = ${session.sessionToken}`,
  ];
  mkdirSync(dirname(roleFile(instanceFolder)), { recursive: true });
  writeFileSync(roleFile(instanceFolder), `${lines.join("\n")}\n`, { mode: 0o600 });
}

/** For `AWS_SHARED_CREDENTIALS_FILE`. */
export function roleFile(instanceFolder: string): string {
  return join(instanceFolder, "var", "lib", "sandbox", "role-credentials");
}
