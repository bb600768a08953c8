import { deepEqual, equal, match } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FaultService } from "lightly-aws-sandbox";
import { commandRun } from "../../scripts/local/run-command.ts";
import { until } from "../nodes/support/until.ts";
import { buttonsOf, isDone } from "./support/buttons.ts";
import { usePipeline } from "./support/pipeline.ts";
import type { FlowNode } from "./support/restarts.ts";
import { untilLogged } from "./support/until-logged.ts";

interface Alert {
  readonly text: string;
  readonly level: string;
  readonly code: string;
  readonly step: string;
  readonly runId: string;
}

/** A failure, and the alert about it. */
const KINDS: ReadonlyArray<readonly [string, FaultService, string, number, string, string, RegExp]> = [
  ["EC2 denies the start", "ec2", "StartInstances", 403, "UnauthorizedOperation", "EC2_ACCESS_DENIED", /permissions/],
  [
    "the account's quota is used up",
    "ec2",
    "StartInstances",
    400,
    "VcpuLimitExceeded",
    "EC2_QUOTA_EXCEEDED",
    /AWS had no free capacity/,
  ],
  [
    "SSM knows no such document",
    "ssm",
    "SendCommand",
    400,
    "InvalidDocument",
    "SSM_REQUEST_INVALID",
    /The message says what to do/,
  ],
];

describe("the example with failure alerts", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "alerts.json" });
  const buttons = buttonsOf(pipeline);
  const posted: Alert[] = [];
  let webhook: Server;
  let answer = 200;

  before(async () => {
    webhook = createServer(async (request, response) => {
      const alert = JSON.parse(Buffer.concat(await request.toArray()).toString());
      posted.push(alert);
      response.writeHead(answer).end();
    }).listen(0, "127.0.0.1");
    await once(webhook, "listening");
  });
  beforeEach(() => {
    posted.length = 0;
    answer = 200;
  });
  after(() => void webhook.close());

  const fault = (service: FaultService, operation: string, status: number, code: string): void =>
    void pipeline.stack.sandbox.faults.add({ service, operation, kind: "status", status, code });
  const run = () => buttons.runOf(() => buttons.press("run the pipeline"), isDone);
  const alerts = async (count: number): Promise<Alert[]> => {
    await until(() => posted.length >= count);
    return posted;
  };

  it("sends nothing if no address is set, but shows the alert", async () => {
    fault("ec2", "StartInstances", 403, "UnauthorizedOperation");
    const { error } = await run();
    equal(error?.code, "EC2_ACCESS_DENIED");
    deepEqual(posted, []);
    equal(
      pipeline.log.some((line) => line.includes("the alert was not sent")),
      false,
    );
    const { port } = webhook.address() as AddressInfo;
    await buttons.deploy((node) => withAddress(node, `http://127.0.0.1:${port}/alert`));
  });

  for (const [what, service, operation, status, fails, code, advice] of KINDS) {
    it(`sends one alert that says what to do when ${what}`, async () => {
      fault(service, operation, status, fails);
      const { runId } = await run();
      const [alert, ...others] = await alerts(1);
      deepEqual([alert?.code, alert?.runId, others], [code, runId, []]);
      match(alert?.text ?? "", advice);
      match(alert?.text ?? "", new RegExp(`\\[${code}, run ${runId}\\]$`));
      equal(await pipeline.instance(), "stopped");
    });
  }

  it("reports a selection that did not complete, although there is no error", async () => {
    pipeline.stack.sandbox.faults.workerCrash = true;
    await run();
    const [alert] = await alerts(1);
    match(alert?.code ?? "", /^LIGHTLY_RUN_(CRASHED|FAILED)$/);
    equal(await pipeline.instance(), "stopped");
  });

  it("sends no alert for an aborted or completed run", async () => {
    pipeline.stack.sandbox.faults.runNeverEnds = true;
    const { runId } = await buttons.runOf(
      () => buttons.press("run the pipeline"),
      ({ steps }) => steps.some(({ progress }) => progress?.state === "InProgress"),
    );
    await commandRun(pipeline.stack.nodeRed.url, runId, "abort");
    equal((await buttons.untilRun(runId, isDone)).state, "aborted");
    pipeline.stack.sandbox.faults.clear();
    equal((await run()).state, "completed");
    deepEqual(posted, []);
  });

  it("sends an urgent alert if the instance could not be stopped, and logs it if the alert can't be sent", async () => {
    answer = 500;
    const limited = (timeoutMinutes: string) => (node: FlowNode) =>
      node.type === "lightly-ec2-stop" ? { ...node, timeoutMinutes } : node;
    await buttons.deploy(limited("0.1"));
    fault("ec2", "StopInstances", 400, "OperationNotPermitted");
    await run();
    const [alert] = await alerts(1);
    deepEqual([alert?.level, alert?.code], ["alarm", "EC2_STOP_PROTECTED"]);
    match(alert?.text ?? "", /^ALARM: THE INSTANCE i-\w+ MAY STILL RUN AND COST MONEY\. Stop it/);
    await untilLogged(pipeline.log, /the instance may still run!/);
    await until(() => pipeline.log.some((line) => line.includes("webhook refused the alert] 500")));
    pipeline.stack.sandbox.faults.clear();
    await buttons.deploy(limited("15"));
    await run();
    equal(await pipeline.instance(), "stopped");
  });
});

function withAddress(node: FlowNode, value: string): FlowNode {
  const env = (node.env ?? []) as Array<{ name: string }>;
  return node.type === "tab"
    ? { ...node, env: env.map((one) => (one.name === "ALERT_URL" ? { name: "ALERT_URL", type: "str", value } : one)) }
    : node;
}
