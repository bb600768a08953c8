import { equal, match, ok } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { SsmResult } from "../../../src/nodes/lightly-ssm-run-script/ssm-result.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { HANG_MS } from "../../support/limits.ts";
import { loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

const ID = "i-0123456789abcdef0";
const worker = {
  type: "lightly-ssm-run-script",
  account: "aws",
  instanceIds: "ec2.instanceIds",
  instanceIdsType: "msg",
  args: "[]",
  argsType: "json",
  waitFor: "ended",
  pollSeconds: "0.02",
  mode: "worker",
  image: "lightly/worker:latest",
  gpus: "all",
  sharedMemoryMib: "1024",
  workerId: "worker",
  workerIdType: "msg",
  tokenFrom: "parameter",
  tokenName: "/lightly/token",
  tokenNameType: "str",
};

describe("the lightly-ssm-run-script node that starts the Lightly Worker", () => {
  useNodeRed();
  const local = useSandbox();

  before(async () => {
    const { region, credentials, endpoints } = local.sandbox;
    const client = { region, credentials, endpoint: endpoints.aws };
    await startInstances({
      ec2: new EC2Client(client),
      ssm: new SSMClient(client),
      select: { ids: [ID] },
      capacityTimeoutMs: 0,
      timeoutMs: HANG_MS,
      pollMs: 20,
      signal: new AbortController().signal,
    });
  });

  async function run(options: typeof worker): Promise<TestFlow> {
    const flow = await loadFlow({ step: options, outputs: 2, ...local.accounts });
    flow.receive({ ec2: { instanceIds: [ID] }, worker: "" });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  }

  for (const [tokenFrom, place] of [
    ["parameter", "Parameter Store"],
    ["secret", "Secrets Manager"],
  ] as const) {
    it(`gets the token from ${place}, and no command contains it`, async () => {
      const { endpoints, token } = local.sandbox;
      const api = async <T>(method: string, path: string, body?: object): Promise<T> =>
        (await (
          await fetch(`${endpoints.lightly}${path}?token=${token}`, {
            method,
            headers: { "content-type": "application/json" },
            ...(body && { body: JSON.stringify(body) }),
          })
        ).json()) as T;
      const name = `of ${tokenFrom}`;
      const { id } = await api<{ id: string }>("POST", "/v1/docker/worker", { name, workerType: "FULL" });
      const flow = await loadFlow({
        step: { ...worker, waitFor: "running", tokenFrom },
        outputs: 2,
        ...local.accounts,
      });
      flow.receive({ ec2: { instanceIds: [ID] }, worker: id, runId: name });
      await flow.until(() => (flow.sent[0]?.length ?? 0) > 0);
      await until(async () => (await api<{ state: string }>("GET", `/v1/docker/worker/${id}`)).state === "IDLE");
      await runs.abort(name, "it was seen running.");
      await flow.until(() => flow.statuses.at(-1)?.fill === "grey");
      const commands = join(local.sandbox.instanceDir, "var/lib/amazon/ssm");
      const written = await readdir(commands, { recursive: true, withFileTypes: true });
      for (const file of written.filter((entry) => entry.isFile())) {
        ok(!(await readFile(join(file.parentPath, file.name), "utf8")).includes(token), file.name);
      }
    });
  }

  it("reports that the instance can't read the token", async () => {
    const flow = await run({ ...worker, tokenName: "/prod/other" });
    equal(flow.caught[0]?.error.code, "SSM_COMMAND_FAILED");
    match(flow.caught[0]?.error.message ?? "", /the Lightly Worker \(lightly\/worker:latest\) on instance .*78/s);
    match(result<SsmResult>(flow, "ssm", 1).stderr, /ParameterNotFound[\s\S]*ssm:GetParameter/);
  });

  it("refuses invalid parts of a command before anything is sent", async () => {
    const flow = await run({ ...worker, image: "a b" });
    equal(flow.caught[0]?.error.code, "SSM_REQUEST_INVALID");
    match(flow.caught[0]?.error.message ?? "", /"image" must look like lightly\/worker:latest, but is "a b"/);
  });
});
