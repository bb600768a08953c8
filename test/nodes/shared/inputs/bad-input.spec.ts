import { deepEqual, equal, match } from "node:assert/strict";
import { type FlowOptions, loadFlow, type TestFlow, useNodeRed } from "../../support/flow.ts";

const aws = { id: "aws", type: "lightly-aws-account", region: "eu-central-1" };
const lightly = { id: "lightly", type: "lightly-account", apiUrl: "http://127.0.0.1:9" };
const pexels = { id: "pexels", type: "lightly-pexels-account", apiUrl: "http://127.0.0.1:9" };

const steps = {
  download: { type: "lightly-pexels-download", account: "pexels", pick: "popular" },
  upload: {
    type: "lightly-s3-upload",
    account: "aws",
    source: "filename",
    sourceType: "msg",
    bucket: "some-bucket",
    bucketType: "str",
  },
  start: {
    type: "lightly-ec2-start",
    account: "aws",
    select: "ids",
    instanceIds: "i-0123456789abcdef0",
    instanceIdsType: "str",
  },
  script: {
    type: "lightly-ssm-run-script",
    account: "aws",
    instanceIds: "i-0123456789abcdef0",
    instanceIdsType: "str",
    script: "/x.sh",
    scriptType: "str",
  },
  select: {
    type: "lightly-run",
    account: "lightly",
    datasetName: "some dataset",
    datasetNameType: "str",
    access: "existing",
  },
  results: {
    type: "lightly-results",
    account: "lightly",
    datasetId: "lightly.datasetId",
    datasetIdType: "msg",
  },
  stop: {
    type: "lightly-ec2-stop",
    account: "aws",
    select: "ids",
    instanceIds: "i-0123456789abcdef0",
    instanceIdsType: "str",
  },
};

