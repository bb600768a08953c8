import { deepEqual, equal, ok } from "node:assert/strict";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { ODD_MESSAGE_FILES } from "./support/odd-message-node.ts";
import { CLEAN, useOwnFlow } from "./support/own-flow.ts";

/** The number of each test is its seed. */
const MESSAGES = 400;

/** All nodes with an input, with as many fields as possible read from the message. None of them reaches a service. */
const STEPS: readonly Record<string, unknown>[] = [
  {
    type: "lightly-s3-upload",
    account: "aws",
    source: "filename",
    sourceType: "msg",
    bucket: "bucket",
    bucketType: "msg",
  },
  { type: "lightly-ec2-start", account: "aws", select: "ids", instanceIds: "instanceIds", instanceIdsType: "msg" },
  { type: "lightly-ec2-stop", account: "aws", select: "ids", instanceIds: "instanceIds", instanceIdsType: "msg" },
  {
    ...{ type: "lightly-ssm-run-script", account: "aws", instanceIds: "instanceIds", instanceIdsType: "msg" },
    ...{ script: "script", scriptType: "msg" },
  },
  { type: "lightly-run", account: "lightly", datasetName: "datasetName", datasetNameType: "msg" },
  { type: "lightly-results", account: "lightly", datasetId: "payload", datasetIdType: "msg" },
  { type: "lightly-pexels-download", account: "pexels", pick: "popular" },
  { type: "lightly-run-status", runId: "runId", runIdType: "msg" },
];

describe("messages with random values", () => {
  const flow = useOwnFlow({
    nodes: () => [
      { id: "tab", type: "tab", label: "odd messages" },
      {
        id: "aws",
        type: "lightly-aws-account",
        region: "eu-central-1",
        endpoint: "http://127.0.0.1:9",
        credentialSource: "keys",
      },
      { id: "lightly", type: "lightly-account", apiUrl: "http://127.0.0.1:9" },
      { id: "pexels", type: "lightly-pexels-account", apiUrl: "http://127.0.0.1:9" },
      { id: "in", z: "tab", type: "http in", url: "/send", method: "post", wires: [["odd", "accepted"]] },
      { id: "accepted", z: "tab", type: "http response", wires: [] },
      { id: "odd", z: "tab", type: "odd-message", wires: STEPS.map((_, index) => [`step${index}`]) },
      ...STEPS.map((step, index) => ({
        id: `step${index}`,
        z: "tab",
        name: `step ${index}`,
        ...step,
        type: String(step.type),
        wires: [],
      })),
      { id: "oncatch", z: "tab", type: "catch", wires: [["caught"]] },
      {
        id: "oncomplete",
        z: "tab",
        type: "complete",
        scope: STEPS.map((_, index) => `step${index}`),
        wires: [["completed"]],
      },
      { id: "caught", z: "tab", type: "count-ends", name: "caught", wires: [] },
      { id: "completed", z: "tab", type: "count-ends", name: "completed", wires: [] },
    ],
    credentials: {
      aws: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      lightly: { token: "some-token" },
      pexels: { apiKey: "some-key" },
    },
    files: ODD_MESSAGE_FILES,
  });
  const json = async <T>(path: string): Promise<T> => (await (await fetch(`${flow.url}${path}`)).json()) as T;
  const ends = (): Promise<[number, string][]> => json("/test/ends");

  /** Node-RED can't copy some messages for Catch, such as one whose `error` has an own member `hasOwnProperty`. */
  const reduced = (): string[] =>
    flow.log.filter((line) => line.includes("Catch gets the message without its objects"));

  const steps = async (): Promise<StepRecord[]> =>
    (await json<RunRecord[]>("/lightly-aws/runs")).flatMap((run) => run.steps);
  /**
   * Some messages share a run, because they have the same id. A failure of one aborts the others, and reaches Catch for all of them. After
   * a stop or a selection, a parallel start is skipped.
   */
  const endedBySiblings = async (): Promise<StepRecord[]> =>
    (await steps()).filter(
      ({ state, error }) => state === "skipped" || (state === "aborted" && error?.details.cause === "sibling failed"),
    );
  /** If several stops of one run fail, only the first failure reaches Catch, because it is one incident. */
  const toldBefore = async (): Promise<number> =>
    (await json<RunRecord[]>("/lightly-aws/runs"))
      .map((run) => run.steps.filter(({ type, state }) => type === "lightly-ec2-stop" && state === "failed").length)
      .reduce((sum, failed) => sum + Math.max(0, failed - 1), 0);
  const logged = (): string => flow.log.join("\n").slice(-4000);

  it("end once each, and Node-RED keeps running, also after a restart", async () => {
    equal((await flow.post("/send", JSON.stringify({ from: 0, to: MESSAGES }))).status, 200);
    const ended = async (): Promise<number> =>
      (await ends()).length + (await endedBySiblings()).length + (await toldBefore());
    await until(async () => flow.isDead || (await ended()) >= MESSAGES).catch(() => undefined);
    // An uncaught exception ends the process.
    equal(flow.isDead, false, logged());
    const numbers = (await ends()).map(([n]) => n);
    equal(new Set(numbers).size, numbers.length, "none has ended twice");
    const missing = Array.from({ length: MESSAGES }, (_, number) => number).filter(
      (number) => !numbers.includes(number),
    );
    equal(await ended(), MESSAGES, `${missing.join()} ${logged()}`);
    ok(reduced().length > 0 && reduced().length < MESSAGES / 20, reduced().join("\n"));

    const all = await steps();
    ok(all.length > MESSAGES / 2);
    ok(all.every(({ stepId, state }) => stepId.length <= 220 && state !== "running"));
    const defects = all.filter(({ error }) => error?.code === "INTERNAL");
    deepEqual(
      defects.map(({ type, error }) => `${type}: ${error?.message}`),
      [],
    );
    deepEqual(await flow.pollution(), CLEAN);
    const troubles = flow.log.filter((line) => /uncaught|unhandled|journal/i.test(line));
    deepEqual(troubles, []);

    await flow.kill();
    await flow.start();
    deepEqual(await flow.pollution(), CLEAN);
    const setAside = (await flow.journal()).filter((name) => name.endsWith(".damaged"));
    deepEqual(setAside, []);
    equal(flow.isDead, false);
  });
});
