import { ownEntry } from "../errors/own-entry.ts";
import { isWithinFolder } from "../fields/rules/s3.ts";
import { NODE_FIELDS } from "../nodes/shared/configuration/node-fields.ts";
import type { InstanceSelector } from "../services/ec2/instance-selector.ts";
import { parseS3Uri } from "../services/s3/object/parse-uri.ts";
import { type Finding, problem, type Result, unchecked, warning } from "./finding.ts";
import { type FlowNode, labelOf } from "./flow-node.ts";
import { knownText, knownValue, staticValue } from "./static-value.ts";

/** A folder in a bucket that the account itself uses. */
export interface FolderUse {
  readonly bucket: string;
  readonly prefix: string;
  readonly writes: boolean;
  readonly reads: boolean;
  readonly lists?: boolean;
  /** Further actions on the objects, such as `s3:PutObjectTagging`. */
  readonly actions: readonly string[];
}

/** Instances that a step names. */
export interface InstanceUse {
  readonly select: InstanceSelector;
  readonly starts: boolean;
  readonly stops: boolean;
}

/** What runs on the instances of an account. */
export interface OnInstance {
  readonly scripts: readonly string[];
  readonly pythons: readonly string[];
  /** `worker`: docker is certainly needed; `script`: the script probably starts the worker with it. */
  readonly docker: "worker" | "script" | "none";
  readonly gpu: boolean;
}

/** What a *batch run* names. */
export interface BatchUse {
  readonly queue: string | undefined;
  readonly definition: string | undefined;
  readonly shareIdentifier: string | undefined;
  readonly gpus: number | undefined;
}

/** What the steps of a flow use of an AWS account. */
export interface AwsPlan {
  readonly account: FlowNode;
  readonly folders: readonly FolderUse[];
  readonly instances: readonly InstanceUse[];
  readonly onInstance: OnInstance;
  readonly batch: readonly BatchUse[];
  /** Whether a step waits for the SSM agent, and whether one sends commands. */
  readonly usesAgent: boolean;
  readonly sendsCommands: boolean;
  /** Whether an instance shuts itself down at the end of its auto-stop timer. */
  readonly shutsDown: boolean;
}

/** A bucket that Lightly uses with its own role. */
export interface LightlyBucket {
  readonly bucket: string;
  readonly region: string | undefined;
}

/** What one *lightly run* uses. */
export interface LightlyUse {
  readonly step: string;
  readonly dataset: string | undefined;
  readonly labels: readonly string[];
  readonly buckets: readonly LightlyBucket[];
}

export interface LightlyPlan {
  readonly account: FlowNode;
  readonly uses: readonly LightlyUse[];
}

/** What the steps of a flow use. */
export interface FlowPlan {
  readonly aws: readonly AwsPlan[];
  readonly lightly: readonly LightlyPlan[];
  readonly pexels: readonly FlowNode[];
  /** Values that are not valid, or known only when a message arrives. */
  readonly findings: readonly Finding[];
}

/** Fields that name a resource: if a message names it, it can't be checked before. */
const RESOURCES = [
  "bucket",
  "instanceIds",
  "script",
  "datasetName",
  "inputUri",
  "lightlyUri",
  "output",
  "datasetUri",
  "queue",
  "definition",
];

/** Reads from the forms of a flow what its steps use. */
export function planOf(nodes: readonly FlowNode[]): FlowPlan {
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
    findings: nodes.flatMap(faultsOf),
  };
}