describe("a step with bad input", () => {
  useNodeRed();

  /** Each of these must cause one error for Catch, a red status and no output, and Node-RED must keep running. */
  async function refused(options: FlowOptions, msg: Record<string, unknown> = { payload: 1 }): Promise<TestFlow> {
    return await refusedBy(options, msg, false);
  }

  /** The same for a value that is known to be missing before the message arrives. */
  async function unset(options: FlowOptions, msg: Record<string, unknown> = { payload: 1 }): Promise<TestFlow> {
    return await refusedBy(options, msg, true);
  }

  async function refusedBy(options: FlowOptions, msg: Record<string, unknown>, isUnset: boolean): Promise<TestFlow> {
    const flow = await loadFlow(options);
    flow.receive(msg);
    await flow.until(() => flow.caught.length > 0 && flow.statuses.some(({ fill }) => fill === "red"));
    equal(flow.caught.length, 1);
    deepEqual(flow.sent.flat(), []);
    deepEqual(flow.completed, []);
    // A step that lacks a value says so, in words of its catalog, which the test helper does not have.
    const text = isUnset ? `${options.step.type}.status.notConfigured` : flow.caught[0]?.error.code;
    deepEqual(flow.statuses.at(-1), { fill: "red", shape: "ring", text });
    return flow;
  }

  for (const [name, step] of Object.entries(steps)) {
    it(`says that no account is chosen (${name})`, async () => {
      // A selection of LightlyStudio needs no Lightly account.
      const flow = await (name === "results" ? refused : unset)({ step: { ...step, account: "" } });
      equal(flow.caught[0]?.error.code, "ACCOUNT_MISSING");
      match(flow.caught[0]?.error.message ?? "", /No account is chosen in "the step"/);
    });

    it(`says that the chosen account was deleted (${name})`, async () => {
      const flow = await unset({ step: { ...step, account: "nowhere" } });
      equal(flow.caught[0]?.error.code, "ACCOUNT_MISSING");
    });
  }

  it("names the field and the environment variable that is not set", async () => {
    const flow = await unset(
      { step: { ...steps.upload, bucket: "NO_SUCH_BUCKET", bucketType: "env" }, others: [aws] },
      { filename: "/x.mp4" },
    );
    equal(flow.caught[0]?.error.code, "VARIABLE_UNDEFINED");
    match(flow.caught[0]?.error.message ?? "", /"bucket".*NO_SUCH_BUCKET/);
  });

  it("finds an unset variable in a longer text", async () => {
    const step = {
      ...steps.select,
      access: "role",
      inputUri: "s3://${NO_SUCH_BUCKET}/videos/",
      inputUriType: "env",
      lightlyUri: "s3://b/l",
      region: "eu-central-1",
      roleArn: "arn:aws:iam::123456789012:role/x",
      externalId: "0123456789",
    };
    const flow = await unset({ step, others: [lightly], credentials: { lightly: { token: "t" } } });
    equal(flow.caught[0]?.error.code, "VARIABLE_UNDEFINED");
    match(flow.caught[0]?.error.message ?? "", /NO_SUCH_BUCKET/);
  });

  it("refuses an account field that still contains ${NAME}, because Node-RED found no such variable", async () => {
    const flow = await unset({ step: steps.start, others: [{ ...aws, region: "${NO_SUCH_REGION}" }] });
    equal(flow.caught[0]?.error.code, "VARIABLE_UNDEFINED");
    match(flow.caught[0]?.error.message ?? "", /NO_SUCH_REGION/);
  });

  it("refuses a field that still contains $(NAME), the older spelling of Node-RED", async () => {
    const step = { ...steps.upload, prefix: "$(NO_SUCH_PREFIX)", prefixType: "str" };
    const flow = await unset({ step, others: [aws] }, { filename: "/x.mp4" });
    equal(flow.caught[0]?.error.code, "VARIABLE_UNDEFINED");
    match(flow.caught[0]?.error.message ?? "", /"prefix".*NO_SUCH_PREFIX/);
  });

  it("says that the message has nothing to upload", async () => {
    const flow = await refused({ step: steps.upload, others: [aws] }, {});
    equal(flow.caught[0]?.error.code, "INPUT_INVALID");
    match(flow.caught[0]?.error.message ?? "", /"source".*missing/);
  });

  it("names a malformed instance id before any request to AWS", async () => {
    const flow = await refused({ step: { ...steps.start, instanceIds: "my-instance" }, others: [aws] });
    equal(flow.caught[0]?.error.code, "EC2_INSTANCE_INVALID");
    match(flow.caught[0]?.error.message ?? "", /my-instance/);
  });

  it("names the position of the fault in the selection's JSON", async () => {
    const step = {
      ...steps.select,
      amount: "json",
      selection: '{"strategies":[{"input":{"type":"EMBEDINGS"},"strategy":{"type":"DIVERSITY"}}]}',
      selectionType: "json",
    };
    const flow = await refused({ step, others: [lightly], credentials: { lightly: { token: "t" } } });
    equal(flow.caught[0]?.error.code, "LIGHTLY_SELECTION_INVALID");
    match(flow.caught[0]?.error.message ?? "", /strategies.*input.*type/);
  });

  it("says that the selection is not JSON", async () => {
    const flow = await refused({
      step: { ...steps.select, amount: "json", selection: "{nonsense", selectionType: "json" },
      others: [lightly],
      credentials: { lightly: { token: "t" } },
    });
    match(flow.caught[0]?.error.code ?? "", /INPUT_INVALID|LIGHTLY_SELECTION_INVALID/);
  });

  it("names the character that is not allowed in a dataset name", async () => {
    const flow = await refused({
      step: { ...steps.select, datasetName: "my/dataset" },
      others: [lightly],
      credentials: { lightly: { token: "t" } },
    });
    equal(flow.caught[0]?.error.code, "LIGHTLY_DATASET_NAME_INVALID");
    match(flow.caught[0]?.error.message ?? "", /\//);
  });

  it("refuses a number out of its range", async () => {
    const flow = await refused({
      step: { ...steps.select, proportion: "12" },
      others: [lightly],
      credentials: { lightly: { token: "t" } },
    });
    equal(flow.caught[0]?.error.code, "INPUT_INVALID");
    match(flow.caught[0]?.error.message ?? "", /"proportion" must be a number from 0.00001 to 1, but is "12"/);
  });

  it("describes a value without JSON: a circular reference, a BigInt, an object that throws", async () => {
    const { helper } = await import("../../support/flow.ts");
    const circle: Record<string, unknown> = { name: "loop" };
    circle.self = circle;
    const trap = { toJSON: () => assertNever(), toString: () => assertNever(), secret: "x".repeat(100_000) };
    const bare = Object.create(null) as object;
    for (const [proportion, shown] of [
      [circle, /but is <ref \*1> \{ name: 'loop'/],
      [10n, /but is 10\./],
      [trap, /but is \{/],
      [bare, /but is \[Object: null prototype\] \{\}\./],
      [Symbol("s"), /but is Symbol\(s\)\./],
      ["x".repeat(1000), /but is "x{56}\.\.\.\./],
    ] as const) {
      const flow = await refused(
        {
          step: { ...steps.select, proportion: "odd", proportionType: "msg" },
          others: [lightly],
          credentials: { lightly: { token: "t" } },
        },
        { odd: proportion },
      );
      equal(flow.caught[0]?.error.code, "INPUT_INVALID");
      match(flow.caught[0]?.error.message ?? "", shown);
      await helper.unload();
    }
  });

  it("refuses a list with items that are not strings", async () => {
    const flow = await refused(
      {
        step: { ...steps.select, runsOn: "odd", runsOnType: "msg" },
        others: [lightly],
        credentials: { lightly: { token: "t" } },
      },
      { odd: ["a", Object.create(null)] },
    );
    equal(flow.caught[0]?.error.code, "INPUT_INVALID");
    match(flow.caught[0]?.error.message ?? "", /strings and numbers only, but one of its items is of type object/);
  });

  it("is reported as a failure of the step if the message can't be read or changed", async () => {
    for (const name of ["runId", "_lightly", "abort", "retry", "parts"]) {
      const flow = await loadFlow({ step: { ...steps.stop, account: "" } });
      flow.receive(Object.defineProperty({ payload: name }, name, { get: () => assertNever() }));
      await flow.until(() => flow.caught.length > 0);
      const { helper } = await import("../../support/flow.ts");
      await helper.unload();
    }
    const flow = await loadFlow({ step: { ...steps.stop, account: "" } });
    flow.receive(Object.freeze({ payload: 1, _msgid: true }) as never);
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "ACCOUNT_MISSING");
  });

  // After the command or the scheduled run, the step would fail without canceling it.
  it("refuses an invalid time before it sends a command or schedules a run", async () => {
    const { helper } = await import("../../support/flow.ts");
    const nowhere = { ...aws, endpoint: "http://127.0.0.1:9", credentialSource: "keys" };
    const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
    const script = await refused({
      step: { ...steps.script, pollSeconds: "often" },
      others: [nowhere],
      credentials: { aws: keys },
    });
    match(script.caught[0]?.error.message ?? "", /"pollSeconds" must be a number/);
    await helper.unload();
    const select = await refused({
      step: { ...steps.select, timeoutHours: "long" },
      others: [lightly],
      credentials: { lightly: { token: "t" } },
    });
    match(select.caught[0]?.error.message ?? "", /"timeoutHours" must be a number/);
  });

  it("says which token is missing, and where to set it", async () => {
    const flow = await unset({ step: steps.select, others: [lightly] });
    equal(flow.caught[0]?.error.code, "LIGHTLY_TOKEN_MISSING");
    const other = await (async () => {
      const { helper } = await import("../../support/flow.ts");
      await helper.unload();
      return unset({ step: steps.download, others: [pexels] });
    })();
    equal(other.caught[0]?.error.code, "PEXELS_KEY_MISSING");
  });

  it("says that the account's access keys are blank", async () => {
    const flow = await unset({ step: steps.stop, others: [{ ...aws, credentialSource: "keys" }] });
    equal(flow.caught[0]?.error.code, "AWS_CREDENTIALS_MISSING");
  });

  // An unhandled rejection would end Node-RED.
  it("survives a message that Node-RED can't clone for Catch", async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): unknown => rejections.push(reason);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", note);
    const flow = await loadFlow({ step: { ...steps.stop, account: "" } });
    const nasty = Object.defineProperty({}, "broken", {
      enumerable: true,
      get: () => {
        throw new Error("can't be read");
      },
    });
    flow.receive({ nasty });
    await flow.until(() => flow.statuses.some(({ fill }) => fill === "red"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off("unhandledRejection", note);
    for (const listener of others) {
      process.on("unhandledRejection", listener);
    }
    deepEqual(rejections, []);
  });

  it("reports two simultaneous bad messages with one error each", async () => {
    const flow = await loadFlow({ step: { ...steps.stop, account: "" } });
    flow.receive({ payload: 1 });
    flow.receive({ payload: 2 });
    await flow.until(() => flow.caught.length === 2);
    deepEqual(
      flow.caught.map((msg) => msg.payload),
      [1, 2],
    );
  });
});

function assertNever(): never {
  throw new Error("can't be read");
}
