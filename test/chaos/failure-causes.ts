import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FaultRule } from "lightly-aws-sandbox";
import type { Choices } from "./seeded.ts";
import type { VideoSize } from "./video-files.ts";
import type { World } from "./world.ts";

/** A cause of the failure of a run, until it is removed. */
export interface FailureCause {
  readonly name: string;
  /** The video that shows it. Absent: both. */
  readonly video?: VideoSize;
  /** Causes it, and returns a function that removes it. */
  readonly begin: (world: World, choices: Choices) => () => void;
  /** The request that is refused; absent where a script or a worker fails. */
  readonly operation?: string;
}

const SCHEDULE = "POST /v1/datasets/{datasetId}/docker/worker/schedule";

/** The delay of a refusal: long enough for any progress of the run's other branch, including the worker. */
const LATEST_REFUSAL_MS = 1200;

/** A missing permission, a crashed worker, and a missing image. */
export const FAILURE_CAUSES: readonly FailureCause[] = [
  refused("s3", "PutObject", { status: 403, code: "AccessDenied" }, "small"),
  refused("ec2", "StartInstances", { status: 403, code: "UnauthorizedOperation" }),
  {
    name: "the schedule is refused",
    operation: SCHEDULE,
    begin: ({ sandbox: { faults } }, choices) => {
      const latencyMs = choices.whole(0, LATEST_REFUSAL_MS);
      const rule = { service: "lightly", operation: "*/docker/worker/schedule", kind: "status", status: 403 } as const;
      const id = faults.add({ ...rule, latencyMs });
      return () => faults.remove(id);
    },
  },
  {
    name: "the worker crashes",
    begin: ({ sandbox: { faults } }) => {
      faults.workerCrash = true;
      return () => {
        faults.workerCrash = false;
      };
    },
  },
  refused("ssm", "SendCommand", { status: 400, code: "AccessDeniedException" }),
  { name: "the script ends with 125", begin: breakScript },
  // One of its parts is already uploaded.
  refused("s3", "UploadPart", { status: 403, code: "AccessDenied", after: 1 }, "large"),
];

function refused(
  service: FaultRule["service"],
  operation: string,
  rule: Partial<FaultRule>,
  video?: VideoSize,
): FailureCause {
  return {
    name: `${operation} is refused`,
    operation,
    ...(video && { video }),
    begin: ({ sandbox: { faults } }) => {
      const id = faults.add({ ...rule, service, operation, kind: "status" });
      return () => faults.remove(id);
    },
  };
}

/** The exit code of `docker run` for a missing image. */
function breakScript({ stateDir, sandbox }: World): () => void {
  const file = join(stateDir, "sandbox", "instances", sandbox.instanceId, "home", "ubuntu", "run.sh");
  const script = readFileSync(file, "utf8");
  writeFileSync(file, "echo 'docker: Error response from daemon: no such image.' >&2\nexit 125\n");
  return () => writeFileSync(file, script);
}