function awsPlan(account: FlowNode, steps: readonly FlowNode[]): AwsPlan {
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
    folders: merged([
      ...ofType("lightly-video-source").flatMap(listedFolder),
      ...ofType("lightly-s3-upload").flatMap(uploadFolder),
      ...ofType("lightly-results").flatMap(resultFolder),
      ...studios.flatMap(studioFolders),
      ...batchRuns.flatMap(listFolder),
    ]),
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

function listedFolder(step: FlowNode): FolderUse[] {
  const bucket = fieldOf(step, "kind") === "s3" ? textOf(step, "bucket") : undefined;
  return bucket === undefined
    ? []
    : [{ bucket, prefix: folderOf(textOf(step, "prefix")), writes: false, reads: false, lists: true, actions: [] }];
}

function uploadFolder(step: FlowNode): FolderUse[] {
  const bucket = textOf(step, "bucket");
  const tags = step.stored.tags;
  const actions = [
    ...(Array.isArray(tags) && tags.length > 0 ? ["s3:PutObjectTagging"] : []),
    ...(textOf(step, "acl") === undefined ? [] : ["s3:PutObjectAcl"]),
  ];
  return bucket === undefined
    ? []
    : [{ bucket, prefix: folderOf(textOf(step, "prefix")), writes: true, reads: false, actions }];
}

function resultFolder(step: FlowNode): FolderUse[] {
  const bucket = textOf(step, "bucket");
  return bucket === undefined
    ? []
    : [{ bucket, prefix: folderOf(textOf(step, "prefix")), writes: true, reads: true, actions: [] }];
}

/** LightlyStudio writes with the role of the instance; Node-RED reads progress and results. */
function studioFolders(step: FlowNode): FolderUse[] {
  const place = parseS3Uri(textOf(step, "output") ?? "");
  return place ? [{ bucket: place.bucket, prefix: folderOf(place.key), writes: false, reads: true, actions: [] }] : [];
}

/** A list of items that is too long for a variable. */
function listFolder(step: FlowNode): FolderUse[] {
  const place = parseS3Uri(textOf(step, "itemsFolder") ?? "");
  return place ? [{ bucket: place.bucket, prefix: folderOf(place.key), writes: true, reads: false, actions: [] }] : [];
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

/** Instances that the form does not name come from the run. */
function instancesOf(step: FlowNode, use: Pick<InstanceUse, "starts" | "stops">): InstanceUse[] {
  if (fieldOf(step, "select") === "tags") {
    const tags = fieldOf(step, "tags") as Readonly<Record<string, string>> | undefined;
    return tags && Object.keys(tags).length > 0 ? [{ select: { tags }, ...use }] : [];
  }
  const ids = fieldOf(step, "select") === "run" ? [] : fieldOf(step, "instanceIds");
  return Array.isArray(ids) && ids.length > 0 ? [{ select: { ids: ids.map(String) }, ...use }] : [];
}

/** Two steps may use the same folder. */
function merged(folders: readonly FolderUse[]): FolderUse[] {
  const found = new Map<string, FolderUse>();
  for (const folder of folders) {
    const key = `${folder.bucket}/${folder.prefix}`;
    const known = found.get(key) ?? folder;
    found.set(key, {
      ...folder,
      writes: folder.writes || known.writes,
      reads: folder.reads || known.reads,
      ...((folder.lists || known.lists) && { lists: true }),
      actions: unique([...folder.actions, ...known.actions]),
    });
  }
  return [...found.values()];
}

function faultsOf(node: FlowNode): Finding[] {
  const fields = ownEntry(NODE_FIELDS, node.type) ?? {};
  const results = Object.keys(fields).flatMap((name): Result[] => {
    const value = staticValue(node, fields, name);
    if ("fault" in value) {
      return [{ ...problem(labelOf(node), value.fault.message), code: value.fault.code }];
    }
    // Instances that an earlier step of the flow has put on the message are those of that step.
    return "later" in value && RESOURCES.includes(name) && value.later !== "msg.ec2.instanceIds"
      ? [unchecked(labelOf(node), `"${name}" is known when a message arrives (${value.later}).`)]
      : [];
  });
  return [...results, ...outputInInput(node)].map((one): Finding => ({ check: "values", ...one }));
}

/** What Lightly writes would be input of the next run. */
function outputInInput(node: FlowNode): Result[] {
  const [input = "", output = ""] = ["inputUri", "lightlyUri"].map((name) => textOf(node, name));
  const text = `The Lightly folder ${output} is in the input folder ${input}: what Lightly writes there may become input of the next run. Use another folder for Lightly.`;
  return isWithinFolder(output, input) ? [warning(labelOf(node), text)] : [];
}

function fieldOf(step: FlowNode, name: string): unknown {
  const fields = ownEntry(NODE_FIELDS, step.type) ?? {};
  return fields[name] === undefined ? undefined : knownValue(step, fields, name);
}

function textOf(step: FlowNode, name: string): string | undefined {
  const fields = ownEntry(NODE_FIELDS, step.type) ?? {};
  return fields[name] === undefined ? undefined : knownText(step, fields, name);
}

function numberOf(step: FlowNode, name: string): number | undefined {
  const value = fieldOf(step, name);
  return typeof value === "number" ? value : undefined;
}

function folderOf(prefix = ""): string {
  return prefix.split("/").filter(Boolean).join("/");
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
