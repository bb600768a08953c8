import { AwsFault } from "../aws/aws-fault.ts";
import { ACCOUNT_ID } from "../aws/aws-service.ts";
import { group, text } from "../s3/s3-xml.ts";

/** A role of the sandbox's account. */
export interface IamRole {
  readonly name: string;
  /** The principal of its trust policy: who may assume it. */
  readonly principal: Readonly<Record<string, string>>;
}

/** One for instances, and one that the account's own users may assume. */
export const SANDBOX_ROLES: readonly IamRole[] = [
  { name: "lightly-access", principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` } },
  { name: "sandbox-instance", principal: { Service: "ec2.amazonaws.com" } },
];

/** ListRoles, in pages of `MaxItems`; its `Marker` is the position of the next role. */
export function listRoles(form: URLSearchParams, roles: readonly IamRole[]): string {
  const size = Number(form.get("MaxItems") ?? 100);
  const start = Number(form.get("Marker") ?? 0);
  if (!Number.isInteger(size) || size < 1 || size > 1000 || !Number.isInteger(start)) {
    throw new AwsFault("ValidationError", 400, "MaxItems must be 1 to 1000, and Marker that of an earlier response.");
  }
  const end = start + size;
  const isTruncated = end < roles.length;
  return (
    group("Roles", ...roles.slice(start, end).map(member)) +
    text("IsTruncated", String(isTruncated)) +
    (isTruncated ? text("Marker", String(end)) : "")
  );
}

function member({ name, principal }: IamRole): string {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }],
  };
  return group(
    "member",
    text("Path", "/"),
    text("RoleName", name),
    text("RoleId", `AROA${Buffer.from(name).toString("hex").slice(0, 16).toUpperCase()}`),
    text("Arn", `arn:aws:iam::${ACCOUNT_ID}:role/${name}`),
    text("CreateDate", "2026-01-01T00:00:00Z"),
    text("AssumeRolePolicyDocument", encodeURIComponent(JSON.stringify(trust))),
    text("MaxSessionDuration", "3600"),
  );
}
