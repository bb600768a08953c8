import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** EC2 and SSM with any number of running instances, on which commands never end. */
export interface InstanceServices {
  readonly endpoint: string;
  /** The number of requests per operation so far. */
  readonly counts: Map<string, number>;
  close(): Promise<void>;
}

/** The members of SSM's requests that are used. */
interface SsmInput {
  readonly CommandId?: string;
  readonly Filters?: ReadonlyArray<{ readonly Values?: readonly string[]; readonly value?: string }>;
  readonly InstanceIds?: readonly string[];
  readonly NextToken?: string;
  readonly Parameters?: unknown;
}

const PAGE_SIZE = 50;

/**
 * Serves what runs on instances ask while they wait. The sandbox is no peer for that: it would need a process per instance and command.
 */
export async function serveInstances(): Promise<InstanceServices> {
  const counts = new Map<string, number>();
  const commands: Array<{ commandId: string; instanceId: string }> = [];
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const target = request.headers["x-amz-target"];
    const form = new URLSearchParams(body);
    const operation = target === undefined ? (form.get("Action") ?? "") : String(target).replace("AmazonSSM.", "");
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    response.end(target === undefined ? ec2(operation, form) : JSON.stringify(ssm(operation, JSON.parse(body))));
  });

  function ssm(operation: string, input: SsmInput): unknown {
    switch (operation) {
      case "DescribeInstanceInformation": {
        const ids = input.Filters?.[0]?.Values ?? [];
        const LastPingDateTime = Date.now() / 1000 + 60;
        return {
          InstanceInformationList: ids.map((InstanceId) => ({ InstanceId, PingStatus: "Online", LastPingDateTime })),
        };
      }
      case "SendCommand": {
        const instanceIds = input.InstanceIds ?? [];
        const commandId = randomUUID();
        // The commands of the auto-stop timer end at once.
        const isScript = !JSON.stringify(input.Parameters).includes("shutdown ");
        commands.push(...(isScript ? instanceIds.map((instanceId) => ({ commandId, instanceId })) : []));
        return { Command: { CommandId: commandId, InstanceIds: instanceIds, Status: "Pending" } };
      }
      case "ListCommandInvocations": {
        const at = Number(input.NextToken ?? 0);
        const page = input.Filters?.[0]?.value === "InProgress" ? commands.slice(at, at + PAGE_SIZE) : [];
        return {
          CommandInvocations: page.map(({ commandId, instanceId }) => ({
            ...{ CommandId: commandId, InstanceId: instanceId, Status: "InProgress", StatusDetails: "InProgress" },
          })),
          ...(page.length === PAGE_SIZE && { NextToken: String(at + PAGE_SIZE) }),
        };
      }
      case "GetCommandInvocation": {
        const isScript = commands.some(({ commandId }) => commandId === input.CommandId);
        const Status = isScript ? "InProgress" : "Success";
        return { ...input, Status, StatusDetails: Status, ResponseCode: isScript ? -1 : 0 };
      }
      default:
        return {};
    }
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function ec2(operation: string, form: URLSearchParams): string {
  if (operation !== "DescribeInstances") {
    return operation === "DescribeInstanceAttribute"
      ? "<DescribeInstanceAttributeResponse><instanceInitiatedShutdownBehavior><value>stop</value></instanceInitiatedShutdownBehavior></DescribeInstanceAttributeResponse>"
      : `<${operation}Response><instancesSet/></${operation}Response>`;
  }
  const ids = [...form].flatMap(([key, value]) => (/^InstanceId\.\d+$/.test(key) ? [value] : []));
  const items = ids.map(
    (id) =>
      `<item><instancesSet><item><instanceId>${id}</instanceId><instanceType>g4dn.xlarge</instanceType><instanceState><code>16</code><name>running</name></instanceState><launchTime>2026-01-01T00:00:00.000Z</launchTime><placement><availabilityZone>eu-central-1a</availabilityZone></placement></item></instancesSet></item>`,
  );
  return `<DescribeInstancesResponse><reservationSet>${items.join("")}</reservationSet></DescribeInstancesResponse>`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
  }
  return text;
}
