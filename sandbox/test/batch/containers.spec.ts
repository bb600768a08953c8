import assert from "node:assert/strict";
import { DescribeInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { eventually, isAlive } from "../instances/running-sandbox.ts";
import { type BatchCloud, startBatchCloud } from "./batch-cloud.ts";

describe("The containers of Batch", () => {
  let cloud: BatchCloud;
  before(async () => {
    cloud = await startBatchCloud();
  });
  afterEach(() => cloud.running.sandbox.faults.clear());
  after(() => cloud.running.close());

  const linesOf = async (jobId: string): Promise<string[]> => {
    const { container } = await cloud.job(jobId);
    const from = { logGroupName: "/aws/batch/job", logStreamName: container.logStreamName, startFromHead: true };
    const { events } = await cloud.logs("GetLogEvents", from);
    return events.map(({ message }: { message: string }) => message);
  };

  it("have the variables of definition, request and Batch, and none of the user or of the sandbox's key pair", async () => {
    process.env.SECRET_OF_THE_USER = "must not be seen";
    const environment = [{ name: "GIVEN", value: "it's given" }];
    const jobId = await cloud.submit("env", { containerOverrides: { environment, command: ["env"] } });
    assert.equal((await cloud.over(jobId)).status, "SUCCEEDED");
    delete process.env.SECRET_OF_THE_USER;
    const lines = await linesOf(jobId);
    assert.ok(lines.includes("GIVEN=it's given"));
    assert.ok(lines.includes(`AWS_BATCH_JOB_ID=${jobId}`));
    assert.ok(lines.includes(`AWS_ENDPOINT_URL=${cloud.running.sandbox.endpoints.aws}`));
    assert.ok(lines.every((line) => !line.includes("must not be seen")));
    assert.ok(lines.every((line) => !line.includes(cloud.running.sandbox.credentials.secretAccessKey)));
    assert.ok(lines.every((line) => !line.startsWith("AWS_BATCH_JOB_ARRAY_INDEX")));
  });

  it("write each line to the log when it is written, and what is left at the end", async () => {
    const go = `${cloud.running.stateDir}/go`;
    const jobId = await cloud.submit(
      `echo first; while [ ! -e ${go} ]; do sleep 0.02; done; printf 'last without a line end'`,
    );
    await cloud.reaches(jobId, "RUNNING");
    await eventually("the first line", async () => (await linesOf(jobId).catch(() => []))[0] === "first");
    const touch = await cloud.submit(`touch ${go}`);
    await cloud.over(touch);
    await cloud.over(jobId);
    assert.deepEqual(await linesOf(jobId), ["first", "last without a line end"]);
  });

  it("write to the group that their definition names, and to none with another driver", async () => {
    const run = async (name: string, logConfiguration: object) => {
      const containerProperties = {
        image: "busybox",
        command: ["echo", "hello"],
        vcpus: 1,
        memory: 64,
        logConfiguration,
      };
      await cloud.batch("RegisterJobDefinition", { jobDefinitionName: name, type: "container", containerProperties });
      const request = { jobName: name, jobQueue: "lightly-queue", jobDefinition: name };
      const { container } = await cloud.over((await cloud.batch("SubmitJob", request)).jobId);
      return container.logStreamName;
    };
    const logStreamName = await run("group", { logDriver: "awslogs", options: { "awslogs-group": "/own" } });
    const { events } = await cloud.logs("GetLogEvents", { logGroupName: "/own", logStreamName });
    assert.equal(events[0].message, "hello");
    const elsewhere = {
      logGroupName: "/aws/batch/job",
      logStreamName: await run("driver", { logDriver: "json-file" }),
    };
    await assert.rejects(cloud.logs("GetLogEvents", elsewhere), { name: "ResourceNotFoundException" });
  });

  it("without output have no log stream", async () => {
    const jobId = await cloud.submit("exit 3");
    assert.equal((await cloud.over(jobId)).container.exitCode, 3);
    await assert.rejects(linesOf(jobId), { name: "ResourceNotFoundException" });
  });

  it("end with their first process", async () => {
    const jobId = await cloud.submit("sleep 600 & echo $!");
    assert.equal((await cloud.over(jobId)).status, "SUCCEEDED");
    const [pid] = await linesOf(jobId);
    assert.ok(Number(pid) > 0 && !isAlive(Number(pid)));
  });

  it("of unknown images, programs and secrets do not start, and have no log stream", async () => {
    const register = async (name: string, containerProperties: object): Promise<string> => {
      const common = { vcpus: 1, memory: 64 };
      await cloud.batch("RegisterJobDefinition", {
        ...{ jobDefinitionName: name, type: "container", containerProperties: { ...common, ...containerProperties } },
      });
      const { jobId } = await cloud.batch("SubmitJob", {
        jobName: name,
        jobQueue: "lightly-queue",
        jobDefinition: name,
      });
      return jobId;
    };
    for (const [jobId, reason] of [
      [await register("image", { image: "nginx:latest" }), /^CannotPullContainerError: .*nginx:latest not found/],
      [
        await register("program", { image: "busybox", command: ["no-such-program"] }),
        /^CannotStartContainerError: .*no-such-program/,
      ],
      [
        await register("secret", { image: "busybox", command: ["true"], secrets: [{ name: "A", valueFrom: "other" }] }),
        /^ResourceInitializationError: .*other/,
      ],
    ] as const) {
      const { status, statusReason, container, attempts } = await cloud.over(jobId);
      assert.deepEqual([status, statusReason], ["FAILED", "Task failed to start"]);
      assert.match(container.reason, reason);
      assert.deepEqual([container.exitCode, container.logStreamName, attempts.length], [undefined, undefined, 1]);
    }
  });

  it("get another instance when the launch of the first one fails", async () => {
    await eventually("all instances to be gone", () =>
      cloud.running.sandbox.record
        .instances()
        .every(({ instanceId, state }) => instanceId === cloud.running.id || state === "terminated"),
    );
    cloud.running.sandbox.faults.startFailures = 1;
    const jobId = await cloud.submit("true");
    assert.equal((await cloud.over(jobId)).status, "SUCCEEDED");
    assert.equal(cloud.running.sandbox.faults.startFailures, 0);
  });

  it("of the worker register it at Lightly, with the token from the secret", async () => {
    const { jobId } = await cloud.batch("SubmitJob", {
      ...{ jobName: "worker", jobQueue: "lightly-spot-queue", jobDefinition: "lightly-worker" },
    });
    await cloud.reaches(jobId, "RUNNING");
    await eventually("the worker to wait for work", async () =>
      (await linesOf(jobId).catch(() => [])).some((line) => line.includes("is waiting for work")),
    );
    await cloud.batch("TerminateJob", { jobId, reason: "enough" });
    const job = await cloud.over(jobId);
    assert.deepEqual([job.status, job.container.exitCode], ["FAILED", 143]);
  });

  it("of the worker end with their instance when it is terminated", async () => {
    const { jobId } = await cloud.batch("SubmitJob", {
      ...{
        jobName: "worker",
        jobQueue: "lightly-queue",
        jobDefinition: "lightly-worker",
        retryStrategy: { attempts: 1 },
      },
    });
    await cloud.reaches(jobId, "RUNNING");
    const hosts = cloud.running.sandbox.record
      .instances()
      .filter(({ instanceId, state }) => instanceId !== cloud.running.id && state === "running");
    await cloud.running.ec2.send(
      new TerminateInstancesCommand({ InstanceIds: hosts.map(({ instanceId }) => instanceId) }),
    );
    const job = await cloud.over(jobId);
    assert.match(job.statusReason, /^Host EC2 \(instance i-[0-9a-f]+\) terminated\.$/);
    assert.equal(job.container.exitCode, undefined);
  });

  it("are found by EC2 with the tags of their environment", async () => {
    const jobId = await cloud.submit("sleep 0.2");
    await cloud.reaches(jobId, "RUNNING");
    const Filters = [
      { Name: "tag:Name", Values: ["lightly-batch"] },
      { Name: "instance-state-name", Values: ["running"] },
    ];
    const { Reservations } = await cloud.running.ec2.send(new DescribeInstancesCommand({ Filters }));
    assert.equal(Reservations?.[0]?.Instances?.[0]?.InstanceType, "g4dn.xlarge");
    await cloud.over(jobId);
  });
});

describe("A hundred containers of Batch", () => {
  it("end once each, with no more processes at a time than the environment has vCPUs", async () => {
    const cloud = await startBatchCloud();
    try {
      const { jobId } = await cloud.batch("SubmitJob", {
        ...{ jobName: "hundred", jobQueue: "lightly-queue", jobDefinition: "sandbox-shell" },
        ...{
          arrayProperties: { size: 100 },
          containerOverrides: { command: ["sh", "-c", "echo $AWS_BATCH_JOB_ARRAY_INDEX"] },
        },
      });
      let most = 0;
      const array = await eventually(
        "the array to be over",
        async () => {
          const job = await cloud.job(jobId);
          const { STARTING, RUNNING } = job.arrayProperties.statusSummary;
          most = Math.max(most, STARTING + RUNNING);
          return ["SUCCEEDED", "FAILED"].includes(job.status) && job;
        },
        170_000,
      );
      assert.equal(array.status, "SUCCEEDED");
      assert.ok(most <= 16, `${most} at a time`);
      const children = cloud.running.sandbox.record.jobs().filter(({ parentId }) => parentId === jobId);
      assert.deepEqual([...new Set(children.map(({ attempts }) => attempts.length))], [1]);
      const { events } = await cloud.logs("FilterLogEvents", { logGroupName: "/aws/batch/job" });
      const indexes = events.map(({ message }: { message: string }) => Number(message));
      assert.deepEqual(
        indexes.sort((one: number, other: number) => one - other),
        Array.from({ length: 100 }, (_, index) => index),
      );
    } finally {
      await cloud.running.close();
    }
  });
});
