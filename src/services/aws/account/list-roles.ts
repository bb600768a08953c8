import type { EC2Client } from "@aws-sdk/client-ec2";
import type { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Listing, listing, MAX_LISTED } from "../../listing.ts";
import { awsPages } from "../aws-pages.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";
import { explainDenial } from "../errors/explain-denial.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../errors/map-aws-error.ts";
import { queryError, sendQuery, xmlElement } from "./query-request.ts";

/** A role of a list to choose from. */
export interface ListedRole {
  readonly name: string;
  readonly arn: string;
}

export interface ListRolesOptions {
  readonly ec2: EC2Client;
  /** The address of IAM. */
  readonly address: string;
  /** The region for signatures: IAM has one per partition. */
  readonly region: string;
  readonly signal: AbortSignal;
}

const CONTEXT = { service: "iam", action: "iam:ListRoles", resource: "roles" } as const;
/** Each role comes with its trust policy: up to some KiB. */
const PAGE_SIZE = "100";

/**
 * Lists the roles of the account that an identity may assume. Roles that only services or signed-in users of other systems may assume,
 * such as those of instances, are left out.
 *
 * @returns the roles by name
 * @throws PipelineError `AWS_REQUEST_REFUSED` if the credentials may not list roles, the other `AWS_*`, `ABORTED`
 */
export async function listRoles(options: ListRolesOptions): Promise<Listing<ListedRole>> {
  const found: ListedRole[] = [];
  let more = false;
  const pages = awsPages({
    action: CONTEXT.action,
    read: (marker?: string) => readPage(options, marker),
    next: (text) => xmlElement(text, "Marker"),
  });
  for await (const text of pages) {
    found.push(...rolesIn(text));
    more = xmlElement(text, "Marker") !== undefined;
    if (found.length > MAX_LISTED) {
      break;
    }
  }
  return listing(
    found.sort((a, b) => a.name.localeCompare(b.name)),
    more,
  );
}

async function readPage(options: ListRolesOptions, marker: string | undefined): Promise<string> {
  const parameters = new URLSearchParams({
    Action: "ListRoles",
    Version: "2010-05-08",
    MaxItems: PAGE_SIZE,
    ...(marker !== undefined && { Marker: marker }),
  });
  let response: Awaited<ReturnType<typeof sendQuery>>;
  try {
    response = await sendQuery({ ...options, service: "iam", body: parameters.toString(), now: Date.now() });
  } catch (error) {
    throw mapCommonAwsError(error, CONTEXT) ?? awsRequestRefused(error, CONTEXT);
  }
  if (response.status < 200 || response.status >= 300) {
    throw refusal(queryError(response));
  }
  return response.text;
}

function refusal(error: Error): PipelineError {
  const facts = readAwsError(error);
  if (/^AccessDenied(?:Exception)?$/.test(facts.name)) {
    const text = explainDenial(facts, { service: "iam", action: CONTEXT.action, on: "all roles (*)" });
    return awsError("AWS_REQUEST_REFUSED", text, { error, context: CONTEXT });
  }
  return mapCommonAwsError(error, CONTEXT) ?? awsRequestRefused(error, CONTEXT);
}

function rolesIn(text: string): ListedRole[] {
  return text
    .split("<member>")
    .slice(1)
    .flatMap((member) => {
      const [name, arn] = [xmlElement(member, "RoleName"), xmlElement(member, "Arn")];
      const policy = xmlElement(member, "AssumeRolePolicyDocument") ?? "";
      return name !== undefined && arn !== undefined && trustsIdentity(policy) ? [{ name, arn }] : [];
    });
}

/** Whether a trust policy, as IAM encodes it, lets an account, a user or another role assume the role. */
function trustsIdentity(encoded: string): boolean {
  try {
    const { Statement } = JSON.parse(decodeURIComponent(encoded)) as { Statement?: unknown };
    return [Statement].flat().some((one) => {
      const { Effect, Principal } = Object(one) as { Effect?: unknown; Principal?: unknown };
      return Effect === "Allow" && (Principal === "*" || Object.hasOwn(Object(Principal) as object, "AWS"));
    });
  } catch {
    // It is not known who may assume it: the user decides.
    return true;
  }
}
