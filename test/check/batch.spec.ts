import { deepEqual, match } from "node:assert/strict";
import {
  BatchClient,
  RegisterJobDefinitionCommand,
  UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
} from "@aws-sdk/client-batch";
import { useSandbox } from "../nodes/support/sandbox.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { checkExample, said, troubles } from "./example.ts";

describe("the check of a flow with AWS Batch", () => {
  useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
  const running = useSandbox();
  let batch: BatchClient;
  beforeEach(() => {
    Object.assign(process.env, running.sandbox.environment);
    const { endpoints, region, credentials } = running.sandbox;
    batch = new BatchClient({ endpoint: endpoints.aws, region, credentials });
  });
  afterEach(() => batch.destroy());

  const check = (changes: object = {}) => checkExample({ "lightly-batch-run": { ...changes } }, "batch.json");
  const deny = (service: "batch" | "logs", operation: string): void => {
    running.sandbox.faults.add({ service, operation, kind: "status", status: 403, code: "AccessDeniedException" });
  };
  const register = (name: string, more: object): Promise<unknown> =>
    batch.send(
      new RegisterJobDefinitionCommand({
        ...{ jobDefinitionName: name, type: "container" },
        containerProperties: {
          ...{ image: "busybox", command: ["true"] },
          resourceRequirements: [
            { type: "VCPU", value: "1" },
            { type: "MEMORY", value: "512" },
          ],
          ...more,
        },
      }),
    );
  const definition = (name: string) => check({ definition: name, definitionType: "str" });

  it("finds nothing wrong with the example, and says what it uses", async () => {
    const report = await check();
    deepEqual([report.status, report.missing, troubles(report)], ["ok", [], []]);
    match(
      said(report, "queue").join(),
      /ok: lightly-queue: The queue takes jobs: lightly-environment, up to 16 vCPUs.*keeps nothing on/,
    );
    match(said(report, "definition").join(), /ok: sandbox-shell: Revision 1 is active\. Its jobs have no role/);
    match(said(report, "log").join(), /ok: \/aws\/batch\/job: Node-RED may read the log/);
    match(said(report, "permissions", "ok").join(), /batch:TerminateJob.*batch:SubmitJob/);
    match(said(report, "bucket").join(), /ok: s3:\/\/lightly-input\/batch\/: Node-RED may write here/);
  });

  it("finds a queue or a definition that does not exist", async () => {
    const report = await check({ queue: "none", queueType: "str", definition: "none", definitionType: "str" });
    match(said(report, "queue", "problem").join(), /none: Queue none does not exist in this region and account/);
    match(said(report, "definition", "problem").join(), /none: Job definition none has no active revision/);
  });

  it("finds a queue that is disabled, and one without a usable compute environment", async () => {
    const queue = (state: "ENABLED" | "DISABLED") =>
      batch.send(new UpdateJobQueueCommand({ jobQueue: "lightly-queue", state }));
    const environment = (state: "ENABLED" | "DISABLED") =>
      batch.send(new UpdateComputeEnvironmentCommand({ computeEnvironment: "lightly-environment", state }));
    await queue("DISABLED");
    match(said(await check(), "queue", "problem").join(), /is disabled, and takes no jobs/);
    await queue("ENABLED");
    await environment("DISABLED");
    match(said(await check(), "queue", "problem").join(), /has no usable compute environment \(lightly-environment/);
    await environment("ENABLED");
  });

  it("warns about a compute environment that is never at zero", async () => {
    const least = (minvCpus: number) =>
      batch.send(
        new UpdateComputeEnvironmentCommand({
          computeEnvironment: "lightly-environment",
          computeResources: { minvCpus },
        }),
      );
    await least(4);
    const found = said(await check(), "queue");
    await least(0);
    match(
      found.join(),
      /warning: lightly-queue: Compute environment lightly-environment keeps 4 vCPUs on even without jobs/,
    );
    match(found.join(), /^(?!.*keeps nothing on)/);
  });

  it("finds a share identifier that the queue does not want", async () => {
    const report = await check({ shareIdentifier: "team", shareIdentifierType: "str" });
    match(said(report, "queue", "problem").join(), /its jobs must not have a share identifier/);
  });

  it("warns about a GPU without shared memory, and about secrets without a role that reads them", async () => {
    await register("unusual", {
      secrets: [{ name: "LIGHTLY_TOKEN", valueFrom: "lightly-token" }],
      resourceRequirements: [
        { type: "VCPU", value: "1" },
        { type: "MEMORY", value: "512" },
        { type: "GPU", value: "1" },
      ],
    });
    const found = said(await definition("unusual"), "definition", "warning").join();
    match(found, /sets no shared memory/);
    match(found, /has secrets, but no execution role/);
  });

  it("finds a log group that does not exist, and a log that goes elsewhere", async () => {
    const options = { "awslogs-group": "/team/none" };
    await register("no-group", { logConfiguration: { logDriver: "awslogs", options } });
    match(
      said(await definition("no-group"), "log", "problem").join(),
      /\/team\/none: The log group of no-group does not exist/,
    );
    await register("elsewhere", { logConfiguration: { logDriver: "syslog" } });
    match(said(await definition("elsewhere"), "log", "warning").join(), /does not go to CloudWatch Logs/);
  });

  it("finds an action of Batch that the policies do not allow", async () => {
    deny("batch", "SubmitJob");
    const found = said(await check(), "permissions", "problem").join();
    match(found, /batch:SubmitJob on arn:aws:batch:eu-central-1:123456789012:job-queue\/lightly-queue/);
    match(found, /batch:SubmitJob on arn:aws:batch:eu-central-1:123456789012:job-definition\/sandbox-shell/);
  });

  it("does not take a look for a problem that only the check and warnings need", async () => {
    deny("batch", "DescribeJobQueues");
    deny("batch", "DescribeJobDefinitions");
    deny("logs", "GetLogEvents");
    const report = await check();
    match(said(report, "queue").join(), /unchecked: lightly-queue: Not checked: needs batch:DescribeJobQueues/);
    match(
      said(report, "definition").join(),
      /unchecked: sandbox-shell: Not checked: needs batch:DescribeJobDefinitions/,
    );
    running.sandbox.faults.clear();
    deny("logs", "GetLogEvents");
    match(said(await check(), "log").join(), /unchecked: \/aws\/batch\/job: Not checked: needs logs:GetLogEvents/);
  });

  it("checks nothing of Batch without valid credentials", async () => {
    process.env.AWS_SECRET_ACCESS_KEY = "wrong";
    match(said(await check(), "queue").join(), /unchecked: lightly-queue: Not checked: the credentials of the account/);
  });
});
