import { STORED_SECRET } from "../../fields/stored-secret.ts";
import type { DeployedAccount } from "./deployed-account.ts";
import { variableIn } from "./form-text.ts";

/** An account as a request describes it, before stored secrets and environment variables are inserted. */
export interface DescribedAccount {
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The secrets of the request. A secret that is absent is the stored one. */
  readonly credentials: Readonly<Record<string, unknown>>;
}

interface AccountFields {
  /** Fields that determine where requests go, or which credentials of this machine sign them. */
  readonly target: readonly string[];
  /** Other fields that influence where a secret is sent. */
  readonly others: readonly string[];
  /** Secrets that, if absent, the account takes from this machine: from an environment variable, a file, or an instance role. */
  readonly secrets: readonly string[];
}

/** A credential, because it may contain a password, but also a destination of requests. */
const PROXY = "proxy";

/** Names and intervals are absent because they don't influence where a request goes. */
const FIELDS: ReadonlyMap<string, AccountFields> = new Map([
  [
    "lightly-aws-account",
    {
      target: ["endpoint", "s3Endpoint", "profile", "caFile"],
      others: ["region", "credentialSource", "roleArn", "externalId", "forcePathStyle"],
      secrets: ["accessKeyId", "secretAccessKey"],
    },
  ],
  ["lightly-account", { target: ["apiUrl", "caFile"], others: [], secrets: ["token"] }],
  ["lightly-pexels-account", { target: ["apiUrl", "caFile"], others: [], secrets: ["apiKey"] }],
]);

/**
 * Whether only a user with permission to deploy may send this request, because it could send a stored secret to another address.
 *
 * Two kinds of requests need no such permission. Either the account is as deployed, apart from secrets that the user has entered: then
 * stored secrets and variables are sent where the deployed account sends them. Or the user has entered every secret, and the request
 * goes to the default address of the service.
 *
 * @returns false for a type that is not an account: such a request is refused in any case
 */
export function needsDeployPermission(account: DescribedAccount, deployed: DeployedAccount | undefined): boolean {
  const fields = FIELDS.get(account.type);
  if (fields === undefined) {
    return false;
  }
  return !(isAsDeployed(account, deployed, fields) || isSelfContained(account, deployed, fields));
}

function isAsDeployed(
  { values, credentials }: DescribedAccount,
  deployed: DeployedAccount | undefined,
  { target, others }: AccountFields,
): boolean {
  if (deployed === undefined) {
    return false;
  }
  const sameValues = [...target, ...others].every((name) => plain(values[name]) === plain(deployed.values[name]));
  const sameVariables = Object.entries(credentials).every(
    ([name, value]) => variableIn(value) === undefined || plain(value) === plain(deployed.credentials[name]),
  );
  const sameProxy = plain(credentials[PROXY] ?? deployed.credentials[PROXY]) === plain(deployed.credentials[PROXY]);
  return sameValues && sameVariables && sameProxy;
}

function isSelfContained(
  { type, values, credentials }: DescribedAccount,
  deployed: DeployedAccount | undefined,
  { target, others, secrets }: AccountFields,
): boolean {
  const usesNothingStored = Object.keys(deployed?.credentials ?? {}).every((name) => isEntered(credentials[name]));
  return (
    usesNothingStored &&
    target.every((name) => plain(values[name]) === "") &&
    plain(credentials[PROXY]) === "" &&
    [...target, ...others].every((name) => variableIn(values[name]) === undefined) &&
    Object.values(credentials).every(isEntered) &&
    secrets.every((name) => plain(credentials[name]) !== "") &&
    (type !== "lightly-aws-account" || values.credentialSource === "keys")
  );
}

function isEntered(value: unknown): boolean {
  return typeof value === "string" && value !== STORED_SECRET && variableIn(value) === undefined;
}

/** Fields of old flows may be absent. A blank field means the same as the first option of a list. */
function plain(value: unknown): string {
  const text = typeof value === "string" || value === true ? String(value).trim() : "";
  return text === "chain" ? "" : text;
}
