import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { Agent, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import type { Bench, Benchmark, Figure } from "./benchmark.ts";
import { type MeasuredNodeRed, startMeasured } from "./measured-node-red.ts";
import { watchMemory } from "./process-memory.ts";
import { discardingStore, makeCertificates, startServer } from "./transfers/servers.ts";

const REPETITIONS = 3;
const GIB = 2 ** 30;
const SETTLES_WITHIN_MS = 1000;
const GOAL_MIB = 64;
const OTHER_MESSAGES = 20_000;
const OTHER_MESSAGES_AT_ONCE = 8;

/** The state of a Node-RED before the upload. */
interface Condition {
  readonly suffix: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The number of other messages that it has handled. */
  readonly messages?: number;
}

/**
 * V8 lets the memory for new objects grow to 48 MiB in a process that works for a while, whatever it works on. In a Node-RED that has handled
 * other messages it has grown already; limited, it can't grow.
 */
const CONDITIONS: readonly Condition[] = [
  { suffix: "" },
  { suffix: `, after ${OTHER_MESSAGES.toLocaleString("en-US")} other messages`, messages: OTHER_MESSAGES },
  { suffix: ", new objects limited", environment: { NODE_OPTIONS: "--max-semi-space-size=1" } },
];

export const transferMemory: Benchmark = {
  name: "transfer-memory",
  title: "growth of Node-RED's memory by an upload from a URL to S3, TLS on both sides",
  measure: (bench) => measure(bench, [1, 5], REPETITIONS),
};

/** Only when it is named: it takes some minutes. */
export const largeTransfer: Benchmark = {
  name: "large-transfer",
  title: "50 GiB from a URL to S3 by Node-RED, TLS on both sides",
  isNamedOnly: true,
  measure: (bench) => measure(bench, [50], 1),
};

async function measure(bench: Bench, sizes: readonly number[], repetitions: number): Promise<Figure[]> {
  const certificates = await makeCertificates(bench);
  const store = await discardingStore(bench, certificates);
  const source = await startServer(bench, "byte-server.ts", certificates);
  // Downloads from this machine must be allowed, and the byte server is on it.
  const environment = { ...store, LIGHTLY_AWS_ALLOWED_HOSTS: new URL(source).host };
  const figures: Figure[] = [];
  const cases = sizes.flatMap((gib) => CONDITIONS.map((condition) => ({ gib, ...condition })));
  for (const { gib, suffix, environment: further, messages = 0 } of cases) {
    const growth: number[] = [];
    const rates: number[] = [];
    for (let round = 1; round <= repetitions; round += 1) {
      bench.say(`${gib} GiB${suffix}, round ${round} of ${repetitions}`);
      // In a new Node-RED each time, so that the memory of an earlier upload is not measured.
      const nodeRed = await startNodeRed(bench, { ...environment, ...further });
      await handleMessages(bench, nodeRed, messages);
      const uploaded = await upload(bench, nodeRed, `${source}/${gib * GIB}.bin`);
      await nodeRed.close();
      growth.push(uploaded.growthMib);
      rates.push((gib * 1024) / uploaded.seconds);
    }
    figures.push(
      { name: `growth by ${gib} GiB, peak${suffix}`, unit: "MiB", values: growth, goal: { most: GOAL_MIB } },
      { name: `rate of ${gib} GiB${suffix}`, unit: "MiB/s", values: rates },
    );
  }
  return figures;
}

async function startNodeRed(bench: Bench, environment: Readonly<Record<string, string>>): Promise<MeasuredNodeRed> {
  const flow = join(bench.folder, "flow.json");
  await writeFile(flow, JSON.stringify(FLOW));
  return await startMeasured(bench, { name: "node-red", flow, environment });
}

/** Sends messages to a part of the flow that has nothing to do with uploads. */
async function handleMessages({ signal }: Bench, { url }: MeasuredNodeRed, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: OTHER_MESSAGES_AT_ONCE });
  const body = { readings: Array.from({ length: 100 }, (_, number) => ({ number, value: number / 7 })) };
  let left = count;
  const sendAll = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { isOk, reply } = await post(`${url}/other`, body, { signal, agent });
      if (!isOk) {
        throw new Error(`Node-RED did not handle a message: ${reply}`);
      }
    }
  };
  await Promise.all(Array.from({ length: OTHER_MESSAGES_AT_ONCE }, sendAll));
  agent.destroy();
}

async function upload(bench: Bench, { url, start }: MeasuredNodeRed, source: string) {
  await pause(SETTLES_WITHIN_MS, undefined, { signal: bench.signal });
  const peakGrowth = await watchMemory(start.pid);
  const startedAt = performance.now();
  const { isOk, reply } = await post(`${url}/upload`, { url: source }, { signal: bench.signal });
  const seconds = (performance.now() - startedAt) / 1000;
  const growthMib = await peakGrowth();
  if (!isOk) {
    throw new Error(`The upload failed: ${reply}`);
  }
  return { growthMib, seconds };
}

/** Not by fetch, which waits for a response for five minutes only. */
async function post(
  url: string,
  body: object,
  options: { readonly signal: AbortSignal; readonly agent?: Agent },
): Promise<{ isOk: boolean; reply: string }> {
  const sent = request(url, { method: "POST", headers: { "content-type": "application/json" }, ...options });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { isOk: response.statusCode === 200, reply: await text(response) };
}

const FLOW = [
  { id: "tab", type: "tab", label: "upload" },
  { id: "aws", type: "lightly-aws-account", credentialSource: "chain" },
  { id: "in", type: "http in", z: "tab", url: "/upload", method: "post", wires: [["upload"]] },
  {
    ...{ id: "upload", type: "lightly-s3-upload", z: "tab", account: "aws", wires: [["out"]] },
    ...{
      sourceKind: "url",
      source: "payload.url",
      sourceType: "msg",
      bucket: "PIPELINE_INPUT_BUCKET",
      bucketType: "env",
    },
    ...{ prefix: "bench", prefixType: "str", key: "", keyType: "str", ifExists: "refuse", maxSizeGib: "100" },
  },
  { id: "other", type: "http in", z: "tab", url: "/other", method: "post", wires: [["count"]] },
  {
    ...{ id: "count", type: "change", z: "tab", wires: [["out"]] },
    rules: [{ t: "set", p: "payload", pt: "msg", to: "$sum(payload.readings.value)", tot: "jsonata" }],
  },
  { id: "caught", type: "catch", z: "tab", scope: ["upload"], wires: [["failed"]] },
  {
    ...{ id: "failed", type: "change", z: "tab", wires: [["out"]] },
    rules: [
      { t: "set", p: "payload", pt: "msg", to: "error.message", tot: "msg" },
      { t: "set", p: "statusCode", pt: "msg", to: "500", tot: "num" },
    ],
  },
  { id: "out", type: "http response", z: "tab", wires: [] },
];
