import { deepEqual, equal, match, ok } from "node:assert/strict";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client, ModifyInstanceAttributeCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { checkFlow } from "../../src/check/check-flow.ts";
import { readFlowFile } from "../../src/check/flow-file/flow-file.ts";
import { useSandbox } from "../nodes/support/sandbox.ts";
import { useOwnEnvironment } from "../support/environment.ts";
import { checkExample, power, said, troubles } from "./example.ts";

describe("the check of a flow", () => {
  useOwnEnvironment(/^(?:AWS|LIGHTLY|PEXELS|PIPELINE)_/);
  const running = useSandbox();
  beforeEach(() => Object.assign(process.env, running.sandbox.environment));

  /** Replaces a program on the running instance. */
  async function program(name: string, body: string): Promise<void> {
    const path = join(running.sandbox.instanceDir, "usr", "local", "bin", name);
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
  }

  it("finds nothing wrong with the example and the instance off, and says what it could not check", async () => {
    const report = await checkExample();
    deepEqual([report.status, report.missing, troubles(report)], ["ok", [], []]);
    match(
      said(report, "agent").join(),
      /unchecked: i-\w+: Not checked: the instance is stopped \(agent, script, docker, gpu, disk\)/,
    );
    match(said(report, "datasources").join(), /unchecked: dataset sandbox-videos: Not checked: it does not exist yet/);
  });

  it("leaves nothing in the buckets, and starts no instance", async () => {
    const { record, buckets } = running.sandbox;
    const before = await record.objects(buckets.input);
    await checkExample();
    deepEqual(await record.objects(buckets.input), before);
    deepEqual(await record.uploads(buckets.input), []);
    deepEqual(
      record.instances().map(({ state }) => state),
      ["stopped"],
    );
    deepEqual(record.datasets(), []);
  });

  it("contains no secret, even if a service repeats one", async () => {
    const { sandbox } = running;
    sandbox.faults.add({ service: "lightly", kind: "status", status: 401, message: `bad token ${sandbox.token}` });
    const text = JSON.stringify(await checkExample());
    for (const secret of [
      sandbox.token,
      sandbox.credentials.secretAccessKey,
      sandbox.pexelsKey,
      "sandbox-external-id",
    ]) {
      ok(!text.includes(secret), secret.slice(0, 3));
    }
  });

  it("lists all variables that are not set once, with the fields that need them", async () => {
    for (const name of ["PIPELINE_INSTANCE_ID", "PIPELINE_INPUT_BUCKET", "LIGHTLY_TOKEN"]) {
      delete process.env[name];
    }
    const { status, missing } = await checkExample();
    equal(status, "problem");
    deepEqual(
      missing.map(({ variable }) => variable),
      ["PIPELINE_INPUT_BUCKET", "PIPELINE_INSTANCE_ID", "LIGHTLY_TOKEN"],
    );
    deepEqual(
      missing[1]?.neededBy.map(({ node }) => node),
      ["start instance", "stop instance"],
    );
  });

  it("lists blank fields and accounts that are not chosen", async () => {
    const { missing } = await checkExample({ "lightly-s3-upload": { bucket: "", bucketType: "str", account: "" } });
    deepEqual(
      missing.map(({ neededBy }) => neededBy.map(({ field }) => field).join()),
      ["account", "bucket"],
    );
  });

  it("says which values are known when a message arrives", async () => {
    const report = await checkExample({ "lightly-s3-upload": { bucket: "s3.bucket", bucketType: "msg" } });
    match(
      said(report, "values").join(),
      /unchecked: upload to S3: Not checked: "bucket" is known when a message arrives \(msg\.s3\.bucket\)/,
    );
  });

  it("finds a value that the runtime refuses", async () => {
    const report = await checkExample({ "lightly-s3-upload": { bucket: "Not A Bucket", bucketType: "str" } });
    match(said(report, "values", "problem").join(), /upload to S3: "bucket" must be the name of a bucket/);
  });

  it("warns if input and Lightly folder are the same", async () => {
    const report = await checkExample({
      "lightly-run": { lightlyUri: "s3://${INPUT_BUCKET}/${INPUT_PREFIX}", lightlyUriType: "env" },
    });
    match(said(report, "values", "warning").join(), /The Lightly folder s3:.* is in the input folder s3:/);
  });

  it("finds a missing region, and checks nothing else of the account", async () => {
    delete process.env.AWS_REGION;
    delete process.env.AWS_DEFAULT_REGION;
    process.env.AWS_CONFIG_FILE = "/nowhere";
    const report = await checkExample();
    match(said(report, "region", "problem").join(), /account "AWS": No region is set/);
    equal(
      said(report, "bucket").every((line) => /^unchecked:.*the credentials of the account can't be used/.test(line)),
      true,
    );
  });

  it("finds credentials that AWS does not know, and reports them once", async () => {
    process.env.AWS_SECRET_ACCESS_KEY = "wrong";
    const report = await checkExample();
    deepEqual(
      troubles(report).map(({ check, code }) => `${check} ${code}`),
      ["credentials AWS_CREDENTIALS_INVALID"],
    );
  });

  it("finds a clock that is minutes wrong, with valid and with refused signatures", async () => {
    running.sandbox.faults.clockAheadMs = -2 * 60_000;
    match(said(await checkExample(), "clock").join(), /warning: .* It is 1[12]\d s ahead of that of AWS/);
    running.sandbox.faults.clockAheadMs = 7 * 60_000;
    match(said(await checkExample(), "clock").join(), /problem: .* It is 4[12]\d s behind that of AWS/);
    running.sandbox.faults.clockAheadMs = 60 * 60_000;
    const report = await checkExample();
    match(said(report, "clock").join(), /problem: .* behind that of AWS/);
    match(said(report, "credentials").join(), /problem: .*60 minutes behind/);
  });

  it("finds an action that the policies do not allow", async () => {
    running.sandbox.faults.add({
      service: "ssm",
      operation: "SendCommand",
      kind: "status",
      status: 400,
      code: "AccessDeniedException",
    });
    const report = await checkExample();
    const [first = "", ...others] = said(report, "permissions", "problem");
    match(
      first,
      /No policy allows ssm:SendCommand on arn:aws:ssm:eu-central-1::document\/AWS-RunShellScript\. Allow it in the IAM policy/,
    );
    match(others.join(), /on arn:aws:ec2:eu-central-1:123456789012:instance\/i-/);
  });

  it("does not check policies without permission to simulate them", async () => {
    running.sandbox.faults.add({ service: "iam", kind: "status", status: 403, code: "AccessDenied" });
    const report = await checkExample();
    equal(report.status, "ok");
    match(
      said(report, "permissions", "unchecked").join(),
      /Not checked: needs iam:SimulatePrincipalPolicy.* Actions: .*ssm:SendCommand/,
    );
  });

  it("finds with a dry run that an instance may not be started or stopped", async () => {
    running.sandbox.faults.add({
      service: "ec2",
      operation: "StartInstances",
      kind: "status",
      status: 403,
      code: "UnauthorizedOperation",
    });
    running.sandbox.faults.add({
      service: "ec2",
      operation: "StopInstances",
      kind: "status",
      status: 403,
      code: "UnauthorizedOperation",
    });
    const found = said(await checkExample(), "permissions", "problem");
    match(found.join("\n"), /ec2:StartInstances.*\n.*ec2:StopInstances/);
  });

  it("finds a bucket that does not exist", async () => {
    process.env.PIPELINE_INPUT_BUCKET = "no-such-bucket";
    match(
      said(await checkExample(), "bucket", "problem").join(),
      /The bucket "no-such-bucket" does not exist|the bucket "no-such-bucket" does not exist/,
    );
  });

  it("finds a bucket in which Node-RED may not write", async () => {
    running.sandbox.faults.add({
      service: "s3",
      operation: "CreateMultipartUpload",
      kind: "status",
      status: 403,
      code: "AccessDenied",
    });
    match(said(await checkExample(), "bucket", "problem").join(), /s3:\/\/lightly-input\/videos\/: .*s3:PutObject/);
  });

  it("says so if it may not abort the upload of its write test", async () => {
    running.sandbox.faults.add({
      service: "s3",
      operation: "AbortMultipartUpload",
      kind: "status",
      status: 403,
      code: "AccessDenied",
    });
    match(
      said(await checkExample(), "bucket", "problem").join(),
      /s3:AbortMultipartUpload.*The unfinished upload \S+ .* could not be removed/,
    );
  });

  it("does not take a bucket for missing that it may not list", async () => {
    running.sandbox.faults.add({
      service: "s3",
      operation: "HeadBucket",
      kind: "status",
      status: 403,
      code: "AccessDenied",
    });
    const report = await checkExample();
    equal(report.status, "ok");
    match(said(report, "bucket", "unchecked").join(), /needs s3:ListBucket/);
  });

  it("finds a region of lightly run that is not that of its bucket", async () => {
    const report = await checkExample({ "lightly-run": { region: "us-east-1", regionType: "str" } });
    match(
      said(report, "bucket", "problem").join(),
      /lightly-output: The bucket is in eu-central-1, but lightly run has the region us-east-1/,
    );
  });

  it("checks that results can be read where LightlyStudio writes them", async () => {
    Object.assign(process.env, { PIPELINE_STUDIO_OUTPUT: "s3://lightly-output/selected" });
    running.sandbox.faults.add({
      service: "s3",
      operation: "HeadObject",
      kind: "status",
      status: 403,
      code: "AccessDenied",
    });
    const report = await checkExample(
      { "lightly-studio-select": { output: "s3://lightly-output/selected", outputType: "str" } },
      "studio.json",
    );
    match(said(report, "bucket", "problem").join(), /s3:\/\/lightly-output\/selected\/: .*s3:GetObject/);
  });

  it("finds an instance that does not exist", async () => {
    process.env.PIPELINE_INSTANCE_ID = "i-00000000000000000";
    match(said(await checkExample(), "instance", "problem").join(), /there is no such instance/);
  });

  it("finds an instance that a shutdown terminates", async () => {
    const { endpoints, region, credentials, instanceId } = running.sandbox;
    const ec2 = new EC2Client({ endpoint: endpoints.aws, region, credentials });
    const set = (Value: string) =>
      ec2.send(
        new ModifyInstanceAttributeCommand({ InstanceId: instanceId, InstanceInitiatedShutdownBehavior: { Value } }),
      );
    await set("terminate");
    const report = await checkExample();
    await set("stop");
    match(said(report, "shutdown").join(), /problem: .*A shutdown terminates it/);
  });

  it("does not check the shutdown behavior without its permission", async () => {
    running.sandbox.faults.add({
      service: "ec2",
      operation: "DescribeInstanceAttribute",
      kind: "status",
      status: 403,
      code: "UnauthorizedOperation",
    });
    match(said(await checkExample(), "shutdown").join(), /unchecked: .*needs ec2:DescribeInstanceAttribute/);
  });

  describe("with a running instance", () => {
    beforeEach(() => power(running.sandbox, true));
    afterEach(() => power(running.sandbox, false));

    it("finds nothing wrong except that the sandbox has no GPU", async () => {
      const report = await checkExample();
      deepEqual(
        troubles(report).map(({ check, status }) => `${check} ${status}`),
        ["gpu warning"],
      );
      match(said(report, "script").join(), /ok: .*The script \/home\/ubuntu\/run\.sh exists/);
      match(said(report, "disk").join(), /ok: .* GiB are free/);
    });

    it("finds a script that is missing, empty, or has Windows line endings", async () => {
      process.env.PIPELINE_SCRIPT = "/home/ubuntu/other.sh";
      const path = join(running.sandbox.instanceDir, "home", "ubuntu", "other.sh");
      match(said(await checkExample(), "script").join(), /problem: .*There is no script \/home\/ubuntu\/other\.sh/);
      await writeFile(path, "");
      match(said(await checkExample(), "script").join(), /problem: .* is empty/);
      await writeFile(path, "#!/bin/sh\r\necho\r\n");
      match(said(await checkExample(), "script").join(), /problem: .*Windows line endings/);
      await rm(path);
    });

    it("finds a docker daemon that does not answer, a GPU, and a full disk", async () => {
      await program("docker", "exit 1");
      await program("nvidia-smi", "echo Tesla T4");
      await program(
        "df",
        'echo "Filesystem 1024-blocks Used Available Capacity Mounted"; echo "/dev/root 100 99 1048576 99% /"',
      );
      const report = await checkExample();
      await rm(join(running.sandbox.instanceDir, "usr", "local", "bin", "df"));
      match(said(report, "docker").join(), /warning: .*daemon does not respond/);
      match(said(report, "gpu").join(), /ok: .*GPU: Tesla T4\./);
      match(said(report, "disk").join(), /warning: .*1\.0 GiB are free/);
    });

    it("takes docker without a daemon for a problem if the step starts the worker with it", async () => {
      await program("docker", "exit 1");
      const worker = {
        mode: "worker",
        image: "lightly/worker:latest",
        tokenName: "/lightly/token",
        tokenNameType: "str",
      };
      const report = await checkExample({ "lightly-ssm-run-script": worker });
      match(said(report, "docker").join(), /problem: .*daemon does not respond/);
      deepEqual(said(report, "script"), []);
    });

    it("finds LightlyStudio in another version, or not at all", async () => {
      const changes = {
        "lightly-studio-select": {
          output: "s3://lightly-output/selected",
          outputType: "str",
          python: "/opt/own/bin/python",
        },
      };
      match(
        said(await checkExample(changes, "studio.json"), "studio").join(),
        /warning: .*There is no \/opt\/own\/bin\/python/,
      );
    });

    it("finds an agent that is not online", async () => {
      await power(running.sandbox, false);
      running.sandbox.faults.neverOnline = true;
      await power(running.sandbox, true);
      match(said(await checkExample(), "agent").join(), /problem: .*The SSM agent is not online/);
    });

    it("finds that commands are not allowed when it sends its own", async () => {
      running.sandbox.faults.add({
        service: "ssm",
        operation: "SendCommand",
        kind: "status",
        status: 400,
        code: "AccessDeniedException",
      });
      const report = await checkExample();
      match(said(report, "permissions", "problem").join(), /ssm:SendCommand/);
      match(said(report, "script").join(), /unchecked: .*the command that looks for it has failed/);
    });
  });

  it("finds a token that Lightly does not accept", async () => {
    process.env.LIGHTLY_TOKEN = "0".repeat(40);
    const report = await checkExample();
    deepEqual(
      troubles(report).map(({ check, code }) => `${check} ${code}`),
      ["token LIGHTLY_UNAUTHORIZED"],
    );
    match(said(report, "worker").join(), /unchecked/);
  });

  it("finds labels that no registered worker has", async () => {
    const report = await checkExample({ "lightly-run": { runsOn: "a100" } });
    match(said(report, "worker").join(), /problem: .*No registered worker has the labels a100/);
  });

  it("finds datasources that Lightly may not use", async () => {
    const { sandbox } = running;
    process.env.PIPELINE_DATASET = "unusable";
    const headers = { authorization: `Bearer ${sandbox.token}`, "content-type": "application/json" };
    await fetch(`${sandbox.endpoints.lightly}/v1/datasets?token=${sandbox.token}`, {
      method: "POST",
      headers,
      body: JSON.stringify({ name: "unusable", type: "Videos", creator: "USER_PIP" }),
    });
    const report = await checkExample();
    match(said(report, "datasources").join(), /problem: dataset unusable: Lightly lacks permissions on its buckets/);
  });

  it("finds a Pexels key that is not accepted", async () => {
    process.env.PEXELS_API_KEY = "wrong";
    match(said(await checkExample(), "pexels").join(), /problem: account "Pexels": /);
  });

  it("ends in time if services do not answer, and still reports the others", async () => {
    running.sandbox.faults.add({ service: "ec2", kind: "hang" });
    running.sandbox.faults.add({ service: "lightly", kind: "hang" });
    const startedAt = performance.now();
    const { nodes } = await readFlowFile("examples/flows.json");
    const report = await checkFlow(nodes, 2000);
    ok(performance.now() - startedAt < 60_000);
    match(said(report, "token").join(), /unchecked: account "Lightly": Not checked: no response within 2 s/);
    match(said(report, "pexels").join(), /^ok/);
  });

  describe("with a terminated instance", () => {
    it("says that it can't be started again", async () => {
      const { endpoints, region, credentials, instanceId } = running.sandbox;
      const ec2 = new EC2Client({ endpoint: endpoints.aws, region, credentials });
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
      match(
        said(await checkExample(), "instance", "problem").join(),
        /It is (?:terminated|shutting-down).*can't be started again/,
      );
    });
  });
});
