import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  GetCommandInvocationCommand,
  type GetCommandInvocationResult,
  SendCommandCommand,
  type SendCommandRequest,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/start-sandbox.ts";

/** Short enough for tests, long enough to be observed. */
export const QUICK = { startMs: 30, onlineMs: 30, stopMs: 50, deliveryMs: 30, workerPollMs: 20 } as const;

/** A sandbox for one test file, with real SDK clients. */
export interface Running {
  readonly sandbox: Sandbox;
  readonly stateDir: string;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  readonly id: string;
  instance(): Promise<Instance>;
  /** Starts the instance if necessary, and waits until its agent is online. */
  boot(): Promise<void>;
  /** Stops the instance and waits until it has stopped. */
  halt(): Promise<void>;
  /** Sends a script; resolves with the command's id. */
  send(script: string, request?: Partial<SendCommandRequest>): Promise<string>;
  /** The invocation, `undefined` while the service does not know it. */
  look(commandId: string): Promise<GetCommandInvocationResult | undefined>;
  /** Sends a script and waits for its end. */
  run(script: string, request?: Partial<SendCommandRequest>): Promise<GetCommandInvocationResult>;
  ended(commandId: string): Promise<GetCommandInvocationResult>;
  /** One request to the control API. */
  control(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

export async function startRunning(options: Partial<SandboxOptions> = {}): Promise<Running> {
  const stateDir = options.stateDir ?? temporaryFolder();
  const videosDir = join(stateDir, "videos");
  mkdirSync(videosDir, { recursive: true });
  const sandbox = await startSandbox({
    videosDir,
    worker: "instant",
    ...options,
    stateDir,
    delays: { ...QUICK, ...options.delays },
  });
  const { region, credentials } = sandbox;
  const config = { region, credentials, endpoint: sandbox.endpoints.aws, maxAttempts: 1 };
  const ec2 = new EC2Client(config);
  const ssm = new SSMClient(config);
  const id = sandbox.instanceId;
  const ids = { InstanceIds: [id] };
  const running: Running = {
    sandbox,
    stateDir,
    ec2,
    ssm,
    id,
    async instance() {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand(ids));
      const found = Reservations?.[0]?.Instances?.[0];
      if (found === undefined) {
        throw new Error("The instance is not described.");
      }
      return found;
    },
    async boot() {
      await ec2.send(new StartInstancesCommand(ids));
      await eventually("the agent to be online", async () => {
        const { body } = await running.control("GET", "state");
        return (body.instances as Array<{ onlineSince?: number }>)[0]?.onlineSince;
      });
    },
    async halt() {
      await ec2.send(new StopInstancesCommand(ids));
      await eventually("the instance to stop", async () => (await running.instance()).State?.Name === "stopped");
    },
    async send(script, request = {}) {
      const { Parameters, ...rest } = request;
      const { Command } = await ssm.send(
        new SendCommandCommand({
          ...ids,
          DocumentName: "AWS-RunShellScript",
          Parameters: { commands: script.split("\n"), ...Parameters },
          ...rest,
        }),
      );
      return Command?.CommandId ?? "";
    },
    async look(commandId) {
      try {
        return await ssm.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: id }));
      } catch (error) {
        if ((error as Error).name === "InvocationDoesNotExist") {
          return undefined;
        }
        throw error;
      }
    },
    async run(script, request) {
      return await running.ended(await running.send(script, request));
    },
    ended: (commandId) =>
      eventually("the command to end", async () => {
        const invocation = await running.look(commandId);
        return /^(?:Success|Failed|TimedOut|Cancelled)$/.test(invocation?.Status ?? "") ? invocation : undefined;
      }),
    async control(method, path, body) {
      const answer = await fetch(`${sandbox.endpoints.aws}/_sandbox/${path}`, {
        method,
        headers: { "x-sandbox-control": "yes" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async close() {
      ec2.destroy();
      ssm.destroy();
      await sandbox.close();
    },
  };
  return running;
}

/** Polls until there is a value. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 90_000,
): Promise<T> {
  for (const limit = Date.now() + limitMs; Date.now() < limit; ) {
    const seen = await look();
    if (seen !== undefined && seen !== false) {
      return seen;
    }
    await sleep(5);
  }
  throw new Error(`Waited ${limitMs} ms in vain for ${what}.`);
}

/** Whether a process is running. A zombie is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The error's name, for `assert.rejects`. */
export function named(name: string, pattern?: RegExp): (error: Error) => boolean {
  return (error) => {
    if (error.name !== name || (pattern !== undefined && !pattern.test(error.message))) {
      throw new Error(`Expected ${name} ${pattern ?? ""}, got ${error.name}: ${error.message}`);
    }
    return true;
  };
}

/** The number in a file of one line. A shell creates the file before it writes to it, so the line must be complete. */
export function numberIn(file: string): number | false {
  const line = existsSync(file) ? readFileSync(file, "utf8") : "";
  return line.endsWith("\n") && Number(line);
}
