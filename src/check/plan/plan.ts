import type { InstanceSelector } from "../../services/ec2/instance-selector.ts";
import type { Finding } from "../finding.ts";
import type { FlowNode } from "../flow-node.ts";

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
