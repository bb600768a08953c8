import { ownEntry } from "../errors/own-entry.ts";
import { redact } from "../errors/redact.ts";
import { NODE_FIELDS } from "../nodes/shared/configuration/node-fields.ts";
import { secretPattern } from "../services/secret-pattern.ts";
import type { FlowReport } from "./check-flow.ts";
import type { FlowNode } from "./flow-node.ts";

/** Secrets that accounts take from the environment. */
const SECRET_VARIABLES = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LIGHTLY_TOKEN", "PEXELS_API_KEY"];
/** Shorter values would match unrelated words. */
const MIN_LENGTH = 4;

/** Masks all secrets of the nodes in the messages of a report: a server may repeat them in its errors. */
export function withoutSecrets(report: FlowReport, nodes: readonly FlowNode[]): FlowReport {
  const secrets = [...nodes.flatMap(secretsOf), ...SECRET_VARIABLES.map((name) => process.env[name])]
    .filter((value): value is string => typeof value === "string" && value.length >= MIN_LENGTH)
    .map(secretPattern);
  const clean = (text: string): string =>
    redact(secrets.reduce((rest, secret) => rest.replace(secret, () => "***"), text));
  return {
    ...report,
    findings: report.findings.map((one) => ({ ...one, resource: clean(one.resource), message: clean(one.message) })),
  };
}

function secretsOf({ type, stored }: FlowNode): unknown[] {
  return Object.entries(ownEntry(NODE_FIELDS, type) ?? {})
    .filter(([, field]) => field.secretType === "password" || (field.confidential && field.secretType === undefined))
    .map(([name]) => stored[name]);
}
