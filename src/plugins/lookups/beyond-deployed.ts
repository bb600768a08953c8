import type { DeployedAccount } from "./deployed-account.ts";
import { KEPT_SECRET, variableIn } from "./form-text.ts";

/** An account as a request describes it, before anything is put in. */
export interface DescribedAccount {
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** What the request says of secrets; one that it does not name is the stored one. */
  readonly credentials: Readonly<Record<string, unknown>>;
}

interface AccountFields {
  /** Fields that say where requests go, or by which credentials of this machine they are signed. */
  readonly own: readonly string[];
  /** Other fields on which it depends where a secret goes. */
  readonly others: readonly string[];
  /** Secrets without which the account uses one of this machine: a variable of its environment, a file, an instance's role. */
  readonly secrets: readonly string[];
}

/** Names and intervals are absent: they change nothing about where a request goes. */
const FIELDS: ReadonlyMap<string, AccountFields> = new Map([
  [
    "lightly-aws-account",
    {
      own: ["endpoint", "profile"],
      others: ["region", "credentialSource", "roleArn", "externalId", "forcePathStyle"],
      secrets: ["accessKeyId", "secretAccessKey"],
    },
  ],
  ["lightly-account", { own: ["apiUrl"], others: [], secrets: ["token"] }],
  ["lightly-pexels-account", { own: ["apiUrl"], others: [], secrets: ["apiKey"] }],
]);

/**
 * Whether a request wants more than the deployed account does already, so that only a user who may deploy may send it.
 *
 * Without that right there are two kinds of requests. Either the account is as it is deployed, and at most its secrets are typed in:
 * then stored secrets and variables go where they go anyway. Or every secret is typed in, and it goes to the service's usual address.
 *
 * @returns false for a type that is no account: such a request is refused in any case
 */
export function goesBeyondDeployed(account: DescribedAccount, deployed: DeployedAccount | undefined): boolean {
  const fields = FIELDS.get(account.type);
  if (fields === undefined) {
    return false;
  }
  return !(isAsDeployed(account, deployed, fields) || bringsItsOwn(account, deployed, fields));
}

function isAsDeployed(
  { values, credentials }: DescribedAccount,
  deployed: DeployedAccount | undefined,
  { own, others }: AccountFields,
): boolean {
  if (deployed === undefined) {
    return false;
  }
  const sameValues = [...own, ...others].every((name) => plain(values[name]) === plain(deployed.values[name]));
  const sameVariables = Object.entries(credentials).every(
    ([name, value]) => variableIn(value) === undefined || plain(value) === plain(deployed.credentials[name]),
  );
  return sameValues && sameVariables;
}

function bringsItsOwn(
  { type, values, credentials }: DescribedAccount,
  deployed: DeployedAccount | undefined,
  { own, others, secrets }: AccountFields,
): boolean {
  const usesNothingStored = Object.keys(deployed?.credentials ?? {}).every((name) => isTyped(credentials[name]));
  return (
    usesNothingStored &&
    own.every((name) => plain(values[name]) === "") &&
    [...own, ...others].every((name) => variableIn(values[name]) === undefined) &&
    Object.values(credentials).every(isTyped) &&
    secrets.every((name) => plain(credentials[name]) !== "") &&
    (type !== "lightly-aws-account" || values.credentialSource === "keys")
  );
}

function isTyped(value: unknown): boolean {
  return typeof value === "string" && value !== KEPT_SECRET && variableIn(value) === undefined;
}

/** Fields of old flows may be absent; a blank one and the first choice of a list mean the same. */
function plain(value: unknown): string {
  const text = typeof value === "string" || value === true ? String(value).trim() : "";
  return text === "chain" ? "" : text;
}
