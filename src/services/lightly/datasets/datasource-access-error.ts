import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { MissingPermission, Permission } from "./datasource-access.ts";
import type { Datasource } from "./datasource-config.ts";

/** A datasource as errors mention it. */
export interface DatasourceLocation {
  /** `INPUT`, `LIGHTLY` or both. */
  readonly purpose: string;
  readonly uri: string;
  readonly roleArn?: string;
  readonly kmsKeyArn?: string;
}

/** The location of a datasource of the form. */
export function locationOf({ purpose, uri, access, kmsKeyArn }: Datasource): DatasourceLocation {
  return {
    purpose,
    uri,
    ...(access.kind === "role" && { roleArn: access.roleArn }),
    ...(kmsKeyArn !== undefined && { kmsKeyArn }),
  };
}

const WORDS: Readonly<Record<Permission, string>> = {
  canList: "list",
  canRead: "read",
  canWrite: "write",
  canOverwrite: "overwrite",
};
const ACTIONS: Readonly<Record<Permission, readonly string[]>> = {
  canList: ["s3:ListBucket"],
  canRead: ["s3:GetObject"],
  canWrite: ["s3:PutObject"],
  canOverwrite: ["s3:PutObject", "s3:DeleteObject"],
};

/** The error of missing permissions. It names the locations, the permissions and what to check; it does not repeat the external id. */
export function accessError(
  missing: readonly MissingPermission[],
  { datasetName, locations }: { readonly datasetName: string; readonly locations: readonly DatasourceLocation[] },
): PipelineError {
  const permissions = missing.map(({ permission }) => permission);
  const onInput = permissions.some((permission) => permission === "canList" || permission === "canRead");
  const concerned = locations.filter(({ purpose }) => onInput || purpose !== "INPUT");
  const where = concerned.map(({ purpose, uri }) => `${uri} (${purpose})`).join(" and ");
  const named = where === "" ? "" : `: ${where}`;
  const reasons = [...new Set(missing.flatMap(({ reason }) => reason ?? []))].map(withFullStop);
  const quote = reasons.length === 0 ? "" : ` Lightly says: ${reasons.join(" ")}`;
  const roles = [...new Set(concerned.flatMap(({ roleArn }) => roleArn ?? []))];
  const who = roles.length === 0 ? "the access of Lightly" : `the role ${roles.join(", ")}`;
  const trust = roles.length === 0 ? "" : ` that it trusts Lightly's account with the external id of lightly run,`;
  const actions = [...new Set(permissions.flatMap((permission) => ACTIONS[permission]))].join(", ");
  const keys = concerned.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []);
  const kms = keys.length === 0 ? "" : ` and kms:GenerateDataKey and kms:Decrypt on ${keys.join(", ")}`;
  const words = permissions.map((permission) => WORDS[permission]).join(", ");
  return new PipelineError(
    "LIGHTLY_DATASOURCE_DENIED",
    `Lightly can't ${words} in the datasources of the dataset "${datasetName}"${named}.${quote} Check ${who}:${trust} that the policies allow ${actions} there${kms}, and that bucket, prefix and region are right.`,
    { details: { missing: permissions, datasources: concerned.map(({ uri }) => uri), datasetName } },
  );
}

function withFullStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
