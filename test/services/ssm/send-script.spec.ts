import assert from "node:assert/strict";
import { SendCommandCommand } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { type SendScriptOptions, sendScript } from "../../../src/services/ssm/send-script.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { serveSsm, ssmAnswer, ssmFault, type WireAnswer, type WireRequest } from "../aws/wire.ts";

const ID = "i-0123456789abcdef0";
const COMMAND = "01234567-89ab-cdef-0123-456789abcdef";

describe("sendScript", () => {
  let wire: Awaited<ReturnType<typeof serveSsm>>;
  let clock: FakeClock;

  beforeEach(async () => {
    wire = await serveSsm();
    clock = new FakeClock();
  });

  afterEach(() => wire.close());

  const send = (more: Partial<SendScriptOptions> = {}) =>
    sendScript({
      ssm: wire.ssm,
      instanceIds: [ID],
      script: "/home/ubuntu/run.sh",
      executionTimeoutSeconds: 172_800,
      deliveryTimeoutSeconds: 600,
      signal: new AbortController().signal,
      clock,
      ...more,
    });

  /** SendCommand returns the next response (finally the last one), ListCommands the result of a function. */
  const script = (
    sends: WireAnswer[],
    list: (request: WireRequest) => WireAnswer = () => ssmAnswer({ Commands: [] }),
  ) => {
    wire.answer = (request) =>
      request.operation === "SendCommand"
        ? (sends[Math.min(wire.count("SendCommand"), sends.length) - 1] ?? ssmFault("NoAnswer"))
        : list(request);
  };
  const TAKEN = ssmAnswer({ Command: { CommandId: COMMAND, InstanceIds: [ID] } });

  /** A list with the sent command. */
  const listsIt = () =>
    ssmAnswer({
      Commands: [
        { CommandId: "another", Comment: "another one" },
        { CommandId: COMMAND, Comment: wire.requests[0]?.input.Comment },
      ],
    });

  it("requests the output in a log group, and refuses a name that CloudWatch does not accept", async () => {
    script([TAKEN]);
    await send({ logGroup: "/my/group-1.x_#" });
    assert.deepEqual(wire.requests[0]?.input.CloudWatchOutputConfig, {
      CloudWatchOutputEnabled: true,
      CloudWatchLogGroupName: "/my/group-1.x_#",
    });
    await send();
    assert.equal(wire.requests[1]?.input.CloudWatchOutputConfig, undefined);
    for (const logGroup of ["", "a group", "größe", "x".repeat(513)]) {
      await assert.rejects(send({ logGroup }), { code: "SSM_REQUEST_INVALID" }, logGroup);
    }
    assert.equal(wire.count("SendCommand"), 2);
  });

  it("sends lines with the line endings of Linux, for any text", async () => {
    script([TAKEN]);
    await send({ lines: ["set -e\r", "docker run 'a\r\nb' \r", "printf '10 %%\r20 %%'", "end\r\n"] });
    const parameters = wire.requests[0]?.input.Parameters as { commands: string[] } | undefined;
    assert.deepEqual(parameters?.commands, ["set -e", "docker run 'a\nb' ", "printf '10 %%\r20 %%'", "end\n"]);
  });

  it("always sends the limits of execution and delivery", async () => {
    script([TAKEN]);
    const sent = await send({
      args: ["a b"],
      environment: { A: "1" },
      workingDirectory: "/srv",
      comment: "run 7",
      marker: "marker-0001",
      output: { bucket: "logs", prefix: "a/b" },
    });
    assert.deepEqual(sent, { commandId: COMMAND, instanceIds: [ID] });
    const { Parameters, ...input } = (wire.requests[0]?.input ?? {}) as Record<string, Record<string, string[]>>;
    assert.deepEqual(input, {
      DocumentName: "AWS-RunShellScript",
      InstanceIds: [ID],
      TimeoutSeconds: 600,
      Comment: "run 7 [marker-0001]",
      OutputS3BucketName: "logs",
      OutputS3KeyPrefix: "a/b",
    });
    assert.deepEqual(Parameters?.executionTimeout, ["172800"]);
    assert.deepEqual(Parameters?.workingDirectory, ["/srv"]);
    assert.ok(Parameters?.commands?.includes("export A='1'"));
  });

  it("refuses limits that the agent would silently replace, before any request", async () => {
    for (const executionTimeoutSeconds of [0, 4, 172_801, 5.5, Number.NaN]) {
      await assert.rejects(send({ executionTimeoutSeconds }), { code: "SSM_REQUEST_INVALID" });
    }
    for (const deliveryTimeoutSeconds of [29, 2_592_001, Number.POSITIVE_INFINITY]) {
      await assert.rejects(send({ deliveryTimeoutSeconds }), { code: "SSM_REQUEST_INVALID" });
    }
    assert.equal(wire.requests.length, 0);
  });

  it("refuses invalid instances, directories and markers before any request", async () => {
    for (const wrong of [
      { instanceIds: [] },
      { instanceIds: ["web-1"] },
      { instanceIds: Array.from({ length: 51 }, (_, index) => `i-${index.toString(16).padStart(17, "0")}`) },
      { workingDirectory: "srv" },
      { workingDirectory: "/{{ssm:x}}" },
      { script: "run.sh" },
      { marker: "a b" },
    ]) {
      await assert.rejects(send(wrong), { code: "SSM_REQUEST_INVALID" }, JSON.stringify(wrong));
    }
    assert.equal(wire.requests.length, 0);
  });

  it("limits the comment to AWS's 100 characters, with the complete marker", async () => {
    script([TAKEN]);
    await send({ comment: "x".repeat(300) });
    const comment = String(wire.requests[0]?.input.Comment);
    assert.equal(comment.length, 100);
    assert.match(comment, / \[[0-9a-f-]{36}\]$/);
  });

  it("sends the command once, although the SDK by default sends it three times", async () => {
    script([{ fault: "reset" }]);
    await assert.rejects(
      wire.ssm.send(new SendCommandCommand({ DocumentName: "AWS-RunShellScript", InstanceIds: [ID] })),
    );
    assert.equal(wire.count("SendCommand"), 3);
  });

  for (const [what, answer] of [
    ["the connection is reset", { fault: "reset" }],
    ["the response never comes", { fault: "hang" }],
    ["the response breaks off", { fault: "cut" }],
    ["the server fails", ssmFault("InternalServerError", "oops", 500)],
    ["a proxy answers 502", { status: 502, body: "<html>bad gateway</html>" }],
    ["the response is no JSON", { body: "<html>" }],
    ["the response holds no command id", ssmAnswer({})],
  ] as const) {
    const client = () => ({ ssm: "fault" in answer && answer.fault === "hang" ? wire.impatient : wire.ssm });

    it(`sends only once, and finds the command by its marker, when ${what}`, async () => {
      script([answer, TAKEN], listsIt);
      assert.deepEqual(await send(client()), { commandId: COMMAND, instanceIds: [ID] });
      assert.equal(wire.count("SendCommand"), 1);
      assert.equal(wire.requests[1]?.input.InstanceId, ID);
    });

    it(`reports uncertainty when ${what} and the command is not listed`, async () => {
      script([answer, TAKEN]);
      await assert.rejects(send({ ...client(), marker: "marker-0001" }), (error: PipelineError) => {
        assert.equal(error.code, "SSM_SEND_UNCERTAIN");
        assert.equal(error.retryable, false);
        assert.match(error.message, /marker-0001/);
        return true;
      });
      assert.equal(wire.count("SendCommand"), 1);
      assert.ok(wire.count("ListCommands") > 2);
    });
  }

  it("waits for a command that is listed late", async () => {
    script([{ fault: "reset" }], () => (wire.count("ListCommands") < 4 ? ssmAnswer({ Commands: [] }) : listsIt()));
    assert.equal((await send()).commandId, COMMAND);
  });

  it("reads every page of the list", async () => {
    script([{ fault: "reset" }], ({ input }) =>
      input.NextToken === "page-2" ? listsIt() : ssmAnswer({ Commands: [], NextToken: "page-2" }),
    );
    assert.equal((await send()).commandId, COMMAND);
  });

  it("reports uncertainty without permission to list, and names the missing permission", async () => {
    script([{ fault: "reset" }], () => ssmFault("AccessDeniedException"));
    await assert.rejects(send(), { code: "SSM_SEND_UNCERTAIN", message: /ssm:ListCommands/ });
  });

  it("repeats a throttled request, because it was not processed", async () => {
    script([ssmFault("ThrottlingException"), TAKEN]);
    assert.equal((await send()).commandId, COMMAND);
    assert.equal(wire.count("SendCommand"), 2);
    assert.equal(wire.count("ListCommands"), 0);
  });

  it("reports a host that did not accept the connection as unreachable, and not as uncertain", async () => {
    await wire.close();
    await assert.rejects(send(), { code: "AWS_UNREACHABLE" });
    wire = await serveSsm();
  });

  it("retries for some time if SSM does not accept the instance yet", async () => {
    script([ssmFault("InvalidInstanceId"), ssmFault("InvalidInstanceId"), TAKEN]);
    assert.equal((await send()).commandId, COMMAND);
    assert.deepEqual(clock.slept, [1000, 2000]);
  });

  it("fails if SSM refuses an instance for a minute, and says what to check", async () => {
    script([ssmFault("InvalidInstanceId", "Instances [[i-0123456789abcdef0]] not in a valid state for account 1")]);
    await assert.rejects(send(), { code: "SSM_NOT_ONLINE", message: /AmazonSSMManagedInstanceCore/ });
    assert.equal(
      clock.slept.reduce((sum, ms) => sum + ms, 0),
      60_000,
    );
  });

  for (const [type, code] of [
    ["AccessDeniedException", "SSM_ACCESS_DENIED"],
    ["InvalidDocument", "SSM_REQUEST_INVALID"],
    ["InvalidParameters", "SSM_REQUEST_INVALID"],
    ["InvalidOutputFolder", "SSM_REQUEST_INVALID"],
    ["UnsupportedPlatformType", "SSM_REQUEST_INVALID"],
    ["ExpiredTokenException", "AWS_CREDENTIALS_EXPIRED"],
    ["UnrecognizedClientException", "AWS_CREDENTIALS_INVALID"],
    ["SomethingNew", "AWS_REQUEST_REFUSED"],
  ] as const) {
    it(`fails immediately with ${code} for ${type}`, async () => {
      script([ssmFault(type)]);
      await assert.rejects(send(), { code });
      assert.equal(wire.requests.length, 1);
      assert.deepEqual(clock.slept, []);
    });
  }

  it("names both resources of SendCommand if the permission is missing", async () => {
    script([
      ssmFault("AccessDeniedException", "User: arn:x is not authorized to perform: ssm:SendCommand on resource: y"),
    ]);
    await assert.rejects(send(), { message: /Allow ssm:SendCommand on both the instance and the document/ });
  });

  it("quotes AWS when it names the policy that denies the command", async () => {
    const text =
      "User: arn:aws:iam::123456789012:user/x is not authorized to perform: ssm:SendCommand on resource: arn:aws:ssm:eu-central-1::document/AWS-RunShellScript with an explicit deny in a permissions boundary";
    script([ssmFault("AccessDeniedException", text)]);
    await assert.rejects(send(), (error: Error) => {
      assert.ok(error.message.includes(text), error.message);
      assert.match(error.message, /change the permissions boundary of these credentials/);
      return true;
    });
  });

  it("sends nothing if the step was aborted before", async () => {
    await assert.rejects(send({ signal: AbortSignal.abort("another step failed") }), { code: "ABORTED" });
    assert.equal(wire.requests.length, 0);
  });

  it("never loses the id of a command in flight when the step is aborted", async () => {
    const abort = new AbortController();
    wire.answer = () => {
      abort.abort("another step failed");
      return TAKEN;
    };
    assert.equal((await send({ signal: abort.signal })).commandId, COMMAND);
  });

  it("rejects with ABORTED for an abort before a retry", async () => {
    const abort = new AbortController();
    clock.alarm(500, () => abort.abort("another step failed"));
    script([ssmFault("InvalidInstanceId")]);
    await assert.rejects(
      send({ signal: abort.signal }),
      (error) => error instanceof PipelineError && error.isAbort && /another step failed/.test(error.message),
    );
  });
});
