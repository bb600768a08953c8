import { matching, type Rule, type TextRule } from "./rule.ts";

const regionName = matching(/^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/, "region");

/** A region of AWS. With an endpoint, other services may have any region names. */
export const region: Rule = (text, read) => {
  const isElsewhere = ["endpoint", "s3Endpoint"].some((field) => (read(field) ?? "") !== "");
  return isElsewhere ? undefined : regionName(text);
};

export const roleArn = matching(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, "roleArn");

/** The external id of a role for STS. */
export const externalId = matching(/^[\w+=,.@:/-]{2,1224}$/, "externalId");

/** Returns whether a text is the id of an EC2 instance. */
export function isInstanceId(text: string): boolean {
  return /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(text);
}

/** The id of an EC2 instance. */
export const instanceId: TextRule = (text) =>
  isInstanceId(text) ? undefined : { key: "instanceIds", code: "EC2_INSTANCE_INVALID" };
