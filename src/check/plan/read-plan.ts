import { parseS3Uri } from "../../services/s3/object/parse-uri.ts";
import { type FlowNode, labelOf } from "../flow-node.ts";
import { awsPlan } from "./aws-plan.ts";
import type { FlowPlan, LightlyUse } from "./plan.ts";
import { fieldOf, textOf } from "./step-values.ts";
import { unique } from "./unique.ts";
import { valueFindings } from "./value-findings.ts";

/** Reads from the forms of a flow what its steps use. */
export function readPlan(nodes: readonly FlowNode[]): FlowPlan {
  const isAccount = ({ type }: FlowNode): boolean => type.endsWith("-account");
  const steps = nodes.filter((node) => !isAccount(node));
  const of = (type: string): FlowNode[] => nodes.filter((node) => node.type === type);
  const using = (account: FlowNode): FlowNode[] =>
    steps.filter(({ stored }) => stored.account === account.id || stored.awsAccount === account.id);
  const inUse = (account: FlowNode): boolean => using(account).length > 0;
  return {
    aws: of("lightly-aws-account")
      .filter(inUse)
      .map((account) => awsPlan(account, using(account))),
    lightly: of("lightly-account")
      .filter(inUse)
      .map((account) => ({
        account,
        uses: using(account)
          .filter(({ type }) => type === "lightly-run")
          .map(lightlyUse),
      })),
    pexels: of("lightly-pexels-account").filter(inUse),
    findings: nodes.flatMap(valueFindings),
  };
}

function lightlyUse(step: FlowNode): LightlyUse {
  const labels = fieldOf(step, "runsOn");
  const region = textOf(step, "region");
  return {
    step: labelOf(step),
    dataset: textOf(step, "datasetName"),
    labels: Array.isArray(labels) ? labels.map(String) : [],
    buckets: unique(
      ["inputUri", "lightlyUri"].flatMap((name) => parseS3Uri(textOf(step, name) ?? "")?.bucket ?? []),
    ).map((bucket) => ({ bucket, region })),
  };
}
