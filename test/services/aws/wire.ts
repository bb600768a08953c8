import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BatchClient } from "@aws-sdk/client-batch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";

/** A request of the SDK. */
export interface WireRequest {
  readonly operation: string;
  /** The form's fields (EC2), or those of the JSON body. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

/** A response. `fault` is applied to the connection instead. */
export type WireAnswer =
  | { readonly status?: number; readonly body: string }
  | { readonly fault: "reset" | "hang" | "cut" };

/** A server that responds according to the test, and records its requests. */
export interface WireServer {
  readonly endpoint: string;
  readonly requests: WireRequest[];
  /** The number of requests of an operation. */
  count(operation: string): number;
  answer: (request: WireRequest) => WireAnswer | Promise<WireAnswer>;
  close(): Promise<void>;
}

async function serve(parse: (message: IncomingMessage, body: string) => Pick<WireRequest, "operation" | "input">) {
  const requests: WireRequest[] = [];
  const server = http.createServer(async (message, response) => {
    let body = "";
    for await (const chunk of message) {
      body += chunk;
    }
    const request = { ...parse(message, body), message, response };
    requests.push(request);
    const answer = await wire.answer(request);
    if ("body" in answer) {
      response.writeHead(answer.status ?? 200, { "x-amzn-requestid": "request-1" }).end(answer.body);
    } else if (answer.fault === "reset") {
      message.socket.destroy();
    } else if (answer.fault === "cut") {
      response.writeHead(200, { "content-length": "1000" }).write('{"Comm', () => response.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const wire: WireServer = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    count: (operation) => requests.filter((request) => request.operation === operation).length,
    answer: () => ({ status: 400, body: "" }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return wire;
}

const CLIENT = {
  region: "eu-central-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI-EXAMPLE" },
};

/** An EC2 endpoint and an unmodified client for it. */
export async function serveEc2(): Promise<WireServer & { ec2: EC2Client }> {
  const wire = await serve((_message, body) => {
    const { Action = "", ...input } = Object.fromEntries(new URLSearchParams(body));
    return { operation: Action, input };
  });
  return Object.assign(wire, { ec2: new EC2Client({ ...CLIENT, endpoint: wire.endpoint }) });
}

/** An SSM endpoint, an unmodified client for it, and one that waits for a response only briefly. */
export async function serveSsm(): Promise<WireServer & { ssm: SSMClient; impatient: SSMClient }> {
  const wire = await serve((message, body) => ({
    operation: String(message.headers["x-amz-target"]).replace("AmazonSSM.", ""),
    input: JSON.parse(body) as Record<string, unknown>,
  }));
  const config = { ...CLIENT, endpoint: wire.endpoint };
  return Object.assign(wire, {
    ssm: new SSMClient(config),
    impatient: new SSMClient({ ...config, requestHandler: { socketTimeout: 300 } }),
  });
}

/** A Batch endpoint and an unmodified client for it. An operation is in lower case: `submitjob`. */
export async function serveBatch(): Promise<WireServer & { batch: BatchClient; newClient: () => BatchClient }> {
  const wire = await serve((message, body) => ({
    operation: String(message.url).replace("/v1/", ""),
    input: JSON.parse(body) as Record<string, unknown>,
  }));
  const newClient = (): BatchClient => new BatchClient({ ...CLIENT, endpoint: wire.endpoint });
  return Object.assign(wire, { batch: newClient(), newClient });
}

/** An endpoint of CloudWatch Logs and an unmodified client for it. */
export async function serveLogs(): Promise<WireServer & { logs: CloudWatchLogsClient }> {
  const wire = await serve((message, body) => ({
    operation: String(message.headers["x-amz-target"]).replace("Logs_20140328.", ""),
    input: JSON.parse(body) as Record<string, unknown>,
  }));
  return Object.assign(wire, { logs: new CloudWatchLogsClient({ ...CLIENT, endpoint: wire.endpoint }) });
}

/** The ids of an EC2 request's `InstanceId.1`, `InstanceId.2`, ... */
export function idsOf({ input }: WireRequest): string[] {
  return Object.entries(input).flatMap(([key, value]) => (/^InstanceId\.\d+$/.test(key) ? [String(value)] : []));
}

/** An EC2 error document. */
export function ec2Fault(code: string, message = code, status = 400): WireAnswer {
  return {
    status,
    body: `<?xml version="1.0"?><Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
  };
}

/** An instance in a response of DescribeInstances. */
export interface WireInstance {
  readonly id: string;
  readonly state: string;
  readonly reasonCode?: string;
  readonly transition?: string;
  readonly launched?: string;
  readonly name?: string;
}

const STATE_CODES: Readonly<Record<string, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** A response of DescribeInstances. */
export function ec2Instances(instances: readonly WireInstance[]): WireAnswer {
  const items = instances.map(
    ({ id, state, reasonCode, transition, launched, name }) => `<item><instancesSet><item>
      <instanceId>${id}</instanceId><instanceType>g4dn.xlarge</instanceType>
      <instanceState><code>${(STATE_CODES[state] ?? 0) + 256}</code><name>${state}</name></instanceState>
      ${transition ? `<reason>${transition}</reason>` : ""}
      ${reasonCode ? `<stateReason><code>${reasonCode}</code><message>${reasonCode}: it says why</message></stateReason>` : ""}
      ${launched ? `<launchTime>${launched}</launchTime>` : ""}
      ${name ? `<tagSet><item><key>Name</key><value>${name}</value></item></tagSet>` : ""}
    </item></instancesSet></item>`,
  );
  return {
    body: `<DescribeInstancesResponse><reservationSet>${items.join("")}</reservationSet></DescribeInstancesResponse>`,
  };
}

/** A response of StartInstances or StopInstances. */
export function ec2Accepted(): WireAnswer {
  return { body: "<Response><instancesSet/></Response>" };
}

/** A response of a service that speaks JSON. */
export function jsonAnswer(body: unknown): WireAnswer {
  return { body: JSON.stringify(body) };
}

/** An error of a service that speaks JSON. */
export function jsonFault(type: string, message = type, status = 400): WireAnswer {
  return { status, body: JSON.stringify({ __type: type, message }) };
}

/** A response of SSM. */
export function ssmAnswer(body: unknown): WireAnswer {
  return { body: JSON.stringify(body) };
}

/** An SSM error. */
export function ssmFault(type: string, message = type, status = 400): WireAnswer {
  return { status, body: JSON.stringify({ __type: type, message }) };
}
