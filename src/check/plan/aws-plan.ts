import type { FlowNode } from "../flow-node.ts";
import type { AwsPlan, InstanceUse } from "./plan.ts";
import { fieldOf, numberOf, textOf } from "./step-values.ts";
import { unique } from "./unique.ts";
import { usedFolders } from "./used-folders.ts";

/** Reads what the steps of an AWS account use. */
export function awsPlan(account: FlowNode, steps: readonly FlowNode[]): AwsPlan {
  const ofType = (type: string): FlowNode[] => steps.filter((step) => step.type === type);
  const [starts, scripts, studios, batchRuns] = [
    ofType("lightly-ec2-start"),
    ofType("lightly-ssm-run-script"),
    ofType("lightly-studio-select"),
    ofType("lightly-batch-run"),
  ];
  const isOnline = (step: FlowNode): boolean => fieldOf(step, "waitFor") === "online";
  const hasTimer = (step: FlowNode): boolean => isOnline(step) && Number(fieldOf(step, "autoStopMinutes")) > 0;
  const isWorker = (step: FlowNode): boolean => fieldOf(step, "mode") === "worker";
  const isStoppedByRun = ofType("lightly-ec2-stop").some((step) => fieldOf(step, "select") === "run");
  return {
    account,
    folders: usedFolders(steps),
    instances: [
      ...starts.flatMap((step) => instancesOf(step, { starts: true, stops: isStoppedByRun })),
      ...ofType("lightly-ec2-stop").flatMap((step) => instancesOf(step, { starts: false, stops: true })),
      ...[...scripts, ...studios].flatMap((step) => instancesOf(step, { starts: false, stops: false })),
    ],
    onInstance: {
      scripts: unique(scripts.filter((step) => !isWorker(step)).flatMap((step) => textOf(step, "script") ?? [])),
      pythons: unique(studios.flatMap((step) => textOf(step, "python") ?? [])),
      docker: scripts.some(isWorker) ? "worker" : scripts.length > 0 ? "script" : "none",
      gpu: scripts.some((step) => !isWorker(step) || fieldOf(step, "gpus") !== "none"),
    },
    batch: batchRuns.map((step) => ({
      queue: textOf(step, "queue"),
      definition: textOf(step, "definition"),
      shareIdentifier: textOf(step, "shareIdentifier"),
      gpus: numberOf(step, "gpus"),
    })),
    usesAgent: scripts.length > 0 || studios.length > 0 || starts.some(isOnline),
    sendsCommands: scripts.length > 0 || studios.length > 0 || starts.some(hasTimer),
    shutsDown: starts.some(hasTimer),
  };
}

/** Instances that the form does not name come from the run. */
function instancesOf(step: FlowNode, use: Pick<InstanceUse, "starts" | "stops">): InstanceUse[] {
  if (fieldOf(step, "select") === "tags") {
    const tags = fieldOf(step, "tags") as Readonly<Record<string, string>> | undefined;
    return tags && Object.keys(tags).length > 0 ? [{ select: { tags }, ...use }] : [];
  }
  const ids = fieldOf(step, "select") === "run" ? [] : fieldOf(step, "instanceIds");
  return Array.isArray(ids) && ids.length > 0 ? [{ select: { ids: ids.map(String) }, ...use }] : [];
}
