import { deepEqual, equal } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { FaultRule } from "lightly-aws-sandbox";
import type { SsmResult } from "../../../../src/nodes/lightly-ssm-run-script/ssm-result.ts";
import type { StepRecord } from "../../../../src/records/run-record.ts";
import { runs } from "../../../../src/runs/run-registry.ts";
import { startInstances } from "../../../../src/services/ec2/start-instances.ts";
import type { UploadedObject } from "../../../../src/services/s3/upload/upload-object.ts";
import { HANG_MS } from "../../../support/limits.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { loadFlow, result, type TestFlow, useNodeRed } from "../../support/flow.ts";
import { useSandbox } from "../../support/sandbox.ts";
import { workOnce } from "../../support/worker.ts";

/** The SDK itself sends a request up to three times. */
const ONE_TRY = 3;
const upload = {
  type: "lightly-s3-upload",
  account: "aws",
  source: "filename",
  sourceType: "msg",
  bucket: "lightly-input",
  bucketType: "str",
  prefix: "videos",
  prefixType: "str",
  ifExists: "refuse",
};
const retries = { retries: "2", retrySeconds: "0.1" };

describe("a step with retries", () => {
  useNodeRed();
  const local = useSandbox();
  const folder = temporaryFolder();
  let filename = "";

  before(async () => {
    filename = join(folder, "clip.mp4");
    await writeFile(filename, "a clip");
  });

  const unsubscribes: Array<() => void> = [];
  afterEach(() => {
    for (const unsubscribe of unsubscribes.splice(0)) {
      unsubscribe();
    }
  });

  const fail = (rule: Omit<FaultRule, "kind">): string =>
    local.sandbox.faults.add({ kind: "status", status: 500, ...rule });

  const stepOf = (runId: string): StepRecord => {
    const [step] = runs.get(runId)?.steps ?? [];
    if (!step) {
      throw new Error(`There is no run ${runId}.`);
    }
    return step;
  };

  const isOver = ({ completed, caught }: TestFlow): boolean => completed.length + caught.length > 0;

  /** All values of an id in the step's checkpoint during a test. */
  function checkpoints(runId: string, name: string): Set<unknown> {
    const values = new Set<unknown>();
    const unsubscribe = runs.onChange((changed) => {
      const value = changed === runId ? stepOf(runId).checkpoint?.[name] : undefined;
      if (value !== undefined) {
        values.add(value);
      }
    });
    unsubscribes.push(unsubscribe);
    return values;
  }

  /** Lightly refuses one request, and requests a pause that is too long for the client. */
  function refuseOnce(operation: string): void {
    const { faults } = local.sandbox;
    const { apply } = faults;
    faults.apply = async (service, asked, request, response, refuse) => {
      if (asked !== operation) {
        return apply(service, asked, request, response, refuse);
      }
      faults.apply = apply;
      response.setHeader("retry-after", "3600");
      refuse(429, "TOO_MANY_REQUESTS", "Later.");
      return true;
    };
    unsubscribes.push(() => {
      faults.apply = apply;
    });
  }

  async function uploaded(runId: string, fields: Record<string, unknown>): Promise<TestFlow> {
    const flow = await loadFlow({ step: { ...upload, ...fields }, ...local.accounts });
    flow.receive({ filename, runId });
    await flow.until(() => isOver(flow));
    return flow;
  }

  it("completes with the next attempt after a transient error, and its record has the number of the attempt", async () => {
    fail({ service: "s3", operation: "PutObject", times: ONE_TRY });
    const flow = await uploaded("passes", retries);
    deepEqual(flow.caught, []);
    equal(flow.sent[0]?.length, 1);
    equal(stepOf("passes").state, "completed");
    equal(stepOf("passes").attempt, 2);
    equal(flow.statuses.filter(({ text }) => text.includes("retry")).length, 1);
    equal(flow.statuses.at(-1)?.fill, "green");
  });

  it("fails after the number of retries in the form, and informs Catch once", async () => {
    fail({ service: "s3", operation: "PutObject" });
    const flow = await uploaded("stays", retries);
    equal(flow.caught.length, 1);
    equal(flow.caught[0]?.error.code, "AWS_SERVICE_FAILED");
    equal(stepOf("stays").state, "failed");
    equal(stepOf("stays").attempt, 3);
    deepEqual(flow.sent[0], []);
    deepEqual(flow.completed, []);
  });

  it("is not retried after a permanent error", async () => {
    const flow = await uploaded("hopeless", { ...retries, bucket: "no-such-bucket" });
    equal(flow.caught[0]?.error.code, "S3_BUCKET_NOT_FOUND");
    equal(stepOf("hopeless").attempt, undefined);
  });

  it("is not retried if its node is older than the two fields", async () => {
    fail({ service: "s3", operation: "PutObject", times: ONE_TRY });
    const flow = await uploaded("older", {});
    equal(flow.caught[0]?.error.code, "AWS_SERVICE_FAILED");
    equal(stepOf("older").attempt, undefined);
  });

  it("does not wait for its next attempt if the run is aborted", async () => {
    fail({ service: "s3", operation: "PutObject" });
    const step = { ...upload, retries: "2", retrySeconds: "3600" };
    const flow = await loadFlow({ step, ...local.accounts });
    flow.receive({ filename, runId: "aborted" });
    await flow.until(() => flow.statuses.some(({ text }) => text.includes("retry")));
    equal(stepOf("aborted").progress?.state, "retrying");
    flow.receive({ abort: true, runId: "aborted" });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "ABORTED");
    equal(runs.get("aborted")?.state, "aborted");
    equal(flow.caught.length, 1);
    deepEqual(flow.sent[0], []);
  });

  it("uploads to the key of its first attempt", async () => {
    const keys = checkpoints("one key", "key");
    fail({ service: "s3", operation: "PutObject", times: ONE_TRY });
    const flow = await uploaded("one key", { ...retries, prefix: "one-key" });
    equal(stepOf("one key").attempt, 2);
    deepEqual([...keys], [result<UploadedObject>(flow, "s3").key]);
    const objects = await local.sandbox.record.objects("lightly-input");
    equal(objects.filter(({ key }) => key.startsWith("one-key/")).length, 1);
  });

  it("tolerates failures while it follows a command, and sends no second one", async () => {
    const { region, credentials, endpoints, instanceDir, instanceId } = local.sandbox;
    const client = { region, credentials, endpoint: endpoints.aws };
    await startInstances({
      ...{ ec2: new EC2Client(client), ssm: new SSMClient(client), select: { ids: [instanceId] } },
      ...{ capacityTimeoutMs: 0, timeoutMs: HANG_MS, pollMs: 20, signal: AbortSignal.timeout(HANG_MS) },
    });
    await mkdir(join(instanceDir, "home/ubuntu"), { recursive: true });
    await writeFile(join(instanceDir, "home/ubuntu/once.sh"), "echo again\n");
    const commands = (): unknown[] => local.sandbox.events.list({ kind: "command" }).slice();
    const before = commands().length;
    fail({ service: "ssm", operation: "GetCommandInvocation", times: 2 * ONE_TRY });
    const commandIds = checkpoints("one command", "commandId");
    const step = {
      ...{ type: "lightly-ssm-run-script", account: "aws", instanceIds: instanceId, instanceIdsType: "str" },
      ...{ script: "/home/ubuntu/once.sh", scriptType: "str", args: "[]", argsType: "json", waitFor: "ended" },
      ...{ pollSeconds: "0.02", ...retries },
    };
    const flow = await loadFlow({ step, outputs: 2, ...local.accounts });
    flow.receive({ runId: "one command" });
    await flow.until(() => isOver(flow));
    deepEqual(flow.caught, []);
    equal(stepOf("one command").attempt, undefined);
    equal(commands().length - before, 1);
    equal(commandIds.size, 1);
    equal(result<SsmResult>(flow, "ssm").stdout.trim(), "again");
  });

  const select = {
    ...{ type: "lightly-run", account: "lightly", datasetName: "tried again", datasetNameType: "str" },
    ...{ inputType: "Videos", access: "role", inputUri: "s3://lightly-input/videos/", inputUriType: "str" },
    ...{ lightlyUri: "s3://lightly-output/lightly/", lightlyUriType: "str" },
    ...{ region: "eu-central-1", regionType: "str", externalId: "sandbox-external-id", externalIdType: "str" },
    ...{ roleArn: "arn:aws:iam::123456789012:role/lightly-access", roleArnType: "str" },
    ...{ amount: "proportion", proportion: "0.1", timeoutHours: "1", ...retries },
  };

  for (const [when, operation, tries] of [
    ["has refused to schedule it", "POST /v1/datasets/{datasetId}/docker/worker/schedule", 2],
    // The tag of the run is requested again within the attempt.
    ["did not tell what it has selected", "GET /v1/docker/runs/{runId}/tags", undefined],
  ] as const) {
    it(`schedules one run, even if Lightly first ${when}`, async () => {
      const before = local.sandbox.record.scheduledRuns().length;
      const runId = `selection: ${when}`;
      const configIds = checkpoints(runId, "configId");
      refuseOnce(operation);
      const flow = await loadFlow({ step: select, outputs: 3, ...local.accounts });
      flow.receive({ runId });
      await flow.until(() => flow.sent[2]?.[0]?.payload === "OPEN" || isOver(flow));
      await workOnce(local.sandbox);
      await flow.until(() => isOver(flow));
      deepEqual(flow.caught, []);
      equal(stepOf(runId).attempt, tries);
      equal(configIds.size, 1);
      equal(local.sandbox.record.scheduledRuns().length - before, 1);
      equal(result<{ endState: string }>(flow, "lightly").endState, "COMPLETED");
    });
  }
});
